package dev.fanfare.volcengine;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Request bodies, and parts of them, for the app `123456`.
final class Bodies {
  private Bodies() {}

  static String batch(String action, int size) {
    boolean items = action.equals("RegisterUsers") || action.equals("BatchUpdateUser");
    String list =
        IntStream.rangeClosed(1, size)
            .mapToObj(i -> items ? "{\"UserId\":" + i + "}" : Integer.toString(i))
            .collect(Collectors.joining(","));
    return items ? users(list) : "{\"AppId\":123456,\"UserIds\":[" + list + "],\"Tags\":[\"a\"]}";
  }

  static String users(String items) {
    return "{\"AppId\":123456,\"Users\":[" + items + "]}";
  }

  static String tagEdit(String op, String tags) {
    return "{\"AppId\":123456,\"UserIds\":[1]" + op + ",\"Tags\":" + tags + "}";
  }

  /// A good broadcast with one field changed: of two equal names the last counts.
  static String broadcast(String field, String value) {
    return "{\"AppId\":123456,\"Sender\":1,\"MsgType\":10001,\"Content\":\"c\",\"MsgTTL\":300,\""
        + field
        + "\":"
        + value
        + "}";
  }

  static String quoted(String text) {
    return "\"" + text + "\"";
  }

  static String tags(String tag) {
    return "[\"" + tag + "\"]";
  }

  static String tagList(int size) {
    return IntStream.range(0, size)
        .mapToObj(i -> "\"t" + i + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }

  static String ext(String key, String value) {
    return "{\"" + key + "\":\"" + value + "\"}";
  }

  static String ext(int size) {
    return IntStream.range(0, size)
        .mapToObj(i -> "\"k" + i + "\":\"v\"")
        .collect(Collectors.joining(",", "{", "}"));
  }
}
