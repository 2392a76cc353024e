package dev.fanfare.client;

/// Where a device stands with its server.
public final class DeviceState {

  /// What it is doing.
  public enum Kind {
    /// On the way to a connection.
    CONNECTING,
    /// Greeted; what was missed follows.
    CONNECTED,
    /// Everything that was missed has come.
    CAUGHT_UP,
    /// The connection ended and will be made anew.
    WAITING,
    /// For good.
    CLOSED
  }

  private final Kind kind;
  private final String member;
  private final End end;
  private final long delayMillis;

  private DeviceState(Kind kind, String member, End end, long delayMillis) {
    this.kind = kind;
    this.member = member;
    this.end = end;
    this.delayMillis = delayMillis;
  }

  static DeviceState of(Kind kind, String member) {
    return new DeviceState(kind, member, End.NONE, 0);
  }

  static DeviceState waiting(String member, End end, long delayMillis) {
    return new DeviceState(Kind.WAITING, member, end, delayMillis);
  }

  static DeviceState closed(String member, End end) {
    return new DeviceState(Kind.CLOSED, member, end, 0);
  }

  public Kind kind() {
    return kind;
  }

  /// The member's id as the server told it; empty before the first greeting.
  public String member() {
    return member;
  }

  /// The close code of the connection that ended, such as 4009; 0 when there was none.
  public int code() {
    return end.code();
  }

  /// The HTTP status that refused the connection, such as 401; 0 when there was none.
  public int status() {
    return end.status();
  }

  /// Why the connection ended, for people.
  public String reason() {
    return end.reason();
  }

  /// Until the next attempt.
  public long delayMillis() {
    return delayMillis;
  }

  @Override
  public String toString() {
    return kind + " code=" + code() + " status=" + status() + " " + reason();
  }
}
