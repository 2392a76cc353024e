package dev.fanfare.store;

import org.jspecify.annotations.Nullable;

/// Ordered tables of bytes, to be read. Any thread. Nobody changes what is handed in or out.
public interface Tables {

  /// The value under a key, or null.
  ///
  /// @throws StoreException when the disk or its checksums fail
  byte @Nullable [] get(Table table, byte[] key);

  /// Visits the entries with `from <= key < to` in key order, until the visitor says stop. A null
  /// `to` means to the end of the table.
  void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor);

  /// Sees one entry of a scan.
  @FunctionalInterface
  interface Visitor {
    /// Returns false to stop.
    boolean visit(byte[] key, byte[] value);
  }
}
