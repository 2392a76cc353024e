package dev.fanfare.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/// The store on RocksDB: a column family per table, one write-ahead log, synced before a write
/// returns.
///
/// A torn tail of the log, which is what a crash leaves, is cut off. Damage anywhere else is
/// refused at open, because what follows it was acknowledged.
///
/// Reads and writes hold a shared lock, so that [#reopen] and [#close] never pull the native handle
/// from under them.
public final class RocksStore implements Store {
  private static final long READ_ONLY_CACHE_BYTES = 8L << 20;

  /// Space that opening needs beside what it writes from the logs.
  private static final long OPENING_BYTES = 8L << 20;

  static {
    RocksDB.loadLibrary();
  }

  private final Path directory;
  private final boolean readOnly;
  private final long minFreeBytes;
  private final Cache blockCache;
  private final BloomFilter bloomFilter = new BloomFilter(10);
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final ReadOptions everyday = new ReadOptions();
  private @Nullable RocksHandles handles;

  /// How often the handles were closed.
  private int closings;

  /// Set once, under the lock.
  private volatile boolean closed;

  private RocksStore(Path directory, boolean readOnly, long blockCacheBytes, long minFreeBytes) {
    this.directory = directory;
    this.readOnly = readOnly;
    this.minFreeBytes = minFreeBytes;
    this.blockCache = new LRUCache(blockCacheBytes);
  }

  /// Opens or creates the store in a directory.
  ///
  /// @throws StoreException when the directory cannot be used or what it holds is damaged
  public static RocksStore open(Path directory, long blockCacheBytes) {
    return open(directory, blockCacheBytes, MIN_FREE_BYTES);
  }

  /// The same.
  ///
  /// @param minFreeBytes what [#minFreeBytes] says
  public static RocksStore open(Path directory, long blockCacheBytes, long minFreeBytes) {
    RocksStore store = new RocksStore(directory, false, blockCacheBytes, minFreeBytes);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StoreException("cannot create " + directory, e);
    }
    store.handles = store.openHandles();
    return store;
  }

  /// Opens what is in a directory without changing a file of it, even if it was not closed cleanly.
  /// A table that it lacks, because an older version wrote it, is empty.
  ///
  /// @throws StoreException when there is no store or what it holds is damaged
  public static RocksStore openReadOnly(Path directory) {
    RocksStore store = new RocksStore(directory, true, READ_ONLY_CACHE_BYTES, MIN_FREE_BYTES);
    store.handles = store.openHandles();
    return store;
  }

  private RocksHandles openHandles() {
    return RocksHandles.open(new RocksHandles.Place(directory, readOnly, blockCache, bloomFilter));
  }

  /// Copies the files of the store as they are after the last write into a new directory on the
  /// same file system; the large ones are hard links. Writes go on meanwhile.
  public void copyInto(Path target) {
    lock.readLock().lock();
    try (Checkpoint checkpoint = Checkpoint.create(open().db())) {
      checkpoint.createCheckpoint(target.toString());
    } catch (RocksDBException e) {
      throw new StoreException("cannot copy the store: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    lock.readLock().lock();
    try {
      return open().get(table, key, everyday);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
    lock.readLock().lock();
    try (ReadOptions options = new ReadOptions()) {
      open().scan(new RocksHandles.Range(table, from, to), options, visitor);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public Snapshot snapshot() {
    lock.readLock().lock();
    try {
      RocksHandles open = open();
      return new RocksSnapshot(open, open.db().getSnapshot());
    } finally {
      lock.readLock().unlock();
    }
  }

  /// A snapshot of RocksDB, which is gone with the handles that it was made with.
  private final class RocksSnapshot implements Snapshot {
    private final RocksHandles of;
    private final org.rocksdb.Snapshot snapshot;
    private final int closingsBefore = closings;
    private boolean closed;

    RocksSnapshot(RocksHandles of, org.rocksdb.Snapshot snapshot) {
      this.of = of;
      this.snapshot = snapshot;
    }

    @Override
    public synchronized byte @Nullable [] get(Table table, byte[] key) {
      lock.readLock().lock();
      try (ReadOptions options = options()) {
        return of.get(table, key, options);
      } finally {
        lock.readLock().unlock();
      }
    }

    @Override
    public synchronized void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
      lock.readLock().lock();
      try (ReadOptions options = options()) {
        of.scan(new RocksHandles.Range(table, from, to), options, visitor);
      } finally {
        lock.readLock().unlock();
      }
    }

    /// A long reading must not push out of the cache what everyone else needs.
    private ReadOptions options() {
      if (closed || closings != closingsBefore) {
        throw new StoreException("the store was reopened since");
      }
      return new ReadOptions().setSnapshot(snapshot).setFillCache(false);
    }

    @Override
    public synchronized void close() {
      lock.readLock().lock();
      try {
        if (!closed && closings == closingsBefore) {
          of.db().releaseSnapshot(snapshot);
        }
        closed = true;
      } finally {
        lock.readLock().unlock();
      }
    }
  }

  @Override
  public void write(Batch batch) {
    lock.readLock().lock();
    try {
      open().write(batch, synced);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void reopen() {
    requireNotClosed();
    requireRoom();
    lock.writeLock().lock();
    try {
      requireNotClosed();
      closeHandles();
      handles = openHandles();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void requireNotClosed() {
    if (closed) {
      throw new StoreClosedException("the store in " + directory + " is closed");
    }
  }

  /// Makes sure that opening would not fail for want of space: it writes what the logs hold into
  /// tables, and begins a new log.
  private void requireRoom() {
    long needed = OPENING_BYTES;
    Path probe = directory.resolve("probe");
    try {
      try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*.log")) {
        for (Path log : logs) {
          needed += Files.size(log);
        }
      }
      try {
        Files.write(probe, new byte[4_096], StandardOpenOption.CREATE, StandardOpenOption.DSYNC);
      } finally {
        Files.deleteIfExists(probe);
      }
    } catch (IOException e) {
      throw new StoreException(directory + " cannot be written: " + e.getMessage(), e);
    }
    if (freeBytes() < needed) {
      throw new StoreException(
          directory + " has less than " + needed + " bytes left, which opening it needs");
    }
  }

  @Override
  public long minFreeBytes() {
    return minFreeBytes;
  }

  @Override
  public long freeBytes() {
    try {
      return Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      throw new StoreException("cannot ask for the free space of " + directory, e);
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      closeHandles();
      synced.close();
      everyday.close();
      blockCache.close();
      bloomFilter.close();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private RocksHandles open() {
    RocksHandles open = handles;
    if (open == null) {
      throw new StoreException("the store in " + directory + " is closed");
    }
    return open;
  }

  private void closeHandles() {
    RocksHandles open = handles;
    if (open != null) {
      handles = null;
      closings++;
      open.close();
    }
  }
}
