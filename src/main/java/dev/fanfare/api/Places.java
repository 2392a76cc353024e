package dev.fanfare.api;

import java.util.HashMap;
import java.util.Map;

/// How many streams of one kind run on this node at a time, of each app and of all. Any thread.
final class Places {
  private final int ofApp;
  private final int ofAll;
  private final Map<Integer, Integer> taken = new HashMap<>();
  private int all;

  Places(int ofApp, int ofAll) {
    this.ofApp = ofApp;
    this.ofAll = ofAll;
  }

  /// Takes a place; false when there is none.
  synchronized boolean take(int app) {
    int apps = taken.getOrDefault(app, 0);
    if (apps == ofApp || all == ofAll) {
      return false;
    }
    taken.put(app, apps + 1);
    all++;
    return true;
  }

  synchronized void leave(int app) {
    taken.computeIfPresent(app, (_, count) -> count == 1 ? null : count - 1);
    all--;
  }
}
