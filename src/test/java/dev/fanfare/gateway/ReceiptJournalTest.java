package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.journal.Proposal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.ReceiptChunk;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What was reported when a node stops becomes durable, also while the journal is at work.
final class ReceiptJournalTest {
  /// For how long a caller waits for the journal: longer than any test.
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /// A journal that is told when to answer, and whose callers wait as those of Kafka do.
  private static final class Slow {
    final Queue<Command> durable = new ConcurrentLinkedQueue<>();
    final Semaphore came = new Semaphore(0);
    final Semaphore mayAnswer = new Semaphore(0);
    final AtomicInteger givenUp = new AtomicInteger();

    Journal journal() {
      return new PlantedJournal(this::propose);
    }

    private Outcome propose(Command command) {
      Proposal proposal = new Proposal(command);
      Thread.ofVirtual()
          .start(() -> {
            mayAnswer.acquireUninterruptibly();
            durable.add(command);
            proposal.applied(new Outcome.Done());
            proposal.committed();
          });
      came.release();
      return proposal
          .await(PATIENCE)
          .orElseThrow(() -> {
            givenUp.incrementAndGet();
            return new OutcomeUnknownException("given up by its caller");
          });
    }
  }

  /// A broadcast more with each call.
  private static ReceiptJournal.Source reporting(AtomicLong broadcasts) {
    return taker -> {
      Receipts receipts = new Receipts();
      receipts.reached(1, broadcasts.incrementAndGet(), 7);
      taker.accept(receipts);
    };
  }

  @Test
  void what_is_reported_last_is_journaled_although_the_node_stops_in_the_middle_of_an_entry()
      throws InterruptedException {
    Slow slow = new Slow();
    AtomicLong broadcasts = new AtomicLong();
    ReceiptJournal journal =
        new ReceiptJournal(slow.journal(), reporting(broadcasts), Duration.ofMinutes(1));
    slow.came.acquire();
    Thread closing = Thread.ofPlatform().start(journal::close);
    GatewayFixture.await("closing waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
    slow.mayAnswer.release();
    slow.came.acquire();
    slow.mayAnswer.release(Integer.MAX_VALUE / 2);
    closing.join();
    assertThat(slow.givenUp).hasValue(0);
    assertThat(slow.durable)
        .flatExtracting(command -> command.getReceipts().getChunksList())
        .extracting(ReceiptChunk::getBroadcast)
        .contains(1L, 2L)
        .contains(broadcasts.get());
  }

  @Test
  void journal_that_does_not_answer_does_not_keep_the_node_from_stopping() throws Exception {
    Slow silent = new Slow();
    ReceiptJournal journal = new ReceiptJournal(silent.journal(), reporting(new AtomicLong()));
    silent.came.acquire();
    Thread closing = Thread.ofPlatform().start(journal::close);
    assertThat(closing.join(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void what_was_taken_before_a_failure_is_journaled_in_the_next_round() {
    Slow ready = new Slow();
    ready.mayAnswer.release(Integer.MAX_VALUE / 2);
    AtomicLong broadcasts = new AtomicLong();
    AtomicBoolean fails = new AtomicBoolean(true);
    ReceiptJournal.Source failing =
        taker -> {
          reporting(broadcasts).give(taker);
          if (fails.get()) {
            throw new InternalError("planted");
          }
        };
    ReceiptJournal journal = new ReceiptJournal(ready.journal(), failing);
    Receipts posted = new Receipts();
    posted.delivered(1, 1_000, 7);
    assertThatThrownBy(() -> journal.journal(posted)).isInstanceOf(TryAgainException.class);
    fails.set(false);
    journal.close();
    assertThat(ready.durable)
        .flatExtracting(command -> command.getReceipts().getChunksList())
        .extracting(ReceiptChunk::getBroadcast)
        .contains(1L, 1_000L);
  }
}
