package dev.fanfare.journal.embedded;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.JournalClock;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal of one machine.
///
/// One thread, the applier, takes what waits as a group, applies it, and writes entries and state
/// as one synced batch; while that batch reaches the disk the next group gathers. Only then are
/// callers answered. So the cost of a sync is shared by all who wait, and an answer means durable.
///
/// A commit that fails leaves open whether it happened. The applier then forgets its memory,
/// reopens the store and looks: the group is there and stands, or it is not and its callers may try
/// again.
public final class EmbeddedJournal implements Journal {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedJournal.class);

  /// Writes are refused below this much free space: enough for compactions, logs and two memtables.
  public static final long MIN_FREE_BYTES = 512L << 20;

  private static final int GROUP_COMMANDS = 1_000;
  private static final long GROUP_BYTES = 4L << 20;
  private static final Duration FREE_SPACE_CHECK = Duration.ofSeconds(1);
  private static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);

  private final Store store;
  private final StateMachine state;
  private final LongSupplier nanoTime;
  private final Runnable onBrokenInvariant;
  private final JournalClock clock;
  private final ProposalQueue queue = new ProposalQueue();
  private final Thread applier;
  private long freeBytesCheckedAt;
  private boolean spaceLeft = true;
  private volatile boolean storeOpen = true;

  /// Starts on what the store holds; the state machine has read its memory from it already.
  ///
  /// @param onBrokenInvariant called when going on could damage stored data; should stop the
  ///   process
  public EmbeddedJournal(
      Store store, StateMachine state, Clocks clocks, Runnable onBrokenInvariant) {
    this.store = store;
    this.state = state;
    this.nanoTime = clocks.nanoTime();
    this.onBrokenInvariant = onBrokenInvariant;
    this.clock = new JournalClock(clocks.wall(), clocks.nanoTime(), state.applied().time());
    this.freeBytesCheckedAt = nanoTime.getAsLong() - FREE_SPACE_CHECK.toNanos();
    this.applier = Thread.ofPlatform().name("applier").start(this::run);
  }

  /// The wall clock and the monotonic clock.
  public record Clocks(Clock wall, LongSupplier nanoTime) {
    public static Clocks system() {
      return new Clocks(Clock.systemUTC(), System::nanoTime);
    }
  }

  @Override
  public Outcome propose(Command command) {
    Proposal proposal = new Proposal(command);
    queue.add(proposal);
    return proposal.await();
  }

  /// Journal time of an entry that would be appended now, milliseconds since the epoch.
  public long time() {
    return clock.now();
  }

  /// Why writes are refused at this moment; empty when they are taken.
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    if (!diskHasSpace()) {
      troubles.add("the disk is nearly full");
    }
    if (!storeOpen) {
      troubles.add("the store failed and is being reopened");
    }
    return troubles;
  }

  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    while (applier.isAlive()) {
      try {
        applier.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Proposal> waiting = queue.take(GROUP_COMMANDS, GROUP_BYTES);
    while (!waiting.isEmpty()) {
      if (hasSpace()) {
        applyAll(waiting);
      } else {
        failAll(waiting, new TryAgainException("the disk is nearly full"));
      }
      waiting = queue.take(GROUP_COMMANDS, GROUP_BYTES);
    }
  }

  /// Applies proposals in order, in as few groups as the index allows.
  private void applyAll(List<Proposal> proposals) {
    List<Proposal> group = new ArrayList<>();
    for (Proposal proposal : proposals) {
      if (!group.isEmpty() && state.readsCommitted(proposal.command())) {
        commit(group);
        group = new ArrayList<>();
      }
      group.add(proposal);
    }
    commit(group);
  }

  private void commit(List<Proposal> group) {
    try {
      Batch batch = state.begin();
      long offset = state.applied().offset();
      for (Proposal proposal : group) {
        Stamp stamp = new Stamp(++offset, clock.next());
        Entry entry =
            Entry.newBuilder().setTime(stamp.time()).setCommand(proposal.command()).build();
        proposal.applied(state.apply(stamp, proposal.command()));
        batch.put(Table.JOURNAL, Key.bytes(offset), entry.toByteArray());
      }
      state.seal();
      store.write(batch);
      state.committed();
      group.forEach(Proposal::committed);
    } catch (StoreException e) {
      recover(group, e);
    } catch (UnknownEntryException e) {
      failAll(group, e);
      recoverMemory();
    } catch (RuntimeException | Error e) {
      log.error("a command broke an invariant; the server stops", e);
      failAll(group, new TryAgainException("the server is stopping"));
      queue.close();
      onBrokenInvariant.run();
    }
  }

  /// After a failed commit: reopens until that works, then says what became of the group.
  private void recover(List<Proposal> group, StoreException cause) {
    log.error("a commit of {} commands failed; reopening the store", group.size(), cause);
    long before = state.applied().offset();
    recoverMemory();
    if (state.applied().offset() == before + group.size()) {
      group.forEach(Proposal::committed);
    } else {
      failAll(group, new TryAgainException("the store failed", cause));
    }
  }

  private void recoverMemory() {
    storeOpen = false;
    while (!storeOpen) {
      try {
        store.reopen();
        state.rebuild();
        storeOpen = true;
      } catch (StoreException e) {
        log.error("the store cannot be reopened; trying again in {}", REOPEN_PAUSE, e);
        failAll(queue.poll(), new TryAgainException("the store is not available", e));
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(REOPEN_PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasSpace() {
    long now = nanoTime.getAsLong();
    if (now - freeBytesCheckedAt >= TimeUnit.NANOSECONDS.convert(FREE_SPACE_CHECK)) {
      freeBytesCheckedAt = now;
      boolean was = spaceLeft;
      spaceLeft = diskHasSpace();
      if (was != spaceLeft) {
        log.warn(spaceLeft ? "there is space again" : "the disk is nearly full; refusing writes");
      }
    }
    return spaceLeft;
  }

  /// False also while the disk does not say.
  private boolean diskHasSpace() {
    try {
      return store.freeBytes() >= MIN_FREE_BYTES;
    } catch (StoreException e) {
      log.warn("the free space is not known: {}", e.getMessage());
      return false;
    }
  }

  private static void failAll(List<Proposal> proposals, RuntimeException failure) {
    proposals.forEach(proposal -> proposal.failed(failure));
  }
}
