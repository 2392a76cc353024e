package dev.fanfare.store;

import org.jspecify.annotations.Nullable;

/// Ordered tables of bytes on a disk.
///
/// One thread writes at a time per table; any thread reads. Keys and values handed in or out are
/// not copied: nobody changes them afterwards.
public interface Store extends AutoCloseable {

  /// The value under a key as last committed, or null.
  ///
  /// @throws StoreException when the disk or its checksums fail
  byte @Nullable [] get(Table table, byte[] key);

  /// Visits the committed entries with `from <= key < to` in key order, until the visitor says
  /// stop. A null `to` means to the end of the table.
  void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor);

  /// Makes all of a batch durable at once: after return it survives power loss, after an exception
  /// it is there wholly or not at all, and the store has to be reopened to know which.
  void write(Batch batch);

  /// Drops everything held in memory and opens the same files again.
  void reopen();

  /// Bytes that the file system has left.
  long freeBytes();

  @Override
  void close();

  /// Sees one entry of a scan.
  @FunctionalInterface
  interface Visitor {
    /// Returns false to stop.
    boolean visit(byte[] key, byte[] value);
  }
}
