package dev.fanfare.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.broadcast.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds what a session missed, a portion at a time. Reads the store, so it runs beside the shards.
final class CatchUp {
  private static final int REMEMBERED_MEMBERS = 200_000;

  private final Timeline timeline;
  private final Due due;
  private final Frames frames;
  private final Claims claims;
  private final Cache<MemberKey, Long> acknowledged =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MEMBERS).build();

  private record MemberKey(int app, int ordinal) {}

  CatchUp(Timeline timeline, Broadcasts broadcasts, Due due, Frames frames) {
    this.timeline = timeline;
    this.due = due;
    this.frames = frames;
    this.claims = new Claims(timeline, broadcasts, due, this::remember);
  }

  /// One portion: what is due next, and the offset up to which nothing else is.
  ///
  /// @param omitted when it was read, if something was over by then and is not in it; else 0
  record Portion(Bundle due, long upTo, long omitted) {}

  /// The next portion after a cursor, looking no further than `upTo`.
  Portion next(int app, Due.Viewer viewer, long cursor, long upTo) {
    List<Delivery> found = new ArrayList<>();
    int bytes = 0;
    long seen = cursor;
    boolean omits = false;
    for (Notice notice : timeline.notices(app, cursor, upTo, viewer.ordinal())) {
      boolean open = due.open(notice);
      omits |= !open;
      if (open && due.to(viewer, notice)) {
        Optional<Frame> frame = frames.of(notice);
        bytes += frame.map(Frame::bytes).orElse(0);
        if (found.size() == Bundle.MAX_FRAMES || (!found.isEmpty() && bytes > Bundle.MAX_BYTES)) {
          return portion(found, seen, omits);
        }
        frame.ifPresent(encoded -> found.add(new Delivery(notice, encoded)));
      }
      seen = notice.offset();
    }
    return portion(found, upTo, omits);
  }

  private Portion portion(List<Delivery> found, long upTo, boolean omits) {
    return new Portion(Bundle.ofDeliveries(found), upTo, omits ? due.now() : 0);
  }

  /// What a device says: that it has everything at `after < offset <= upTo`.
  ///
  /// @param asOf it has what was not over by then; milliseconds since the epoch
  record Acknowledgement(long after, long upTo, long asOf) {}

  /// The releases that an acknowledgement is for.
  List<Notice> acknowledged(int app, Due.Viewer viewer, Acknowledgement said) {
    List<Notice> found = new ArrayList<>();
    for (Notice notice : timeline.notices(app, said.after(), said.upTo(), viewer.ordinal())) {
      if (notice instanceof Notice.Release release
          && due.wasOpen(release, said.asOf())
          && due.to(viewer, release)) {
        found.add(release);
      }
    }
    return found;
  }

  /// The releases up to a cursor that live and that this node has not yet taken as acknowledged by
  /// the member.
  List<Notice> acknowledged(int app, int ordinal, long cursor) {
    return acknowledged(
        app,
        new Due.Viewer(ordinal, 0, 0),
        new Acknowledgement(acknowledged(app, ordinal), cursor, due.now()));
  }

  private long acknowledged(int app, int ordinal) {
    Long known = acknowledged.getIfPresent(new MemberKey(app, ordinal));
    return known == null ? 0 : known;
  }

  /// Takes the cursor that a device came with as its member's acknowledgement, which [#claims] will
  /// tell.
  void claim(int app, int ordinal, long cursor) {
    claims.add(app, new Claims.Claim(ordinal, acknowledged(app, ordinal), cursor));
  }

  Claims claims() {
    return claims;
  }

  /// Remembers that a member has acknowledged what was released to it after one offset and up to
  /// another, if the same is known of what was released before.
  void remember(int app, int ordinal, long after, long upTo) {
    if (after <= acknowledged(app, ordinal)) {
      remember(app, ordinal, upTo);
    }
  }

  /// Remembers how far a member has acknowledged, by whichever device is furthest: everything that
  /// lives counts as delivered up to there.
  void remember(int app, int ordinal, long offset) {
    acknowledged.asMap().merge(new MemberKey(app, ordinal), offset, Math::max);
  }
}
