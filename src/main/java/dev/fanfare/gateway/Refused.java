package dev.fanfare.gateway;

/// What the gateway says to requests that it does not even judge.
final class Refused {
  static final Connecting.Turned MALFORMED =
      new Connecting.Turned(400, "bad_request", "The request is malformed.");
  static final Connecting.Turned NO_MESSAGE =
      new Connecting.Turned(400, "bad_message", "The body has to be one ack or one read.");
  static final Connecting.Turned CREDENTIALS =
      new Connecting.Turned(401, "bad_token", "The token is missing, wrong or expired.");
  static final Connecting.Turned ORIGIN =
      new Connecting.Turned(403, "origin_not_allowed", "The app does not allow pages from there.");
  static final Connecting.Turned NOT_FOUND =
      new Connecting.Turned(404, "not_found", "Devices use /ws, /sse and /ack.");
  static final Connecting.Turned NOT_A_GET =
      new Connecting.Turned(405, "method_not_allowed", "Events are asked for by GET.");
  static final Connecting.Turned NOT_A_POST =
      new Connecting.Turned(405, "method_not_allowed", "Acknowledgements come by POST.");
  static final Connecting.Turned TOO_MANY_DEVICES =
      new Connecting.Turned(409, "too_many_devices", "The member has too many connections.");
  static final Connecting.Turned TOO_LARGE =
      new Connecting.Turned(413, "body_too_large", "A message is not that large.");
  static final Connecting.Turned NOT_A_WEB_SOCKET =
      new Connecting.Turned(426, "not_a_websocket", "This is a WebSocket, version 13.");
  static final Connecting.Turned OVER_CAPACITY =
      new Connecting.Turned(503, "over_capacity", "Try again later.");
  static final Connecting.Turned TOO_MANY_FROM_THERE =
      new Connecting.Turned(503, "over_capacity", "Too many connections come from this address.");

  private Refused() {}
}
