package dev.fanfare.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// A store in memory whose writes can be made to fail, before or after they took effect.
///
/// Any number of threads.
public final class MemoryStore implements Store {
  private final Map<Table, ConcurrentNavigableMap<byte[], byte[]>> tables =
      new EnumMap<>(Table.class);

  private final Map<Table, LongAdder> reads = new EnumMap<>(Table.class);

  /// Has every reader see a batch wholly or not at all.
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private volatile Fault fault = Fault.NONE;
  private volatile boolean readsFail;
  private volatile long freeBytes = Long.MAX_VALUE;
  private volatile boolean freeBytesFail;
  private final AtomicInteger reopened = new AtomicInteger();

  /// What the next write does.
  public enum Fault {
    NONE,
    /// It throws and leaves nothing behind.
    LOST,
    /// It throws although everything was written.
    WRITTEN_BUT_FAILED
  }

  public MemoryStore() {
    for (Table table : Table.values()) {
      tables.put(table, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
      reads.put(table, new LongAdder());
    }
  }

  public void fail(Fault next) {
    fault = next;
  }

  /// Has every read fail, until it is told otherwise.
  public void failReads(boolean fail) {
    readsFail = fail;
  }

  public void setFreeBytes(long bytes) {
    freeBytes = bytes;
  }

  /// Whether asking for the free space fails.
  public void failFreeBytes(boolean fail) {
    freeBytesFail = fail;
  }

  public int reopened() {
    return reopened.get();
  }

  /// Everything in a table, by key, also half a batch while it is written.
  public ConcurrentNavigableMap<byte[], byte[]> table(Table table) {
    return Objects.requireNonNull(tables.get(table));
  }

  /// How often a key of a table was asked for.
  public long reads(Table table) {
    return Objects.requireNonNull(reads.get(table)).sum();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    Objects.requireNonNull(reads.get(table)).increment();
    if (readsFail) {
      throw new StoreException("planted fault: reads fail");
    }
    Lock reading = lock.readLock();
    reading.lock();
    try {
      return table(table).get(key);
    } finally {
      reading.unlock();
    }
  }

  /// The visitor is free to write: what it sees is a copy.
  @Override
  public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
    for (var entry : entries(table, from, to)) {
      if (!visitor.visit(entry.getKey(), entry.getValue())) {
        return;
      }
    }
  }

  private List<Map.Entry<byte[], byte[]>> entries(Table table, byte[] from, byte @Nullable [] to) {
    var range = to == null ? table(table).tailMap(from) : table(table).subMap(from, to);
    List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
    Lock reading = lock.readLock();
    reading.lock();
    try {
      for (var entry : range.entrySet()) {
        entries.add(entry);
      }
      return entries;
    } finally {
      reading.unlock();
    }
  }

  @Override
  public Snapshot snapshot() {
    MemoryStore copy = new MemoryStore();
    Lock reading = lock.readLock();
    reading.lock();
    try {
      tables.forEach((table, entries) -> copy.table(table).putAll(entries));
    } finally {
      reading.unlock();
    }
    return new Copy(copy);
  }

  private record Copy(MemoryStore copy) implements Snapshot {
    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return copy.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
      copy.scan(table, from, to, visitor);
    }

    @Override
    public void close() {}
  }

  @Override
  public void write(Batch batch) {
    Fault now = fault;
    fault = Fault.NONE;
    if (now != Fault.LOST) {
      Lock writing = lock.writeLock();
      writing.lock();
      try {
        batch.forEach(new MapSink());
      } finally {
        writing.unlock();
      }
    }
    if (now != Fault.NONE) {
      throw new StoreException("planted fault: " + now);
    }
  }

  @Override
  public void reopen() {
    reopened.incrementAndGet();
  }

  @Override
  public long freeBytes() {
    if (freeBytesFail) {
      throw new StoreException("planted fault: free space");
    }
    return freeBytes;
  }

  @Override
  public void close() {}

  private final class MapSink implements Batch.Sink {
    @Override
    public void put(Table table, byte[] key, byte[] value) {
      table(table).put(key, value);
    }

    @Override
    public void delete(Table table, byte[] key) {
      table(table).remove(key);
    }

    @Override
    public void deleteRange(Table table, byte[] from, byte[] to) {
      table(table).subMap(from, to).clear();
    }
  }
}
