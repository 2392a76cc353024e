package dev.fanfare.broadcast;

import java.time.Clock;

/// The one rule that says what a session is due, for live delivery and catch-up alike.
public final class Due {
  private final Timeline timeline;
  private final Broadcasts broadcasts;
  private final Clock wall;

  public Due(Timeline timeline, Broadcasts broadcasts, Clock wall) {
    this.timeline = timeline;
    this.broadcasts = broadcasts;
    this.wall = wall;
  }

  /// Who asks.
  ///
  /// @param joined the head when the session's handshake completed; what only concerns who is
  ///   connected is due from there on
  /// @param unacknowledgedUntil up to this offset only what no device of the member has
  ///   acknowledged is due; 0 when the device said where it stands
  public record Viewer(int ordinal, long joined, long unacknowledgedUntil) {}

  /// The moment by which it judges, milliseconds since the epoch.
  public long now() {
    return wall.millis();
  }

  /// Whether a notice is due to someone at all, at this moment.
  public boolean open(Notice notice) {
    return timeline
        .broadcast(notice.broadcast())
        .filter(broadcast ->
            switch (notice) {
              case Notice.Withdrawal _ -> true;
              case Notice.Release release ->
                  broadcast.withdrawn() == 0 && lived(broadcast, release, now());
            })
        .isPresent();
  }

  /// Whether a release was [#open] at a moment that may have passed.
  public boolean wasOpen(Notice.Release release, long moment) {
    return timeline
        .broadcast(release.broadcast())
        .filter(broadcast -> broadcast.withdrawn() == 0 || moment < broadcast.withdrawn())
        .filter(broadcast -> lived(broadcast, release, moment))
        .isPresent();
  }

  private static boolean lived(LiveBroadcast broadcast, Notice.Release release, long moment) {
    return broadcast.momentary()
        ? moment <= release.time() + Lifetime.MOMENTARY_MILLIS
        : moment < broadcast.expires();
  }

  /// Whether a notice that is [#open] is due to this session.
  public boolean to(Viewer viewer, Notice notice) {
    int ordinal = viewer.ordinal();
    long number = notice.broadcast();
    if (!notice.covers(ordinal) || !broadcasts.isRecipient(number, ordinal)) {
      return false;
    }
    return switch (notice) {
      case Notice.Withdrawal _ -> true;
      case Notice.Release release ->
          (viewer.joined() < release.offset() || !momentary(number))
              && (release.offset() > viewer.unacknowledgedUntil()
                  || !broadcasts.isDelivered(number, ordinal));
    };
  }

  private boolean momentary(long number) {
    return timeline.broadcast(number).map(LiveBroadcast::momentary).orElse(false);
  }
}
