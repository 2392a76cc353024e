package dev.fanfare.gateway;

import com.google.protobuf.ByteString;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.store.BitmapBytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what devices reported into the journal, once a second, by chunk of 65,536 ordinals and at
/// most 512 KB per entry. A crash loses at most that second; what the journal did not take is kept
/// for the next round. One thread.
final class ReceiptJournal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReceiptJournal.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int ENTRY_BYTES = 512 << 10;

  private final Journal journal;
  private final Supplier<List<Receipts>> source;
  private final Thread thread;
  private Receipts pending = new Receipts();
  private volatile boolean closed;

  /// @param source takes away what the shards hold; blocks until they gave it
  ReceiptJournal(Journal journal, Supplier<List<Receipts>> source) {
    this.journal = journal;
    this.source = source;
    this.thread = Thread.ofPlatform().daemon().name("receipts").start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException _) {
        continue;
      }
      journalOnce();
    }
    journalOnce();
  }

  private void journalOnce() {
    try {
      source.get().forEach(pending::addAll);
      if (!pending.isEmpty()) {
        commands(pending).forEach(journal::propose);
        pending = new Receipts();
      }
    } catch (TryAgainException e) {
      log.debug("receipts wait: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("receipts could not be journaled", e);
    }
  }

  /// The entries that say all this, each of one app and at most 512 KB.
  static List<Command> commands(Receipts receipts) {
    Map<Integer, List<ReceiptChunk>> byApp = new HashMap<>();
    receipts
        .bits()
        .forEach((key, bits) ->
            byApp
                .computeIfAbsent(key.app(), _ -> new ArrayList<>())
                .addAll(chunks(key.broadcast(), bits)));
    List<Command> commands = new ArrayList<>();
    byApp.forEach((app, chunks) -> {
      var entry = dev.fanfare.schema.Receipts.newBuilder();
      int bytes = 0;
      for (ReceiptChunk chunk : chunks) {
        if (bytes > 0 && bytes + chunk.getSerializedSize() > ENTRY_BYTES) {
          commands.add(Command.newBuilder().setApp(app).setReceipts(entry).build());
          entry.clear();
          bytes = 0;
        }
        entry.addChunks(chunk);
        bytes += chunk.getSerializedSize();
      }
      commands.add(Command.newBuilder().setApp(app).setReceipts(entry).build());
    });
    return commands;
  }

  private static List<ReceiptChunk> chunks(long broadcast, Receipts.Bits bits) {
    Set<Integer> numbers = new TreeSet<>();
    for (RoaringBitmap set : List.of(bits.reached(), bits.delivered(), bits.read())) {
      for (var pointer = set.getContainerPointer();
          pointer.getContainer() != null;
          pointer.advance()) {
        numbers.add((int) pointer.key());
      }
    }
    List<ReceiptChunk> chunks = new ArrayList<>();
    for (int number : numbers) {
      chunks.add(
          ReceiptChunk.newBuilder()
              .setBroadcast(broadcast)
              .setChunk(number)
              .setReached(chunk(bits.reached(), number))
              .setDelivered(chunk(bits.delivered(), number))
              .setRead(chunk(bits.read(), number))
              .build());
    }
    return chunks;
  }

  private static ByteString chunk(RoaringBitmap set, int number) {
    long start = (long) number << 16;
    RoaringBitmap chunk = set.selectRange(start, start + 0x10000);
    return ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.addOffset(chunk, -start)));
  }

  /// Journals what is there a last time.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
