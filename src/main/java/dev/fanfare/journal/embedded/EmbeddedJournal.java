package dev.fanfare.journal.embedded;

import dev.fanfare.journal.Applier;
import dev.fanfare.journal.FreeSpace;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.JournalClock;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Proposal;
import dev.fanfare.journal.ProposalQueue;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreClosedException;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal of one machine.
///
/// One thread, the applier, takes what waits as a group, applies it, and writes entries and state
/// as one synced batch; while that batch reaches the disk the next group gathers. Only then are
/// callers answered, so an answer means durable. Callers whose group was lost with the store may
/// try again.
public final class EmbeddedJournal implements Journal {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedJournal.class);

  private static final int GROUP_COMMANDS = 1_000;
  private static final long GROUP_BYTES = 4L << 20;

  private final StateMachine state;
  private final Runnable onBrokenInvariant;
  private final JournalClock clock;
  private final FreeSpace space;
  private final ProposalQueue<Proposal> queue = new ProposalQueue<>();
  private final Applier<Proposal> applier;
  private final Thread thread;
  private long nextOffset;

  /// Starts on what the store holds; the state machine has read its memory from it already.
  ///
  /// @param onBrokenInvariant called when going on could damage stored data; should stop the
  ///   process
  public EmbeddedJournal(
      Store store, StateMachine state, Clocks clocks, Runnable onBrokenInvariant) {
    this.state = state;
    this.onBrokenInvariant = onBrokenInvariant;
    this.clock = new JournalClock(clocks.wall(), clocks.nanoTime(), state.applied().time());
    this.space = new FreeSpace(store, clocks.nanoTime());
    this.applier = new Applier<>(store, state, new Appending());
    this.thread = Thread.ofPlatform().name("applier").start(this::run);
  }

  /// The wall clock and the monotonic clock.
  public record Clocks(Clock wall, LongSupplier nanoTime) {
    public static Clocks system() {
      return new Clocks(Clock.systemUTC(), System::nanoTime);
    }
  }

  @Override
  public Outcome propose(Command command) {
    return append(command).await();
  }

  @Override
  public Pending append(Command command) {
    Proposal proposal = new Proposal(command);
    queue.add(proposal);
    return proposal;
  }

  /// Returns at once: the only node answers after its own commit.
  @Override
  public boolean barrier() {
    return true;
  }

  @Override
  public boolean onDuty() {
    return true;
  }

  @Override
  public long time() {
    return clock.now();
  }

  @Override
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    if (!space.now()) {
      troubles.add("the disk is nearly full");
    }
    if (!applier.storeOpen()) {
      troubles.add("the store failed and is being reopened");
    }
    return troubles;
  }

  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
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
      if (space.left()) {
        applier.groups(waiting).forEach(this::commit);
      } else {
        failAll(waiting, new TryAgainException("the disk is nearly full"));
      }
      waiting = queue.take(GROUP_COMMANDS, GROUP_BYTES);
    }
  }

  private void commit(List<Proposal> group) {
    try {
      commitKnown(group);
    } catch (StoreClosedException _) {
      failAll(group, new OutcomeUnknownException("the server is stopping"));
      queue.close();
    } catch (RuntimeException | Error e) {
      log.error("a command broke an invariant; the server stops", e);
      failAll(
          group,
          applier.stored()
              ? new OutcomeUnknownException("the server is stopping")
              : new TryAgainException("the server is stopping"));
      queue.close();
      onBrokenInvariant.run();
    }
  }

  private void commitKnown(List<Proposal> group) {
    try {
      nextOffset = state.applied().offset() + 1;
      applier.commit(group);
    } catch (UnknownEntryException e) {
      failAll(group, e);
      applier.rebuild();
    }
  }

  /// Stores the entries, which nobody else has, with the state.
  private final class Appending implements Applier.Engine<Proposal> {
    @Override
    public Command command(Proposal proposal) {
      return proposal.command();
    }

    @Override
    public void apply(Batch batch, Proposal proposal) {
      Stamp stamp = new Stamp(nextOffset++, clock.next());
      proposal.applied(state.apply(stamp, proposal.command()));
      Entry entry = Entry.newBuilder().setTime(stamp.time()).setCommand(proposal.command()).build();
      batch.put(Table.JOURNAL, Key.bytes(stamp.offset()), entry.toByteArray());
    }

    @Override
    public void committed(List<Proposal> group) {
      group.forEach(Proposal::committed);
    }

    @Override
    public void lost(List<Proposal> group, StoreException cause) {
      failAll(group, new TryAgainException("the store failed", cause));
    }

    @Override
    public void unavailable(StoreException cause) {
      failAll(queue.poll(), new TryAgainException("the store is not available", cause));
    }
  }

  private static void failAll(List<Proposal> proposals, RuntimeException failure) {
    proposals.forEach(proposal -> proposal.failed(failure));
  }
}
