package dev.fanfare.replica;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Plays journal entries into a fresh replica, in groups of any size, and sums up the state.
public final class Replay {
  /// What follows from the journal. The index is left out, because its chunks are as new as the
  /// last checkpoint made them; it is compared by what it answers.
  private static final Set<Table> STATE =
      EnumSet.complementOf(EnumSet.of(Table.JOURNAL, Table.DELTA, Table.INDEX));

  private static final Set<Table> BITMAPS = EnumSet.of(Table.CHUNK, Table.REMOVED, Table.FROZEN);

  private Replay() {}

  /// The state after these entries, by offset.
  ///
  /// @param groups draws the size of each group
  public static MemoryStore play(SortedMap<Long, Entry> entries, Random groups) {
    MemoryStore store = new MemoryStore();
    Replica replica = new Replica(store);
    Batch batch = null;
    for (Map.Entry<Long, Entry> entry : entries.entrySet()) {
      var command = entry.getValue().getCommand();
      if (batch != null && (replica.readsCommitted(command) || groups.nextInt(3) == 0)) {
        commit(replica, store, batch);
        batch = null;
      }
      if (batch == null) {
        batch = replica.begin();
      }
      replica.apply(new Stamp(entry.getKey(), entry.getValue().getTime()), command);
    }
    if (batch != null) {
      commit(replica, store, batch);
    }
    return store;
  }

  private static void commit(Replica replica, MemoryStore store, Batch batch) {
    replica.seal();
    store.write(batch);
    replica.committed();
  }

  /// The entries that a store's journal holds.
  public static SortedMap<Long, Entry> entries(MemoryStore store) {
    SortedMap<Long, Entry> entries = new TreeMap<>();
    store
        .table(Table.JOURNAL)
        .forEach((key, value) -> entries.put(ByteBuffer.wrap(key).getLong(), entry(value)));
    return entries;
  }

  /// Everything that a store holds.
  public static MemoryStore copy(Store store) {
    MemoryStore copy = new MemoryStore();
    for (Table table : Table.values()) {
      store.scan(
          table,
          new byte[0],
          null,
          (key, value) -> {
            copy.table(table).put(key, value);
            return true;
          });
    }
    return copy;
  }

  private static Entry entry(byte[] stored) {
    try {
      return Entry.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /// A logical checksum: keys in order, bitmaps as ascending integers.
  public static String checksum(Store store) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Table table : STATE) {
        digest.update(table.name().getBytes(StandardCharsets.UTF_8));
        store.scan(
            table,
            new byte[0],
            null,
            (key, value) -> {
              if (!new String(key, StandardCharsets.UTF_8).equals("checkpoint")) {
                digest.update(key);
                if (BITMAPS.contains(table)) {
                  BitmapBytes.parse(value)
                      .forEach(
                          (int bit) -> digest.update(ByteBuffer.allocate(4).putInt(bit).array()));
                } else {
                  digest.update(value);
                }
              }
              return true;
            });
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
