package dev.fanfare.member;

import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/// A part of who is online at a node: 65,536 ordinals of one app, connected from one platform.
///
/// @param app its number
/// @param platform as [Platform#shared] says
/// @param number the upper 16 bits of the ordinals
public record OnlineChunk(int app, String platform, int number) {

  /// The parts in which there are members.
  ///
  /// @param online ordinals
  public static List<OnlineChunk> of(int app, String platform, RoaringBitmap online) {
    List<OnlineChunk> chunks = new ArrayList<>();
    for (long next = online.nextValue(0); next >= 0; ) {
      OnlineChunk chunk = new OnlineChunk(app, platform, (int) (next >>> 16));
      chunks.add(chunk);
      next = chunk.end() >>> Integer.SIZE == 0 ? online.nextValue((int) chunk.end()) : -1;
    }
    return chunks;
  }

  /// The least ordinal in it, as an unsigned number.
  public long first() {
    return (long) number << 16;
  }

  /// The least ordinal beyond it.
  public long end() {
    return first() + (1 << 16);
  }
}
