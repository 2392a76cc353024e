package dev.fanfare.gateway;

/// What the gateway lets in and how long it waits; `docs/configuration.md` lists each as a setting.
///
/// @param perAddress how much of everything one client address gets
/// @param handshakesPerSecond requests to connect, of everybody together; 0 is no limit
/// @param devicesPerMember connections of one member on this node
/// @param fromDevice what a device may send
/// @param times how long the gateway waits
public record GatewayLimits(
    PerAddress perAddress,
    int handshakesPerSecond,
    int devicesPerMember,
    FromDevice fromDevice,
    Times times) {

  /// What a node has that was told nothing.
  public static final GatewayLimits STANDARD =
      new GatewayLimits(
          new PerAddress(20_000, 2_000),
          5_000,
          8,
          new FromDevice(4_096, 20, 8_192),
          new Times(10, 25, 60));

  /// How much of everything one client address gets.
  ///
  /// @param connections open at once; 0 is no limit
  /// @param handshakesPerSecond requests to connect; 0 is no limit
  public record PerAddress(int connections, int handshakesPerSecond) {}

  /// What a device may send.
  ///
  /// @param bytes of one frame, or of the body of an acknowledgement
  /// @param perSecond frames a second; twice as many at once
  /// @param headerBytes of the request that connects
  public record FromDevice(int bytes, int perSecond, int headerBytes) {}

  /// How long the gateway waits, in seconds.
  ///
  /// @param handshake from accepting a connection to the end of its handshake
  /// @param ping between two pings
  /// @param silence after which a connection that said nothing, not even pong, is closed
  public record Times(int handshake, int ping, int silence) {}
}
