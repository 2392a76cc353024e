package dev.fanfare.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The records of a source, in order, made into lines of JSON as the server takes them. Owned by
/// one thread at a time.
interface ImportRecords {

  /// The next ones; null when there are none.
  @Nullable ImportPortion next() throws IOException;

  /// Leaves out the next ones, as far as there are that many.
  void skip(long records) throws IOException;
}
