package dev.fanfare.gateway;

import com.google.protobuf.ByteString;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what devices reported into the journal, once a second, by chunk of 65,536 ordinals and at
/// most 512 KB per entry. A crash loses at most that second; what the journal did not take is kept
/// for the next round. Who waits for a report makes the next round come sooner. One thread.
final class ReceiptJournal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReceiptJournal.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration WAITED_FOR = Duration.ofMillis(50);

  /// For how long somebody waits to hear that a report is durable.
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  /// For how long a journal that is slow is waited for when the node stops; one that is away is
  /// not.
  private static final Duration LAST_WAIT = Duration.ofSeconds(2);

  private static final Duration GIVE_UP = Duration.ofSeconds(1);

  private static final int ENTRY_BYTES = 512 << 10;

  private final Journal journal;
  private final Source source;
  private final Duration lastWait;
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final Thread thread;
  private Receipts pending = new Receipts();
  private volatile boolean closed;

  /// What the shards hold.
  @FunctionalInterface
  interface Source {
    /// Gives all of it away, piece by piece; blocks until the shards gave it. What was taken stays
    /// taken when the rest cannot be given.
    void give(Consumer<Receipts> taker);
  }

  /// A report that somebody waits for, and what tells them that it is durable.
  private record Waiting(Receipts receipts, CompletableFuture<Boolean> journaled) {}

  ReceiptJournal(Journal journal, Source source) {
    this(journal, source, LAST_WAIT);
  }

  /// @param lastWait for how long a journal that is slow is waited for when the node stops
  ReceiptJournal(Journal journal, Source source, Duration lastWait) {
    this.journal = journal;
    this.source = source;
    this.lastWait = lastWait;
    this.thread = Thread.ofPlatform().daemon().name("receipts").start(this::run);
  }

  /// Journals a report together with everything that was reported before, and returns when that is
  /// durable. As many may wait as there are acknowledgements at once.
  ///
  /// @throws TryAgainException when the journal does not take it now, or not for some seconds; the
  ///   report is kept and may become durable yet
  void journal(Receipts receipts) {
    Waiting mine = new Waiting(receipts, new CompletableFuture<>());
    waiting.add(mine);
    if (closed) {
      mine.journaled().completeExceptionally(new TryAgainException("the node is stopping"));
    }
    try {
      var _ = mine.journaled().get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new TryAgainException("the journal did not take it: " + e.getCause());
    } catch (TimeoutException _) {
      throw new TryAgainException("the journal takes long");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new TryAgainException("the node is stopping");
    }
  }

  private void run() {
    while (!closed) {
      journalOnce(gather());
    }
    journalOnce(gatherNow(new ArrayList<>()));
  }

  /// Waits for a second, or until somebody waits; then a moment longer, for others.
  private List<Waiting> gather() {
    List<Waiting> gathered = new ArrayList<>();
    try {
      Waiting first = waiting.poll(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      if (first != null) {
        gathered.add(first);
        Thread.sleep(WAITED_FOR);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return gatherNow(gathered);
  }

  private List<Waiting> gatherNow(List<Waiting> gathered) {
    waiting.drainTo(gathered);
    return gathered;
  }

  private void journalOnce(List<Waiting> waited) {
    try {
      waited.forEach(report -> pending.addAll(report.receipts()));
      source.give(pending::addAll);
      if (!pending.isEmpty()) {
        commands(pending).forEach(journal::propose);
        pending = new Receipts();
      }
      waited.forEach(report -> report.journaled().complete(true));
    } catch (RuntimeException | Error e) {
      waited.forEach(report -> report.journaled().completeExceptionally(e));
      if (e instanceof TryAgainException || e instanceof OutcomeUnknownException) {
        log.debug("receipts wait: {}", e.getMessage());
      } else {
        log.error("receipts could not be journaled", e);
      }
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

  /// Journals what is there a last time. The thread is not interrupted as long as the journal may
  /// take it, because whoever is interrupted gives up what it waits for, and all that it would wait
  /// for later.
  @Override
  public void close() {
    closed = true;
    waiting.add(new Waiting(new Receipts(), new CompletableFuture<>()));
    try {
      if (!thread.join(journal.troubles().isEmpty() ? lastWait : Duration.ZERO)) {
        thread.interrupt();
        thread.join(GIVE_UP);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
