package dev.fanfare.backup;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Stamp;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import org.jspecify.annotations.Nullable;

/// Plays entries into a state that nobody uses yet, and keeps them as its journal. One thread.
final class Replaying {
  private static final int GROUP_ENTRIES = 1_000;
  private static final long GROUP_BYTES = 4L << 20;
  private static final long DELTA_BYTES = 64L << 20;

  private final Store store;
  private final Replica replica;
  private @Nullable Batch group;
  private int grouped;
  private long bytes;
  private Stamp last;

  Replaying(Store store) {
    this.store = store;
    this.replica = new Replica(store);
    this.last = replica.applied();
  }

  /// The last entry that was played.
  Stamp last() {
    return last;
  }

  Replica replica() {
    return replica;
  }

  /// Plays the entry that comes next.
  void play(long offset, byte[] stored) {
    if (offset != last.offset() + 1) {
      throw new BackupException(
          "entries are missing: %d comes after %d".formatted(offset, last.offset()));
    }
    Entry entry = parse(stored, offset);
    if (grouped >= GROUP_ENTRIES
        || bytes >= GROUP_BYTES
        || replica.readsCommitted(entry.getCommand())) {
      commit();
    }
    var _ = apply(new Stamp(offset, entry.getTime()), entry);
    grouped++;
    bytes += stored.length;
  }

  /// Appends a command of its own and makes everything durable.
  ///
  /// @param time journal time; never before that of the last entry
  Outcome append(Command command, long time) {
    commit();
    Stamp stamp = new Stamp(last.offset() + 1, Math.max(time, last.time()));
    Outcome outcome =
        apply(stamp, Entry.newBuilder().setTime(stamp.time()).setCommand(command).build());
    grouped++;
    end();
    return outcome;
  }

  /// Makes everything durable, and the next start short.
  void end() {
    commit();
    replica.checkpoint();
  }

  private Outcome apply(Stamp stamp, Entry entry) {
    if (group == null) {
      group = replica.begin();
    }
    Outcome outcome = replica.apply(stamp, entry.getCommand());
    group.put(Table.JOURNAL, Key.bytes(stamp.offset()), entry.toByteArray());
    last = stamp;
    return outcome;
  }

  private void commit() {
    if (group != null) {
      replica.seal();
      store.write(group);
      replica.committed();
      group = null;
      grouped = 0;
      bytes = 0;
      if (replica.deltaBytes() >= DELTA_BYTES) {
        replica.checkpoint();
      }
    }
  }

  static Entry parse(byte[] stored, long offset) {
    try {
      return Entry.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new BackupException("entry " + offset + " is damaged", e);
    }
  }
}
