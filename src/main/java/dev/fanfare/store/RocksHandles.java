package dev.fanfare.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// RocksDB while it is open: the database, a column family for each table, and the native options
/// that have to outlive both.
///
/// @param options in no order
record RocksHandles(
    RocksDB db, Map<Table, ColumnFamilyHandle> tables, List<AutoCloseable> options) {
  private static final Pattern DATA_FILE = Pattern.compile("\\.(log|sst)\\b");
  private static final long MEMTABLES_BYTES = 64L << 20;
  private static final long LOG_BYTES = 128L << 20;

  /// What is opened, and what all that is opened there after another has in common.
  record Place(Path directory, boolean readOnly, Cache blockCache, BloomFilter bloomFilter) {}

  record Range(Table table, byte[] from, byte @Nullable [] to) {}

  /// @throws StoreException when the directory cannot be used or what it holds is damaged
  static RocksHandles open(Place place) {
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
      List<Table> known = place.readOnly() ? stored(place) : List.of(Table.values());
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY));
      for (Table table : known) {
        ColumnFamilyOptions tableOptions = tableOptions(place);
        options.add(tableOptions);
        descriptors.add(new ColumnFamilyDescriptor(name(table), tableOptions));
      }
      RocksDB db =
          place.readOnly()
              ? RocksDB.openReadOnly(dbOptions, place.directory().toString(), descriptors, families)
              : RocksDB.open(dbOptions, place.directory().toString(), descriptors, families);
      Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);
      Iterator<ColumnFamilyHandle> opened = families.iterator();
      options.add(opened.next());
      for (Table table : known) {
        tables.put(table, opened.next());
      }
      return new RocksHandles(db, tables, options);
    } catch (RocksDBException e) {
      closeAll(options);
      throw new StoreException(
          "cannot open the store in " + place.directory() + ": " + e.getMessage() + damage(place),
          e);
    }
  }

  /// The tables that the directory has.
  private static List<Table> stored(Place place) throws RocksDBException {
    try (Options options = new Options()) {
      List<byte[]> families = RocksDB.listColumnFamilies(options, place.directory().toString());
      return Stream.of(Table.values())
          .filter(table -> families.stream().anyMatch(name -> Arrays.equals(name, name(table))))
          .toList();
    }
  }

  private static byte[] name(Table table) {
    return Key.bytes(table.name().toLowerCase(Locale.ROOT));
  }

  /// Which file is damaged, as RocksDB told its own log; empty when it did not say.
  private static String damage(Place place) {
    try (Stream<String> lines =
        Files.lines(place.directory().resolve("LOG"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.contains("Corruption") && DATA_FILE.matcher(line).find())
          .reduce((_, last) -> last)
          .map(line -> " (" + line.replaceFirst("^\\S+ \\S+ ", "") + ")")
          .orElse("");
    } catch (IOException | UncheckedIOException _) {
      return "";
    }
  }

  /// Indexes and filters are in parts, because the cache does not keep a block that is larger than
  /// one of its shards: the whole filter of a large file would be read anew for every key.
  private static ColumnFamilyOptions tableOptions(Place place) {
    return new ColumnFamilyOptions()
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(place.blockCache())
                .setFilterPolicy(place.bloomFilter())
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setMetadataBlockSize(4 << 10)
                .setPinTopLevelIndexAndFilter(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setBlockSize(8 << 10)
                .setFormatVersion(5))
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setLevelCompactionDynamicLevelBytes(true)
        .setWriteBufferSize(32L << 20);
  }

  private boolean lacks(Table table) {
    return !tables.containsKey(table);
  }

  private ColumnFamilyHandle table(Table table) {
    return Objects.requireNonNull(tables.get(table), "every table has a column family");
  }

  byte @Nullable [] get(Table table, byte[] key, ReadOptions reading) {
    try {
      return lacks(table) ? null : db.get(table(table), reading, key);
    } catch (RocksDBException e) {
      throw new StoreException("cannot read table " + table + ": " + e.getMessage(), e);
    }
  }

  void scan(Range range, ReadOptions reading, Tables.Visitor visitor) {
    if (lacks(range.table())) {
      return;
    }
    byte[] to = range.to();
    try (Slice upper = to == null ? new Slice(new byte[0]) : new Slice(to)) {
      if (to != null) {
        reading.setIterateUpperBound(upper);
      }
      try (RocksIterator entries = db.newIterator(table(range.table()), reading)) {
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

  void write(Batch batch, WriteOptions writing) {
    try (WriteBatch changes = new WriteBatch()) {
      batch.forEach(new Filling(changes));
      db.write(writing, changes);
    } catch (RocksDBException e) {
      throw new StoreException("cannot write: " + e.getMessage(), e);
    }
  }

  void close() {
    tables.values().forEach(ColumnFamilyHandle::close);
    db.close();
    closeAll(options);
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

  private final class Filling implements Batch.Sink {
    private final WriteBatch changes;

    Filling(WriteBatch changes) {
      this.changes = changes;
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
      try {
        changes.put(RocksHandles.this.table(table), key, value);
      } catch (RocksDBException e) {
        throw new StoreException("cannot fill a batch", e);
      }
    }

    @Override
    public void delete(Table table, byte[] key) {
      try {
        changes.delete(RocksHandles.this.table(table), key);
      } catch (RocksDBException e) {
        throw new StoreException("cannot fill a batch", e);
      }
    }

    @Override
    public void deleteRange(Table table, byte[] from, byte[] to) {
      try {
        changes.deleteRange(RocksHandles.this.table(table), from, to);
      } catch (RocksDBException e) {
        throw new StoreException("cannot fill a batch", e);
      }
    }
  }
}
