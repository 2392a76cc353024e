package dev.fanfare.client;

import com.google.gson.JsonObject;

/// A message to the member.
public final class Broadcast {
  private final JsonObject frame;

  Broadcast(JsonObject frame) {
    this.frame = frame;
  }

  /// The id, unique within the app.
  public String id() {
    return Json.text(frame, "id");
  }

  /// Where it lies in the order of everything.
  public String position() {
    return Json.text(frame, "position");
  }

  /// When the server accepted it, in milliseconds since the epoch.
  public long sentAtMillis() {
    return Json.number(frame, "sentAt");
  }

  /// When its life ends, in milliseconds since the epoch; 0 when it is for this moment only.
  public long expiresAtMillis() {
    return Json.number(frame, "expiresAt");
  }

  /// The sender's name.
  public String from() {
    return Json.text(frame, "from");
  }

  /// `native`, `volcengine` or `tencent`: what [#message] is.
  public String format() {
    return Json.text(frame, "format");
  }

  /// The message in its format. Numbers keep all their digits. One of Tencent's has `To_Account`.
  public JsonObject message() {
    return Json.object(frame, "message");
  }

  @Override
  public String toString() {
    return frame.toString();
  }
}
