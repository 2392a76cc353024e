package dev.fanfare.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.RemoveMember;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// What every journal engine does, whatever its order lives in.
public abstract class JournalContract {

  private static final long CLOCK_ERROR_MILLIS = 500;

  /// A node on this engine, on what an earlier node of this test left behind.
  protected abstract TestNode start() throws Exception;

  @Test
  void an_answered_command_is_visible_to_every_read() throws Exception {
    try (TestNode node = start()) {
      node.registerSurely("1", "vip");

      assertThat(node.replica().member(node.app(), "1").orElseThrow().tags())
          .containsExactly("vip");
    }
  }

  @Test
  void an_answered_command_survives_a_restart() throws Exception {
    try (TestNode node = start()) {
      node.registerSurely("1", "vip");
    }
    try (TestNode node = start()) {
      assertThat(node.replica().member(node.app(), "1").orElseThrow().tags())
          .containsExactly("vip");
    }
  }

  @Test
  void offsets_and_time_only_rise_across_restarts() throws Exception {
    Stamp before;
    try (TestNode node = start()) {
      node.registerSurely("1");
      before = node.replica().applied();
    }
    try (TestNode node = start()) {
      node.registerSurely("1", "more");
      assertThat(node.replica().applied().offset()).isGreaterThan(before.offset());
      assertThat(node.replica().applied().time()).isGreaterThanOrEqualTo(before.time());
    }
  }

  @Test
  void commands_of_one_caller_take_effect_in_the_order_of_its_calls() throws Exception {
    try (TestNode node = start()) {
      for (int i = 0; i < 200; i++) {
        node.insist(nick("1", "name " + i));
        assertThat(node.replica().member(node.app(), "1").orElseThrow().nickName())
            .isEqualTo("name " + i);
      }
    }
  }

  @Test
  void commands_of_many_callers_all_take_effect_once() throws Exception {
    int callers = 16;
    int each = 50;
    try (TestNode node = start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long before = node.replica().applied().offset();
      List<Future<?>> calls = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int own = caller;
        calls.add(
            threads.submit(() -> {
              for (int i = 0; i < each; i++) {
                node.registerSurely(own + "-" + i);
              }
            }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
      assertThat(node.replica().applied().offset())
          .isGreaterThanOrEqualTo(before + (long) callers * each);
      assertThat(count(node)).isEqualTo(callers * each);
    }
  }

  @Test
  void a_refused_member_changes_nothing_and_its_neighbours_take_effect() throws Exception {
    try (TestNode node = start()) {
      node.registerSurely("1", "vip");
      Outcome outcome =
          node.insist(
              TestNode.change(
                  MemberChange.newBuilder()
                      .setId("unknown")
                      .setUpdate(MemberEdit.newBuilder().setNickName("x")),
                  MemberChange.newBuilder()
                      .setId("1")
                      .setUpdate(MemberEdit.newBuilder().setNickName("y"))));

      assertThat(outcome)
          .isEqualTo(
              new Outcome.Members(
                  List.of(Optional.of(new Refusal.MemberNotFound()), Optional.empty())));
      assertThat(node.replica().member(node.app(), "unknown")).isEmpty();
      assertThat(node.replica().member(node.app(), "1").orElseThrow().nickName()).isEqualTo("y");
    }
  }

  @Test
  void only_the_first_bootstrap_takes_effect() throws Exception {
    try (TestNode node = start()) {
      Command another = TestNode.bootstrap().toBuilder().build();
      assertThat(node.insist(another))
          .isEqualTo(new Outcome.Refused(new Refusal.AlreadyExists("cell")));
      assertThat(node.replica().tenants().all()).hasSize(1);
    }
  }

  @Test
  void a_member_who_returns_is_a_new_one() throws Exception {
    try (TestNode node = start()) {
      node.registerSurely("1", "vip");
      int ordinal = node.replica().member(node.app(), "1").orElseThrow().ordinal();
      node.insist(
          TestNode.change(
              MemberChange.newBuilder().setId("1").setRemove(RemoveMember.getDefaultInstance())));
      assertThat(node.replica().member(node.app(), "1")).isEmpty();
      node.registerSurely("1");

      assertThat(node.replica().member(node.app(), "1").orElseThrow().ordinal())
          .isGreaterThan(ordinal);
      assertThat(node.replica().member(node.app(), "1").orElseThrow().tags()).isEmpty();
    }
  }

  @Test
  void time_of_an_entry_lies_between_the_times_before_and_after_it() throws Exception {
    try (TestNode node = start()) {
      long before = node.journal().time();
      node.registerSurely("1");
      assertThat(node.replica().applied().time())
          .isBetween(before - CLOCK_ERROR_MILLIS, node.journal().time() + CLOCK_ERROR_MILLIS);
    }
  }

  @Test
  void a_barrier_is_passed_and_nothing_troubles_a_journal_that_works() throws Exception {
    try (TestNode node = start()) {
      node.registerSurely("1");
      awaitBarrier(node);
      assertThat(node.journal().troubles()).isEmpty();
    }
  }

  @Test
  void a_closed_journal_takes_nothing_more() throws Exception {
    TestNode node = start();
    node.close();

    assertThatThrownBy(() -> node.register("1")).isInstanceOf(TryAgainException.class);
  }

  /// Waits until a barrier is passed, which is not promised at once while Kafka looks for a leader.
  private static void awaitBarrier(TestNode node) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!node.journal().barrier()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
    }
  }

  private static int count(TestNode node) {
    return node.replica()
        .count(node.app(), new Audience.Everyone(), 0, new RoaringBitmap())
        .matched();
  }

  private static Command nick(String id, String nickName) {
    return TestNode.change(
        MemberChange.newBuilder()
            .setId(id)
            .setRegister(MemberEdit.newBuilder().setNickName(nickName)));
  }
}
