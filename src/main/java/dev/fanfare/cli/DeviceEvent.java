package dev.fanfare.cli;

/// What happens on a device's connection.
sealed interface DeviceEvent {

  /// A whole text frame came.
  record Frame(String text) implements DeviceEvent {}

  /// The server pinged, so it is alive.
  record Ping() implements DeviceEvent {}

  /// The server closed the connection.
  record Closed(int code) implements DeviceEvent {}

  /// Nothing happened for as long as was waited.
  record Quiet() implements DeviceEvent {}

  /// The connection broke.
  record Broken() implements DeviceEvent {}
}
