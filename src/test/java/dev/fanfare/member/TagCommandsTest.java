package dev.fanfare.member;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.store.MemoryStore;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Taking a tag from everyone.
final class TagCommandsTest {
  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private TestNode node = TestNode.start(store, clock);
  private long lastId;

  @AfterEach
  void close() {
    node.close();
  }

  private Outcome removeLater(String tag) {
    return remove(tag, 0);
  }

  private Outcome remove(String tag, int portion) {
    return node.propose(
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setRemoveTag(RemoveTag.newBuilder().setName(tag).setId(++lastId).setPortion(portion))
            .build());
  }

  private Member member(String id) {
    return node.replica().member(node.app(), id).orElseThrow();
  }

  private int count(String tag) {
    return node.replica()
        .count(node.app(), new Audience.Tag(tag), 0, new RoaringBitmap())
        .matched();
  }

  @Test
  void removal_is_seen_at_once_although_no_record_was_rewritten() {
    var _ = node.register("1", "a", "b");
    var _ = node.register("2", "b");
    Member before = member("1");
    Member other = member("2");
    clock.advance(Duration.ofSeconds(5));
    assertThat(removeLater("a")).isEqualTo(new Outcome.Done());
    assertThat(node.app().tagRemovals()).hasSize(1);
    assertThat(member("1").tags()).containsExactly("b");
    assertThat(member("1").modified()).isEqualTo(before.modified() + 5_000);
    assertThat(member("1").version()).isGreaterThan(before.version());
    assertThat(member("2")).isEqualTo(other);
    assertThat(count("a")).isZero();
    assertThat(count("b")).isEqualTo(2);
  }

  @Test
  void rewriting_records_is_not_seen() {
    var _ = node.register("1", "a", "b");
    var _ = node.register("2", "a");
    var _ = removeLater("a");
    Member first = member("1");
    Member second = member("2");
    int rounds = 0;
    while (TagTidying.tidy(node.replica().tenants(), node.journal()) > 0) {
      assertThat(member("1")).isEqualTo(first);
      assertThat(member("2")).isEqualTo(second);
      assertThat(++rounds).isLessThan(10);
    }
    assertThat(node.app().tagRemovals()).isEmpty();
    assertThat(member("1")).isEqualTo(first);
    assertThat(member("2")).isEqualTo(second);
  }

  @Test
  void few_records_are_rewritten_at_once_and_read_the_same() {
    var _ = node.register("1", "a", "b");
    assertThat(remove("a", 1)).isEqualTo(new Outcome.Done());
    assertThat(node.app().tagRemovals()).isEmpty();
    assertThat(member("1").tags()).containsExactly("b");
    assertThat(member("1").version()).isEqualTo(node.replica().position().offset());
  }

  @Test
  void who_gets_the_tag_afterwards_keeps_it() {
    var _ = node.register("1", "a");
    var _ = node.register("2", "a");
    var _ = removeLater("a");
    var _ = node.register("1", "a");
    var _ = node.register("3", "a");
    assertThat(member("1").tags()).containsExactly("a");
    while (TagTidying.tidy(node.replica().tenants(), node.journal()) > 0) {
      assertThat(count("a")).isEqualTo(2);
    }
    assertThat(member("1").tags()).containsExactly("a");
    assertThat(member("2").tags()).isEmpty();
    assertThat(member("3").tags()).containsExactly("a");
    assertThat(node.replica().tags().list(TestNode.APP, "", "", 10))
        .containsExactly(new Tags.Counted("a", 2));
  }

  @Test
  void removal_survives_restarts_and_checkpoints() {
    var _ = node.register("1", "a");
    var _ = node.register("2", "a");
    node.replica().checkpoint();
    var _ = removeLater("a");
    var _ = node.register("2", "a");
    for (int i = 0; i < 2; i++) {
      node.close();
      node = TestNode.start(store, clock);
      assertThat(count("a")).isEqualTo(1);
      assertThat(member("1").tags()).isEmpty();
      assertThat(member("2").tags()).containsExactly("a");
      node.replica().checkpoint();
    }
  }

  @Test
  void removals_that_leave_work_are_limited() {
    for (String tag : new String[] {"a", "b", "c", "d"}) {
      var _ = node.register(tag, tag);
    }
    assertThat(removeLater("a")).isEqualTo(new Outcome.Done());
    assertThat(removeLater("b")).isEqualTo(new Outcome.Done());
    assertThat(removeLater("c")).isEqualTo(new Outcome.Done());
    assertThat(removeLater("d")).isEqualTo(new Outcome.Refused(new Refusal.TooManyTagRemovals(3)));
    assertThat(member("d").tags()).containsExactly("d");
    assertThat(count("d")).isEqualTo(1);
    assertThat(removeLater("nobody has it")).isEqualTo(new Outcome.Done());
    while (TagTidying.tidy(node.replica().tenants(), node.journal()) > 0) {
      assertThat(count("d")).isEqualTo(1);
    }
    assertThat(removeLater("d")).isEqualTo(new Outcome.Done());
  }
}
