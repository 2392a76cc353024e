package dev.fanfare.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AuditLogTest {
  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(store, clock);

  @AfterEach
  void close() {
    node.close();
  }

  private void register(String actor, String id) {
    MemberChange.Builder change =
        MemberChange.newBuilder().setId(id).setRegister(MemberEdit.getDefaultInstance());
    node.propose(TestNode.change(change).toBuilder().setActor(actor).build());
  }

  private void limitEntries(long entries) {
    LimitEdit edit = LimitEdit.newBuilder().setName("auditEntries").setValue(entries).build();
    node.propose(
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setActor("admin")
            .setChangeLimits(ChangeLimits.newBuilder().addEdits(edit))
            .build());
  }

  private List<AuditEntry> entries() {
    return node.replica()
        .audit()
        .list(List.of(TestNode.APP, AuditTrail.CELL), Long.MAX_VALUE, 1_000);
  }

  @Test
  void changes_of_members_by_one_actor_are_one_entry_an_hour() {
    register("a", "1");
    register("b", "2");
    clock.advance(Duration.ofMinutes(59));
    register("a", "3");
    assertThat(entries()).extracting(AuditEntry::actor).containsExactly("b", "a");
    AuditEntry first = entries().getLast();
    assertThat(first.members()).isEqualTo(2);
    assertThat(first.lastTime() - first.time()).isEqualTo(Duration.ofMinutes(59).toMillis());
    clock.advance(Duration.ofMinutes(1));
    register("a", "4");
    assertThat(entries()).extracting(AuditEntry::actor).containsExactly("a", "b", "a");
  }

  @Test
  void what_took_no_effect_or_was_asked_by_nobody_is_not_noted() {
    register("", "1");
    MemberChange.Builder nobody =
        MemberChange.newBuilder().setId("9").setRemove(RemoveMember.getDefaultInstance());
    node.propose(TestNode.change(nobody).toBuilder().setActor("a").build());
    assertThat(entries()).isEmpty();
  }

  @Test
  void audit_keeps_the_newest_entries() {
    limitEntries(3);
    for (int i = 0; i < 10; i++) {
      node.propose(
          Command.newBuilder()
              .setApp(TestNode.APP)
              .setActor("a")
              .setRemoveTag(RemoveTag.newBuilder().setName("t" + i))
              .build());
    }
    assertThat(entries()).extracting(AuditEntry::target).containsExactly("t9", "t8", "t7");
    assertThat(store.table(Table.AUDIT)).hasSize(3);
  }

  @Test
  void summary_that_was_dropped_is_begun_anew() {
    limitEntries(1);
    register("a", "1");
    limitEntries(1);
    assertThat(store.table(Table.AUDIT)).hasSize(1);
    register("a", "2");
    assertThat(entries()).extracting(AuditEntry::members).containsExactly(1L);
    assertThat(store.table(Table.AUDIT)).as("the entry and its place").hasSize(2);
  }
}
