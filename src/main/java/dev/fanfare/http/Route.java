package dev.fanfare.http;

/// Gives a face the requests under a path: that path itself and what lies below it.
///
/// @param prefix a raw path without a slash at its end, such as `/v1`
public record Route(String prefix, Face face) {

  boolean takes(String path) {
    return path.startsWith(prefix)
        && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }
}
