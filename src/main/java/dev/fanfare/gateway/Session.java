package dev.fanfare.gateway;

import dev.fanfare.app.SigningKey;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Platform;
import dev.fanfare.member.Presence;
import java.time.Instant;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One live connection of one device of one member. Owned by its shard's thread.
///
/// **At head** it has been given everything up to its shard's head and follows it: no cursor, no
/// queue. **Behind** it has a cursor, the last offset wholly handed to its channel, and catches up
/// from there whenever its channel takes more.
final class Session {
  private final DeviceChannel channel;
  private final Login login;
  private final Due.Viewer viewer;
  private final long claimed;
  private long cursor;
  private boolean atHead;
  private boolean reading;
  private long confirmed = -1;
  private boolean toldCaughtUp;
  private boolean closed;
  private long shown;
  private long said;
  private boolean takingIn;
  private long acknowledged;
  private long omitted;
  private @Nullable Future<?> patience;
  private @Nullable Session sibling;

  /// Who connected.
  ///
  /// @param device empty when the device did not name itself
  record Login(
      int app,
      String appId,
      String member,
      int ordinal,
      String device,
      Credential credential,
      Arrival arrival) {

    /// Seconds since the epoch at which the credential ends.
    long expiresAt() {
      return credential.expiresAt();
    }
  }

  /// What the device showed, without what it could be shown again with.
  ///
  /// @param issuedAt seconds since the epoch; 0 when it does not say
  /// @param expiresAt seconds since the epoch
  record Credential(long issuedAt, long expiresAt, SigningKey key) {

    /// Whether it was issued after the last second whose credentials are invalid.
    ///
    /// @param notBefore seconds since the epoch; 0 for none
    boolean isAfter(long notBefore) {
      return notBefore == 0 || issuedAt > notBefore;
    }
  }

  /// What presence tells of a connection beside its device.
  ///
  /// @param platform what the device said, empty when it did not
  record Arrival(ConnectionId id, String platform, Instant at) {}

  /// Where a session starts.
  ///
  /// @param cursor it is due what comes after this offset
  /// @param unacknowledgedUntil see [Due.Viewer]
  /// @param gap the position that the device named but that cannot be followed, or null
  record Start(long cursor, long unacknowledgedUntil, @Nullable String gap) {

    /// The offset up to which the device says by this that it has everything; 0 for none.
    long claimed() {
      return gap == null && unacknowledgedUntil == 0 ? cursor : 0;
    }
  }

  /// @param joined the shard's head when the handshake completed
  Session(DeviceChannel channel, Login login, Start start, long joined) {
    this.channel = channel;
    this.login = login;
    this.viewer = new Due.Viewer(login.ordinal(), joined, start.unacknowledgedUntil());
    this.cursor = start.cursor();
    this.shown = start.cursor();
    this.claimed = start.claimed();
    this.acknowledged = claimed;
    this.omitted = login.arrival().at().toEpochMilli();
  }

  DeviceChannel channel() {
    return channel;
  }

  Login login() {
    return login;
  }

  Due.Viewer viewer() {
    return viewer;
  }

  /// The offset up to which the device had everything when it connected; 0 for none.
  long claimed() {
    return claimed;
  }

  /// The last offset wholly handed to the channel; means nothing at head.
  long cursor() {
    return cursor;
  }

  void moveTo(long offset) {
    cursor = offset;
  }

  boolean atHead() {
    return atHead;
  }

  void setAtHead(boolean value) {
    atHead = value;
  }

  /// Whether a portion of its catch-up is being read.
  boolean reading() {
    return reading;
  }

  void setReading(boolean value) {
    reading = value;
  }

  /// Which reading of the timeline from the store ([Timeline#rebuilds]) its member was seen
  /// registered after, so that a removal before that is not missed; -1 for none.
  long confirmed() {
    return confirmed;
  }

  void setConfirmed(long rebuilds) {
    confirmed = rebuilds;
  }

  /// Whether the device was told that it has everything it missed; that is said once.
  boolean toldCaughtUp() {
    return toldCaughtUp;
  }

  void setToldCaughtUp() {
    toldCaughtUp = true;
  }

  boolean closed() {
    return closed;
  }

  void setClosed() {
    closed = true;
  }

  /// The last offset that this connection told the device.
  long shown() {
    return shown;
  }

  void show(long offset) {
    shown = offset;
  }

  /// The offset up to which the device's acknowledgements were taken in.
  long acknowledged() {
    return acknowledged;
  }

  void setAcknowledged(long offset) {
    acknowledged = offset;
  }

  /// The furthest offset that the device acknowledged; beyond [#acknowledged] until that is taken
  /// in.
  long said() {
    return said;
  }

  /// Notes an acknowledgement; one of less than before changes nothing.
  void say(long offset) {
    said = Math.max(said, offset);
  }

  /// Whether an acknowledgement is being taken in.
  boolean takingIn() {
    return takingIn;
  }

  void setTakingIn(boolean value) {
    takingIn = value;
  }

  /// When something was last left out of what it was given, because it was over; at first, when it
  /// connected. Of what it has passed it was given all that was due to it and not over by then.
  long omitted() {
    return omitted;
  }

  void setOmitted(long moment) {
    omitted = Math.max(omitted, moment);
  }

  /// What ends the session when its channel takes nothing for too long; null while it takes some.
  @Nullable Future<?> patience() {
    return patience;
  }

  void setPatience(@Nullable Future<?> timer) {
    patience = timer;
  }

  /// The next session of the same member on this shard.
  @Nullable Session sibling() {
    return sibling;
  }

  void setSibling(@Nullable Session next) {
    sibling = next;
  }

  /// Hands a bundle of notices to the channel in one write. True when the socket took all of it:
  /// then the caller counts the member as reached. Otherwise it counts once the socket has.
  boolean give(Bundle due, Receipts receipts) {
    boolean taken = channel.write(due, () -> reached(due, receipts));
    shown = due.lastOffset();
    cursor = shown;
    return taken;
  }

  /// Counts the member as reached by what it was given.
  void reached(Bundle given, Receipts receipts) {
    for (Notice notice : given.notices()) {
      if (notice instanceof Notice.Release release) {
        receipts.reached(login.app(), release.broadcast(), login.ordinal());
      }
    }
  }

  /// What presence tells of it.
  Presence.Connection describe() {
    Arrival arrival = login.arrival();
    return new Presence.Connection(
        login.member(), arrival.id().toString(), login.device(), arrival.platform(), arrival.at());
  }

  /// The platform that other nodes hear of.
  String sharedPlatform() {
    return Platform.shared(login.arrival().platform());
  }

  /// Whether an id means it: by its number, or with all of its member's from its platform.
  boolean isCalled(ConnectionId id) {
    ConnectionId own = login.arrival().id();
    return id.equals(own)
        || id.equals(ConnectionId.all(own.node(), own.ordinal(), sharedPlatform()));
  }

  /// Ends the session; its channel tells the shard when it is closed.
  void close(CloseCode why) {
    channel.close(why);
  }
}
