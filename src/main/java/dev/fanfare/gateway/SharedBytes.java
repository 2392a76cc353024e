package dev.fanfare.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Bytes outside the heap that any number of writes share. The collector frees them with this
/// object, so sharing needs no counting.
final class SharedBytes {
  private final ByteBuf bytes;
  private final long address;
  private final int length;

  /// @param direct is not to be changed while these are used; what remains in it counts
  SharedBytes(ByteBuffer direct) {
    ByteBuffer slice = direct.slice();
    this.bytes = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(slice).asReadOnly());
    this.address = MemorySegment.ofBuffer(slice).address();
    this.length = slice.remaining();
  }

  /// Where they lie in memory. Good as long as this object is reachable.
  long address() {
    return address;
  }

  int length() {
    return length;
  }

  /// A view for one write, without the first `skipped` bytes.
  ByteBuf from(int skipped) {
    return bytes.slice(skipped, length - skipped);
  }

  /// Appends them to another buffer.
  void copyTo(ByteBuffer target) {
    bytes.getBytes(0, target.slice(target.position(), length));
    target.position(target.position() + length);
  }
}
