package dev.fanfare.gateway;

import dev.fanfare.broadcast.Notice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/// Works out how far a pass goes and who is told what: for each app with sessions at head, its open
/// notices and, for each, its recipients among those at head. A pass carries for each app what fits
/// one write; it ends before the first notice that does not. Owned by the shard's thread.
final class PassPlan {
  private final Delivering delivering;
  private final Roster roster;
  private final long head;
  private final Map<Integer, List<Hit>> hits = new LinkedHashMap<>();
  private long target;
  private boolean omits;

  /// A notice, the frame that tells it, and whom.
  record Hit(Delivery delivery, RoaringBitmap members) {
    long offset() {
      return delivery.notice().offset();
    }
  }

  /// Plans a pass over what happened at `head < offset <= target`, or the first part of it.
  PassPlan(Delivering delivering, Roster roster, long head, long target) {
    this.delivering = delivering;
    this.roster = roster;
    this.head = head;
    this.target = target;
    roster.forEachApp(this::plan);
  }

  /// Where the head is once everything planned is written.
  long target() {
    return target;
  }

  /// Whether someone may be told several things in one write.
  boolean carriesSeveral() {
    return hits.values().stream().anyMatch(all -> all.size() > 1);
  }

  /// Whether something is left out because it is over.
  boolean omits() {
    return omits;
  }

  /// One for each app where someone is told something.
  List<Pass> passes() {
    List<Pass> passes = new ArrayList<>();
    hits.forEach((app, all) -> {
      List<Hit> within = all.stream().filter(hit -> hit.offset() <= target).toList();
      AppSessions sessions = roster.of(app);
      if (!within.isEmpty() && sessions != null) {
        passes.add(new Pass(app, sessions, within));
      }
    });
    return passes;
  }

  private void plan(int app, AppSessions sessions) {
    if (sessions.atHead().isEmpty()) {
      return;
    }
    List<Hit> found = new ArrayList<>();
    int bytes = 0;
    for (Notice notice : delivering.timeline().notices(app, head, target)) {
      Optional<Hit> hit = hit(notice, sessions);
      if (hit.isPresent()) {
        bytes += hit.get().delivery().frame().bytes();
        if (!found.isEmpty() && (found.size() == Bundle.MAX_FRAMES || bytes > Bundle.MAX_BYTES)) {
          target = notice.offset() - 1;
          break;
        }
        found.add(hit.get());
      }
    }
    hits.put(app, found);
  }

  private Optional<Hit> hit(Notice notice, AppSessions sessions) {
    if (!delivering.due().open(notice)) {
      omits = true;
      return Optional.empty();
    }
    RoaringBitmap members = members(notice, sessions.atHead());
    return members.isEmpty()
        ? Optional.empty()
        : delivering
            .frames()
            .of(notice)
            .map(frame -> new Hit(new Delivery(notice, frame), members));
  }

  /// The recipients of a notice among those at head, chunk by chunk.
  private RoaringBitmap members(Notice notice, RoaringBitmap atHead) {
    RoaringBitmap members = new RoaringBitmap();
    for (var chunk = atHead.getContainerPointer(); chunk.getContainer() != null; chunk.advance()) {
      if (notice.touches(chunk.key())) {
        long base = Integer.toUnsignedLong(chunk.key() << 16);
        RoaringBitmap recipients =
            delivering.broadcasts().recipients(notice.broadcast(), chunk.key());
        members.or(RoaringBitmap.addOffset(recipients, base));
      }
    }
    members.and(atHead);
    notice.keepCovered(members);
    return members;
  }
}
