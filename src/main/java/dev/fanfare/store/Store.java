package dev.fanfare.store;

/// Ordered tables of bytes on a disk.
///
/// One thread writes at a time per table; any thread reads, and sees what is committed.
public interface Store extends Tables, AutoCloseable {
  /// What a store wants to be left free, unless something else is said: enough for compactions,
  /// logs and two memtables.
  long MIN_FREE_BYTES = 512L << 20;

  /// What is committed now, to be read while others write.
  Snapshot snapshot();

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
}
