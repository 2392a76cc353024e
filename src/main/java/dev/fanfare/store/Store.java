package dev.fanfare.store;

import org.jspecify.annotations.Nullable;

/// Ordered tables of bytes on a disk.
///
/// One thread writes at a time per table; any thread reads. Keys and values handed in or out are
/// not copied: nobody changes them afterwards.
public interface Store extends AutoCloseable {
  /// What a store wants to be left free, unless something else is said: enough for compactions,
  /// logs and two memtables.
  long MIN_FREE_BYTES = 512L << 20;

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

  /// Drops everything held in memory and opens the same files again. While the disk would not let
  /// it be opened, nothing is dropped, and what was committed can be read on.
  ///
  /// @throws StoreException when it was not opened
  void reopen();

  /// Bytes that the file system has left.
  long freeBytes();

  /// Bytes that have to be left, or nothing more should be written.
  default long minFreeBytes() {
    return MIN_FREE_BYTES;
  }

  @Override
  void close();

  /// Sees one entry of a scan.
  @FunctionalInterface
  interface Visitor {
    /// Returns false to stop.
    boolean visit(byte[] key, byte[] value);
  }
}
