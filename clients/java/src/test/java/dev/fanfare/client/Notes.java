package dev.fanfare.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A listener that notes what it is told. Any thread.
final class Notes implements DeviceListener {
  private final List<Broadcast> broadcasts = new ArrayList<>();
  private final List<String> others = new ArrayList<>();
  private final List<DeviceState> states = new ArrayList<>();

  @Override
  public synchronized void onBroadcast(Broadcast broadcast) {
    broadcasts.add(broadcast);
    notifyAll();
  }

  @Override
  public synchronized void onRecall(String id) {
    others.add("recall " + id);
  }

  @Override
  public synchronized void onGap(String from) {
    others.add("gap " + from);
  }

  @Override
  public synchronized void onState(DeviceState state) {
    states.add(state);
    notifyAll();
  }

  @Override
  public synchronized void onError(Throwable error) {
    others.add("error " + error.getMessage());
  }

  synchronized List<String> ids() {
    return broadcasts.stream().map(Broadcast::id).toList();
  }

  synchronized List<Broadcast> broadcasts() {
    return List.copyOf(broadcasts);
  }

  synchronized List<String> others() {
    return List.copyOf(others);
  }

  synchronized List<DeviceState> states() {
    return List.copyOf(states);
  }

  /// The first state of a kind, once it was told.
  synchronized DeviceState await(DeviceState.Kind kind) throws InterruptedException {
    DeviceState found = first(state -> state.kind() == kind);
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (found == null) {
      wait(100);
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never " + kind + ": " + states);
      }
      found = first(state -> state.kind() == kind);
    }
    return found;
  }

  private @Nullable DeviceState first(Predicate<DeviceState> wanted) {
    return states.stream().filter(wanted).findFirst().orElse(null);
  }

  /// Waits until so many broadcasts were heard.
  synchronized void awaitBroadcasts(int count) throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (broadcasts.size() < count) {
      wait(100);
      if (System.nanoTime() > deadline) {
        throw new AssertionError("heard " + ids());
      }
    }
  }
}
