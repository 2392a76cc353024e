package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.broadcast.Notices;
import dev.fanfare.broadcast.Timeline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/// What devices say by the position that they come back with: that they have everything up to it.
/// Any thread claims; one takes what was claimed and looks it up.
///
/// A node that was just started knows of no member how far it has acknowledged, so each claim
/// concerns everything that lives. Looked up one by one, that is all live broadcasts times all
/// devices, at the moment when all devices come back. Therefore claims are gathered, and every
/// broadcast is compared once with the set of all who claim: once a second, however many devices
/// came.
///
/// A claim counts for what the member is known to have been reached by. Another node that wrote to
/// the device tells so a second later, and may have told a position that this one has not come to
/// yet. Therefore a claim that does not count in full is looked up again in the next rounds. It is
/// told how far it counts; what lies beyond, the member's next device has to claim anew.
///
/// Bounded by the members that connect within [#LOOKS] takings.
final class Claims {
  /// Rounds in which another node has told whom it reached, also one that is stopping.
  static final int LOOKS = 5;

  private final Timeline timeline;
  private final Broadcasts broadcasts;
  private final Due due;
  private final Counted counted;
  private final ConcurrentMap<Integer, Map<Integer, Claim>> byApp = new ConcurrentHashMap<>();

  Claims(Timeline timeline, Broadcasts broadcasts, Due due, Counted counted) {
    this.timeline = timeline;
    this.broadcasts = broadcasts;
    this.due = due;
    this.counted = counted;
  }

  /// Hears up to which offset all that a member claimed counts as delivered.
  @FunctionalInterface
  interface Counted {
    void upTo(int app, int ordinal, long offset);
  }

  /// That a member has all that was released to it at `after < offset <= upTo`.
  ///
  /// @param looks how often it may be looked up yet
  record Claim(int ordinal, long after, long upTo, int looks) {
    Claim(int ordinal, long after, long upTo) {
      this(ordinal, after, upTo, LOOKS);
    }

    /// As much of it as lies up to an offset.
    private Claim upTo(long offset) {
      return new Claim(ordinal, after, Math.min(upTo, offset), looks);
    }

    private boolean comprises(Notice.Release release) {
      return after < release.offset() && release.offset() <= upTo;
    }

    private Claim and(Claim other) {
      return new Claim(
          ordinal,
          Math.min(after, other.after),
          Math.max(upTo, other.upTo),
          Math.max(looks, other.looks));
    }
  }

  void add(int app, Claim claim) {
    if (claim.after() < claim.upTo()) {
      byApp.compute(
          app,
          (_, claims) -> {
            Map<Integer, Claim> all = claims == null ? new HashMap<>() : claims;
            all.merge(claim.ordinal(), claim, Claim::and);
            return all;
          });
    }
  }

  /// Gives away what was claimed until now, by app.
  Map<Integer, List<Claim>> take() {
    Map<Integer, List<Claim>> taken = new HashMap<>();
    for (int app : byApp.keySet()) {
      Map<Integer, Claim> claims = byApp.remove(app);
      if (claims != null) {
        taken.put(app, List.copyOf(claims.values()));
      }
    }
    return taken;
  }

  /// Takes in again what was taken and could not be looked up.
  void putBack(Map<Integer, List<Claim>> taken) {
    taken.forEach((app, claims) -> claims.forEach(claim -> add(app, claim)));
  }

  /// The releases that were claimed and live, and do not count as delivered yet. Nobody knows here
  /// whether a device was ever given what is over.
  ///
  /// @throws dev.fanfare.store.StoreException when they cannot be read now
  Receipts delivered(Map<Integer, List<Claim>> claimed) {
    Receipts receipts = new Receipts();
    claimed.forEach((app, claims) -> new Look(app, receipts).at(claims));
    return receipts;
  }

  /// One look at what members of an app claim.
  private final class Look {
    private final int app;
    private final Receipts receipts;

    /// By ordinal, the offset of the first release that does not count yet.
    private final Map<Integer, Long> open = new HashMap<>();

    Look(int app, Receipts receipts) {
      this.app = app;
      this.receipts = receipts;
    }

    void at(List<Claim> claims) {
      long after = claims.stream().mapToLong(Claim::after).min().orElse(0);
      long head = timeline.head();
      Claimants claimants = new Claimants(claims.stream().map(claim -> claim.upTo(head)).toList());
      for (Notices notices : timeline.noticesByBroadcast(app, after, claimants.upTo())) {
        claimants.leaveBefore(notices.first());
        if (notices.newest().filter(due::open).isPresent()) {
          claimants.chunks().forEach((chunk, lows) -> note(notices, chunk, lows, claimants));
        }
      }
      claims.forEach(claim -> end(claim, head));
    }

    private void note(Notices notices, int chunk, RoaringBitmap lows, Claimants claimants) {
      if (!notices.touch(chunk)) {
        return;
      }
      RoaringBitmap recipients = broadcasts.recipients(notices.broadcast(), chunk);
      if (RoaringBitmap.intersects(recipients, lows)) {
        RoaringBitmap hits = RoaringBitmap.and(recipients, lows);
        hits.andNot(broadcasts.delivered(notices.broadcast(), chunk));
        PeekableIntIterator each = hits.getIntIterator();
        while (each.hasNext()) {
          int ordinal = chunk << 16 | each.next();
          Claim claim = claimants.claim(ordinal);
          if (claim.after() < notices.last()) {
            notices
                .release(ordinal)
                .filter(release -> claim.comprises(release) && due.open(release))
                .ifPresent(release -> count(ordinal, release));
          }
        }
      }
    }

    private void count(int ordinal, Notice.Release release) {
      receipts.delivered(app, release.broadcast(), ordinal);
      open.merge(ordinal, release.offset(), Math::min);
    }

    /// Tells how far a claim counts, and keeps what is left of it.
    private void end(Claim claim, long head) {
      Long first = open.get(claim.ordinal());
      long reached = Math.min(claim.upTo(), first == null ? head : first - 1);
      long upTo = Math.max(claim.after(), reached);
      counted.upTo(app, claim.ordinal(), upTo);
      if (claim.looks() > 1) {
        add(app, new Claim(claim.ordinal(), upTo, claim.upTo(), claim.looks() - 1));
      }
    }
  }

  /// Who claims, and what. Those whose claim ends before some offset leave.
  private static final class Claimants {
    private final Map<Integer, Claim> claims = new HashMap<>();
    private final Deque<Claim> toLeave;
    private final Map<Integer, RoaringBitmap> chunks = new HashMap<>();

    Claimants(List<Claim> all) {
      List<Claim> sorted = new ArrayList<>(all);
      sorted.sort(Comparator.comparingLong(Claim::upTo));
      this.toLeave = new ArrayDeque<>(sorted);
      for (Claim claim : all) {
        int ordinal = claim.ordinal();
        claims.put(ordinal, claim);
        chunks.computeIfAbsent(ordinal >>> 16, _ -> new RoaringBitmap()).add(ordinal & 0xFFFF);
      }
    }

    /// Nobody claims anything beyond this offset.
    long upTo() {
      return toLeave.isEmpty() ? 0 : toLeave.getLast().upTo();
    }

    /// By chunk, the low 16 bits of their ordinals.
    Map<Integer, RoaringBitmap> chunks() {
      return chunks;
    }

    void leaveBefore(long offset) {
      while (!toLeave.isEmpty() && toLeave.element().upTo() < offset) {
        int ordinal = toLeave.remove().ordinal();
        chunks.computeIfPresent(
            ordinal >>> 16,
            (_, lows) -> {
              lows.remove(ordinal & 0xFFFF);
              return lows.isEmpty() ? null : lows;
            });
      }
    }

    Claim claim(int ordinal) {
      return Objects.requireNonNull(claims.get(ordinal));
    }
  }
}
