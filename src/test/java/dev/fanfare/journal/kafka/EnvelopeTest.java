package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestNode;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Receipts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a record of the topic says.
final class EnvelopeTest {
  private static final CellKey KEY = TestTopic.key(1);

  @Test
  void what_is_written_is_read() {
    for (Command command : List.of(TestNode.bootstrap(), TestNode.attributeNames("city"))) {
      Envelope envelope = new Envelope(-7, 3, 1_000, command);
      assertThat(Envelope.decode(envelope.encode(KEY), KEY)).isEqualTo(envelope);
    }
  }

  @Test
  void commands_with_secrets_are_sealed() {
    byte[] record = new Envelope(1, 1, 1_000, TestNode.bootstrap()).encode(KEY);
    assertThat(new String(record, StandardCharsets.ISO_8859_1)).doesNotContain("admin-key");
  }

  @Test
  void it_is_void_when_stamped_more_than_a_second_after_its_deadline() {
    Envelope envelope = new Envelope(1, 1, 5_000, TestNode.bootstrap());
    assertThat(envelope.isVoid(6_000)).isFalse();
    assertThat(envelope.isVoid(6_001)).isTrue();
    assertThat(new Envelope(1, 1, 0, TestNode.bootstrap()).isVoid(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void commands_of_callers_have_a_deadline_and_those_of_the_server_have_none() {
    assertThat(Envelope.hasDeadline(TestNode.bootstrap())).isTrue();
    Command receipts = Command.newBuilder().setReceipts(Receipts.getDefaultInstance()).build();
    assertThat(Envelope.hasDeadline(receipts)).isFalse();
  }

  @Test
  void what_a_caller_asked_for_is_never_written_without_a_deadline() {
    Envelope late = new Envelope(1, 1, Envelope.NO_DEADLINE, TestNode.attributeNames("city"));
    assertThatThrownBy(() -> late.encode(KEY)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void what_is_no_entry_is_refused() {
    assertThatThrownBy(() -> Envelope.decode(new byte[] {8}, KEY))
        .isInstanceOf(UnknownEntryException.class);
  }

  @Test
  void a_large_change_of_members_is_split_in_order_into_parts_that_fit() {
    MemberChange.Builder[] changes = new MemberChange.Builder[3_000];
    for (int i = 0; i < changes.length; i++) {
      changes[i] =
          MemberChange.newBuilder()
              .setId("m" + i)
              .setRegister(MemberEdit.newBuilder().setPortrait("p".repeat(700)));
    }
    Command whole = TestNode.change(changes);
    List<Command> parts = KafkaJournal.split(whole);

    assertThat(parts)
        .hasSize(3)
        .allMatch(part -> part.getSerializedSize() <= KafkaJournal.ENTRY_BYTES);
    assertThat(parts.stream().flatMap(part -> part.getChangeMembers().getChangesList().stream()))
        .containsExactlyElementsOf(whole.getChangeMembers().getChangesList());
  }
}
