package dev.fanfare.api;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Cuts a stream into lines. Owned by one thread; holds one buffer, however long a line is.
final class Lines {
  private final InputStream stream;
  private final int mostBytes;
  private final byte[] buffer = new byte[1 << 20];

  /// Where the next line begins, how far it was searched for its end, and where the bytes end.
  private int next;

  private int searched;
  private int end;

  private int start;
  private int length;
  private long number;
  private boolean over;
  private boolean tooLong;

  /// @param mostBytes of a line
  Lines(InputStream stream, int mostBytes) {
    this.stream = stream;
    this.mostBytes = mostBytes;
  }

  /// Goes to the next line; false when there is none.
  boolean advance() throws IOException {
    tooLong = false;
    searched = next;
    while (true) {
      while (searched < end) {
        if (buffer[searched++] == '\n') {
          return found(searched - 1, searched);
        }
      }
      if (over) {
        return (end > next || tooLong) && found(end, end);
      }
      if (end - next > mostBytes + 1) {
        tooLong = true;
        next = end;
      }
      fill();
    }
  }

  private void fill() throws IOException {
    if (end == buffer.length) {
      System.arraycopy(buffer, next, buffer, 0, end - next);
      end -= next;
      searched = end;
      next = 0;
    }
    int read = stream.read(buffer, end, buffer.length - end);
    over = read < 0;
    end += Math.max(read, 0);
  }

  private boolean found(int lineEnd, int following) {
    start = next;
    length = lineEnd - next;
    if (length > 0 && buffer[lineEnd - 1] == '\r') {
      length--;
    }
    tooLong |= length > mostBytes;
    next = following;
    number++;
    return true;
  }

  /// The number of the line, from 1.
  long number() {
    return number;
  }

  /// Whether the line has more bytes than it may; they are gone.
  boolean isTooLong() {
    return tooLong;
  }

  /// Whether the line holds nothing but spaces.
  boolean isBlank() {
    for (int i = start; i < start + length; i++) {
      if (buffer[i] > ' ' || buffer[i] < 0) {
        return false;
      }
    }
    return !tooLong;
  }

  /// Where the line is, until the next one: its bytes from [#start] on.
  byte[] buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return length;
  }

  byte[] copy() {
    return Arrays.copyOfRange(buffer, start, start + length);
  }
}
