package dev.fanfare.client;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a device remembers: its position, the ids that it has heard, and whose they are. Owned by
/// the device's thread; the position is read by any.
final class Seen {
  private static final int MOST_IDS = 1_000;

  private final Set<String> ids = new LinkedHashSet<>();
  private volatile @Nullable String position;
  private String member = "";

  void restore(Progress progress) {
    position = progress.position();
    member = progress.member();
    progress.ids().forEach(this::isNew);
  }

  @Nullable String position() {
    return position;
  }

  void moveTo(String newPosition) {
    position = newPosition;
  }

  String member() {
    return member;
  }

  /// Takes the member that the server greeted.
  ///
  /// @return whether what is remembered is that member's
  boolean belongsTo(String greeted) {
    if (!member.isEmpty() && !member.equals(greeted)) {
      return false;
    }
    member = greeted;
    return true;
  }

  /// Whether a broadcast comes for the first time, as far as is remembered.
  boolean isNew(String id) {
    boolean added = ids.add(id);
    if (ids.size() > MOST_IDS) {
      Iterator<String> oldest = ids.iterator();
      oldest.next();
      oldest.remove();
    }
    return added;
  }

  Progress progress(String at) {
    return new Progress(at, member, ids);
  }
}
