package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Notice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/// What one move of the head means for one app's sessions at head on one shard: its notices, and
/// for each the members to be told, as they were when the pass began. Owned by the shard's thread.
final class Pass {
  private final AppSessions sessions;
  private final List<Delivery> deliveries = new ArrayList<>();
  private final List<RoaringBitmap> hits = new ArrayList<>();
  private final PeekableIntIterator ordinals;

  Pass(AppSessions sessions, Collection<Notice> open, Broadcasts broadcasts, Frames frames) {
    this.sessions = sessions;
    RoaringBitmap all = new RoaringBitmap();
    for (Notice notice : open) {
      RoaringBitmap hit = hit(notice, sessions.atHead(), broadcasts);
      Optional<Frame> frame = hit.isEmpty() ? Optional.empty() : frames.of(notice);
      if (frame.isPresent()) {
        deliveries.add(new Delivery(notice, frame.get()));
        hits.add(hit);
        all.or(hit);
      }
    }
    this.ordinals = all.getIntIterator();
  }

  /// The recipients of a notice among those at head, chunk by chunk.
  private static RoaringBitmap hit(Notice notice, RoaringBitmap atHead, Broadcasts broadcasts) {
    RoaringBitmap hit = new RoaringBitmap();
    for (var chunk = atHead.getContainerPointer(); chunk.getContainer() != null; chunk.advance()) {
      int base = chunk.key() << 16;
      RoaringBitmap recipients = broadcasts.recipients(notice.broadcast(), chunk.key());
      RoaringBitmap there = RoaringBitmap.addOffset(recipients, Integer.toUnsignedLong(base));
      there.and(atHead);
      for (var ordinals = there.getIntIterator(); ordinals.hasNext(); ) {
        int ordinal = ordinals.next();
        if (notice.covers(ordinal)) {
          hit.add(ordinal);
        }
      }
    }
    return hit;
  }

  AppSessions sessions() {
    return sessions;
  }

  boolean hasNext() {
    return ordinals.hasNext();
  }

  int nextOrdinal() {
    return ordinals.next();
  }

  /// What a member is told, in journal order.
  List<Delivery> due(int ordinal) {
    if (deliveries.size() == 1) {
      return deliveries;
    }
    List<Delivery> due = new ArrayList<>();
    for (int i = 0; i < deliveries.size(); i++) {
      if (hits.get(i).contains(ordinal)) {
        due.add(deliveries.get(i));
      }
    }
    return due;
  }
}
