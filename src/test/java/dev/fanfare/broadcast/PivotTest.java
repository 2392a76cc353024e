package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.store.MemoryStore;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Where releases begin.
final class PivotTest {
  private static final int MEMBERS = 8;

  private final TestNode node = TestNode.start(new MemoryStore(), new TestClock());
  private final Random random = new Random(1);

  PivotTest() {}

  @AfterEach
  void close() {
    node.close();
  }

  private int draw() {
    return node.replica().broadcasts().pivot(TestNode.APP, random);
  }

  @Test
  void app_without_members_begins_at_the_first() {
    assertThat(draw()).isZero();
  }

  @Test
  void every_ordinal_that_was_given_is_as_likely_and_no_other_is_drawn() {
    IntStream.range(0, MEMBERS).forEach(i -> node.register("m" + i));
    // Ordinals are not given again, so there are more of them than members.
    for (int i = 0; i < MEMBERS / 2; i++) {
      node.propose(
          TestNode.change(
              MemberChange.newBuilder()
                  .setId("m" + i)
                  .setRemove(RemoveMember.getDefaultInstance())));
    }
    int[] drawn = new int[MEMBERS];
    IntStream.range(0, 8_000).forEach(_ -> drawn[draw()]++);
    assertThat(IntStream.of(drawn).boxed().toList())
        .allSatisfy(times -> assertThat(times).isBetween(850, 1_150));
  }
}
