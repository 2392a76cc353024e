package dev.fanfare.gateway;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A buffer in which the frames of a bundle are laid one after the other, so that the socket gets
/// them in one call. It keeps the last bundle, because the next recipient is mostly due the same.
///
/// One for each shard, owned by its thread: what it returns is good until it is asked again.
final class Joint {
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(Bundle.MAX_BYTES);
  private @Nullable Bundle held;
  private Encoding encoding = Encoding.WEB_SOCKET;
  private SharedBytes joined = new SharedBytes(ByteBuffer.allocateDirect(0));

  /// The bytes of a bundle; null when it has several frames and they do not fit.
  @Nullable SharedBytes of(Bundle bundle, Encoding wanted) {
    if (bundle.frames().size() == 1) {
      return bundle.frames().getFirst().as(wanted);
    }
    if (bundle != held || wanted != encoding) {
      if (bundle.length(wanted) > buffer.capacity()) {
        return null;
      }
      fill(bundle, wanted);
    }
    return joined;
  }

  private void fill(Bundle bundle, Encoding wanted) {
    buffer.clear();
    for (Frame frame : bundle.frames()) {
      frame.as(wanted).copyTo(buffer);
    }
    buffer.flip();
    joined = new SharedBytes(buffer);
    held = bundle;
    encoding = wanted;
  }
}
