package dev.fanfare.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Position;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.BeginFromBackup;
import dev.fanfare.schema.Command;
import dev.fanfare.store.MemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The first entry of a topic, on the state of the backup that it names.
final class BeginFromBackupTest {
  private static final Outcome REFUSED = new Outcome.Refused(new Refusal.AlreadyExists("cell"));

  private final TestNode node = TestNode.start(new MemoryStore(), new TestClock());

  @AfterEach
  void close() {
    node.close();
  }

  private Outcome begin(long offset, String closes, String epoch) {
    return node.propose(
        Command.newBuilder()
            .setBeginFromBackup(
                BeginFromBackup.newBuilder()
                    .setBackup("00")
                    .setOffset(offset)
                    .setCloses(closes)
                    .setEpoch(epoch))
            .build());
  }

  @Test
  void an_epoch_ends_with_the_backup_and_the_next_one_begins() {
    Position last = node.replica().position();
    assertThat(begin(last.offset(), last.epoch(), "2ghijkl")).isEqualTo(new Outcome.Done());
    assertThat(node.replica().position()).isEqualTo(new Position("2ghijkl", last.offset() + 1));
    assertThat(node.replica().place(last)).isEqualTo(new Cell.Place.Exact(last.offset()));
    assertThat(node.replica().place(new Position(last.epoch(), last.offset() + 1)))
        .isEqualTo(new Cell.Place.Lost(last.offset()));
  }

  @Test
  void of_several_nodes_that_begin_a_topic_one_is_first() {
    long last = node.replica().position().offset();
    assertThat(begin(last, "1abcdef", "2ghijkl")).isEqualTo(new Outcome.Done());
    for (long named = last; named < last + 3; named++) {
      assertThat(begin(named, "1abcdef", "2mnopqr")).as("backup at %d", named).isEqualTo(REFUSED);
    }
    assertThat(node.replica().cell().orElseThrow().epochs()).hasSize(2);
  }

  @Test
  void on_a_cell_that_began_without_a_backup_it_changes_nothing() {
    long last = node.replica().position().offset();
    assertThat(begin(last, "4zzzzzz", "5zzzzzz")).isEqualTo(REFUSED);
    assertThat(begin(last + 10, "1abcdef", "2zzzzzz")).isEqualTo(REFUSED);
    assertThat(node.replica().cell().orElseThrow().epochs()).hasSize(1);
  }
}
