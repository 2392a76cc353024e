package dev.fanfare.store;

/// What was committed at one moment, whatever is written later. It keeps the disk from reusing what
/// it shows, so it has to be closed.
///
/// It ends when the store is reopened or closed; reads then throw a [StoreException].
public interface Snapshot extends Tables, AutoCloseable {
  @Override
  void close();
}
