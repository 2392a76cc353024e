package dev.fanfare.gateway;

/// How a transport writes a message.
enum Encoding {
  /// A text frame of RFC 6455, section 5.2.
  WEB_SOCKET,
  /// An event of `text/event-stream`: its id, its type, and the JSON as data.
  EVENT_STREAM
}
