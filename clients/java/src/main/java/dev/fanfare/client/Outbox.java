package dev.fanfare.client;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a device has to say: one acknowledgement, which covers all before it, and reads. Five
/// messages a second; the server takes twenty. Any thread.
final class Outbox {
  static final int MOST_READS = 1_000;
  private static final long EVERY_MILLIS = 200;

  /// A connection can be dead for this long before anybody notices; reads sent on it are repeated.
  private static final long REPEAT_MILLIS = 90_000;

  private final Set<String> reads = new LinkedHashSet<>();
  private final Map<String, Long> readAt = new LinkedHashMap<>();
  private @Nullable String acknowledgement;
  private long sentMillis = -EVERY_MILLIS;

  /// Takes a read in.
  ///
  /// @return false when too many wait
  synchronized boolean read(String id) {
    if (reads.size() >= MOST_READS) {
      return false;
    }
    reads.add(id);
    return true;
  }

  synchronized void acknowledge(String position) {
    acknowledgement = position;
  }

  /// A connection began. Its `after` was an acknowledgement.
  synchronized void connected(long nowMillis) {
    acknowledgement = null;
    for (Map.Entry<String, Long> read : readAt.entrySet()) {
      if (nowMillis - read.getValue() < REPEAT_MILLIS) {
        reads.add(read.getKey());
      }
    }
    readAt.clear();
  }

  /// Milliseconds until a message may go; [Long#MAX_VALUE] when there is none.
  synchronized long waitMillis(long nowMillis) {
    if (acknowledgement == null && reads.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return Math.max(0, sentMillis + EVERY_MILLIS - nowMillis);
  }

  /// The next message, whether or not its time has come; null when there is none.
  synchronized @Nullable String next(long nowMillis) {
    String position = acknowledgement;
    if (position != null) {
      acknowledgement = null;
      sentMillis = nowMillis;
      return Json.message("ack", "position", position);
    }
    Iterator<String> oldest = reads.iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    String id = oldest.next();
    oldest.remove();
    remember(id, nowMillis);
    sentMillis = nowMillis;
    return Json.message("read", "id", id);
  }

  private void remember(String id, long nowMillis) {
    readAt.remove(id);
    readAt.put(id, nowMillis);
    if (readAt.size() > MOST_READS) {
      Iterator<String> oldest = readAt.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }
}
