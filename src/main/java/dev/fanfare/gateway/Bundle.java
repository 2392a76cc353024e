package dev.fanfare.gateway;

import dev.fanfare.broadcast.Notice;
import java.util.List;

/// What a session is handed in one write: frames, and the notices that they tell if they tell any.
/// Shared by everyone who is due the same. Immutable.
final class Bundle {
  /// More than one frame are joined up to here: so many, or so many bytes.
  static final int MAX_FRAMES = 64;

  static final int MAX_BYTES = 64 << 10;

  private final List<Notice> notices;
  private final List<Frame> frames;

  private Bundle(List<Notice> notices, List<Frame> frames) {
    this.notices = notices;
    this.frames = frames;
  }

  /// Frames that tell no notices.
  static Bundle of(List<Frame> frames) {
    return new Bundle(List.of(), List.copyOf(frames));
  }

  /// Notices in journal order, each with the frame that tells it.
  static Bundle ofDeliveries(List<Delivery> due) {
    return new Bundle(
        due.stream().map(Delivery::notice).toList(), due.stream().map(Delivery::frame).toList());
  }

  List<Notice> notices() {
    return notices;
  }

  List<Frame> frames() {
    return frames;
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  /// The offset of the last notice.
  long lastOffset() {
    return notices.getLast().offset();
  }

  /// What it weighs on a transport.
  int length(Encoding encoding) {
    int length = 0;
    for (Frame frame : frames) {
      length += frame.as(encoding).length();
    }
    return length;
  }
}
