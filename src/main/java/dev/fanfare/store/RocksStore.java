package dev.fanfare.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
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
  private static final Pattern DATA_FILE = Pattern.compile("\\.(log|sst)\\b");
  private static final long MEMTABLES_BYTES = 64L << 20;
  private static final long LOG_BYTES = 128L << 20;
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
  private @Nullable Handles handles;

  /// How often the handles were closed.
  private int closings;

  private record Handles(
      RocksDB db, Map<Table, ColumnFamilyHandle> tables, List<AutoCloseable> options) {
    boolean lacks(Table table) {
      return !tables.containsKey(table);
    }

    ColumnFamilyHandle table(Table table) {
      return Objects.requireNonNull(tables.get(table), "every table has a column family");
    }
  }

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

  /// Copies the files of the store as they are after the last write into a new directory on the
  /// same file system; the large ones are hard links. Writes go on meanwhile.
  public void snapshot(Path target) {
    lock.readLock().lock();
    try (Checkpoint checkpoint = Checkpoint.create(open().db())) {
      checkpoint.createCheckpoint(target.toString());
    } catch (RocksDBException e) {
      throw new StoreException("cannot take a snapshot: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private Handles openHandles() {
    List<AutoCloseable> options = new ArrayList<>();
    DBOptions dbOptions =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
            .setMaxTotalWalSize(LOG_BYTES)
            .setDbWriteBufferSize(MEMTABLES_BYTES)
            .setMaxBackgroundJobs(2)
            .setBytesPerSync(1 << 20)
            .setMaxOpenFiles(2_000)
            .setKeepLogFileNum(4);
    options.add(dbOptions);
    List<ColumnFamilyHandle> families = new ArrayList<>();
    try {
      List<Table> known = readOnly ? stored() : List.of(Table.values());
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY));
      for (Table table : known) {
        ColumnFamilyOptions tableOptions = tableOptions();
        options.add(tableOptions);
        descriptors.add(new ColumnFamilyDescriptor(name(table), tableOptions));
      }
      RocksDB db =
          readOnly
              ? RocksDB.openReadOnly(dbOptions, directory.toString(), descriptors, families)
              : RocksDB.open(dbOptions, directory.toString(), descriptors, families);
      Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);
      Iterator<ColumnFamilyHandle> opened = families.iterator();
      options.add(opened.next());
      for (Table table : known) {
        tables.put(table, opened.next());
      }
      return new Handles(db, tables, options);
    } catch (RocksDBException e) {
      closeAll(options);
      throw new StoreException(
          "cannot open the store in " + directory + ": " + e.getMessage() + damage(), e);
    }
  }

  /// The tables that the directory has.
  private List<Table> stored() throws RocksDBException {
    try (Options options = new Options()) {
      List<byte[]> families = RocksDB.listColumnFamilies(options, directory.toString());
      return Stream.of(Table.values())
          .filter(table -> families.stream().anyMatch(name -> Arrays.equals(name, name(table))))
          .toList();
    }
  }

  private static byte[] name(Table table) {
    return Key.bytes(table.name().toLowerCase(Locale.ROOT));
  }

  /// Which file is damaged, as RocksDB told its own log; empty when it did not say.
  private String damage() {
    try (Stream<String> lines =
        Files.lines(directory.resolve("LOG"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.contains("Corruption") && DATA_FILE.matcher(line).find())
          .reduce((_, last) -> last)
          .map(line -> " (" + line.replaceFirst("^\\S+ \\S+ ", "") + ")")
          .orElse("");
    } catch (IOException | UncheckedIOException _) {
      return "";
    }
  }

  private ColumnFamilyOptions tableOptions() {
    return new ColumnFamilyOptions()
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(blockCache)
                .setFilterPolicy(bloomFilter)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setBlockSize(8 << 10)
                .setFormatVersion(5))
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setLevelCompactionDynamicLevelBytes(true)
        .setWriteBufferSize(32L << 20);
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    lock.readLock().lock();
    try {
      Handles open = open();
      return open.lacks(table) ? null : open.db().get(open.table(table), key);
    } catch (RocksDBException e) {
      throw new StoreException("cannot read table " + table + ": " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
    lock.readLock().lock();
    try (ReadOptions options = new ReadOptions()) {
      scan(open(), options, new Range(table, from, to), visitor);
    } finally {
      lock.readLock().unlock();
    }
  }

  private record Range(Table table, byte[] from, byte @Nullable [] to) {}

  private static void scan(Handles open, ReadOptions options, Range range, Visitor visitor) {
    if (open.lacks(range.table())) {
      return;
    }
    byte[] to = range.to();
    try (Slice upper = to == null ? new Slice(new byte[0]) : new Slice(to)) {
      if (to != null) {
        options.setIterateUpperBound(upper);
      }
      try (RocksIterator entries = open.db().newIterator(open.table(range.table()), options)) {
        boolean more = true;
        for (entries.seek(range.from()); more && entries.isValid(); entries.next()) {
          more = visitor.visit(entries.key(), entries.value());
        }
        entries.status();
      }
    } catch (RocksDBException e) {
      throw new StoreException("cannot scan table " + range.table() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Snapshot snapshot() {
    lock.readLock().lock();
    try {
      Handles open = open();
      return new RocksSnapshot(open, open.db().getSnapshot());
    } finally {
      lock.readLock().unlock();
    }
  }

  /// A snapshot of RocksDB, which is gone with the handles that it was made with.
  private final class RocksSnapshot implements Snapshot {
    private final Handles of;
    private final org.rocksdb.Snapshot snapshot;
    private final int closingsBefore = closings;
    private boolean closed;

    RocksSnapshot(Handles of, org.rocksdb.Snapshot snapshot) {
      this.of = of;
      this.snapshot = snapshot;
    }

    @Override
    public synchronized byte @Nullable [] get(Table table, byte[] key) {
      lock.readLock().lock();
      try (ReadOptions options = options()) {
        return of.db().get(of.table(table), options, key);
      } catch (RocksDBException e) {
        throw new StoreException("cannot read table " + table + ": " + e.getMessage(), e);
      } finally {
        lock.readLock().unlock();
      }
    }

    @Override
    public synchronized void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
      lock.readLock().lock();
      try (ReadOptions options = options()) {
        RocksStore.scan(of, options, new Range(table, from, to), visitor);
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
    try (WriteBatch changes = new WriteBatch()) {
      Handles open = open();
      batch.forEach(new RocksSink(changes, open));
      open.db().write(synced, changes);
    } catch (RocksDBException e) {
      throw new StoreException("cannot write: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void reopen() {
    requireRoom();
    lock.writeLock().lock();
    try {
      closeHandles();
      handles = openHandles();
    } finally {
      lock.writeLock().unlock();
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
      closeHandles();
      synced.close();
      blockCache.close();
      bloomFilter.close();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private Handles open() {
    Handles open = handles;
    if (open == null) {
      throw new StoreException("the store in " + directory + " is closed");
    }
    return open;
  }

  private void closeHandles() {
    Handles open = handles;
    if (open != null) {
      handles = null;
      closings++;
      open.tables().values().forEach(ColumnFamilyHandle::close);
      open.db().close();
      closeAll(open.options());
    }
  }

  private static void closeAll(List<AutoCloseable> closeables) {
    for (AutoCloseable closeable : closeables) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("closing a native handle never fails", e);
      }
    }
  }

  private record RocksSink(WriteBatch changes, Handles handles) implements Batch.Sink {
    @Override
    public void put(Table table, byte[] key, byte[] value) {
      try {
        changes.put(handles.table(table), key, value);
      } catch (RocksDBException e) {
        throw new StoreException("cannot fill a batch", e);
      }
    }

    @Override
    public void delete(Table table, byte[] key) {
      try {
        changes.delete(handles.table(table), key);
      } catch (RocksDBException e) {
        throw new StoreException("cannot fill a batch", e);
      }
    }

    @Override
    public void deleteRange(Table table, byte[] from, byte[] to) {
      try {
        changes.deleteRange(handles.table(table), from, to);
      } catch (RocksDBException e) {
        throw new StoreException("cannot fill a batch", e);
      }
    }
  }
}
