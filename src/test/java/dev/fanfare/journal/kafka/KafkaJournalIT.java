package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fanfare.TestNode;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Mark;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.store.Batch;
import dev.fanfare.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

/// What the engine on Kafka does beyond the contract: two nodes on one topic, a topic that is not
/// as it has to be, brokers that do not answer.
final class KafkaJournalIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /// Of an answer.
  private static final Duration BOUND = Duration.ofSeconds(5);

  private final String topic = "journal-" + UUID.randomUUID();
  private final KafkaSettings settings = TestTopic.settings(topic);
  private final MemoryStore storeA = new MemoryStore();
  private final MemoryStore storeB = new MemoryStore();

  @Test
  void what_one_node_answered_is_read_on_another_after_a_barrier() {
    try (TestNode a = TestTopic.node(settings, storeA);
        TestNode b = TestTopic.node(settings, storeB)) {
      for (int i = 0; i < 50; i++) {
        a.registerSurely("member-" + i, "vip");
        await(() -> b.journal().barrier());
        assertThat(b.replica().member(b.app(), "member-" + i)).isPresent();
      }
    }
  }

  @Test
  void nodes_that_bootstrap_have_one_cell_and_one_history() {
    try (TestNode a = TestTopic.node(settings, storeA);
        TestNode b = TestTopic.node(settings, storeB)) {
      assertThat(b.insist(TestNode.bootstrap())).isInstanceOf(Outcome.Refused.class);
      a.registerSurely("1");
      b.registerSurely("2");
    }
    try (TestNode b = TestTopic.node(settings, storeB)) {
      b.registerSurely("3");
    }
    try (TestNode a = TestTopic.node(settings, storeA)) {
      assertThat(a.replica().member(a.app(), "3")).isPresent();
      assertThat(a.broken()).as("entries agree").isFalse();
    }
  }

  @Test
  void one_node_has_the_duties_and_another_takes_them_over() throws Exception {
    TestNode a = TestTopic.node(settings, storeA);
    try (TestNode b = TestTopic.node(settings, storeB)) {
      await(() -> a.journal().onDuty() || b.journal().onDuty());
      await(() -> a.journal().onDuty() != b.journal().onDuty());
      a.close();
      await(() -> b.journal().onDuty());
    } finally {
      a.close();
    }
  }

  @Test
  void brokers_that_do_not_answer_cost_no_more_than_the_answer_and_nothing_is_lost()
      throws Exception {
    KafkaBrokers brokers = KafkaBrokers.shared();
    List<String> registered = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    List<Duration> took = new ArrayList<>();
    try (TestNode node = TestTopic.node(settings, storeA)) {
      node.registerSurely("before");
      for (int broker = 0; broker < KafkaBrokers.COUNT; broker++) {
        brokers.suspend(broker);
      }
      try {
        for (int i = 0; i < 6; i++) {
          long begun = System.nanoTime();
          try {
            node.register("away-" + i);
            registered.add("away-" + i);
          } catch (TryAgainException e) {
            refused.add("away-" + i);
          } catch (OutcomeUnknownException e) {
            // Either is right.
          }
          took.add(Duration.ofNanos(System.nanoTime() - begun));
        }
        assertThat(took.stream().sorted().toList().get(took.size() / 2))
            .as("%s", took)
            .isLessThan(BOUND);
        assertThat(refused).as("what waited was surely not taken").isNotEmpty();
        assertThat(node.journal().barrier()).as("reads are local").isFalse();
        assertThat(node.journal().troubles()).containsExactly("Kafka does not answer");
        assertThat(node.replica().member(node.app(), "before")).isPresent();
      } finally {
        for (int broker = 0; broker < KafkaBrokers.COUNT; broker++) {
          brokers.resume(broker);
        }
      }
      brokers.awaitWhole();
      await(() -> node.journal().troubles().isEmpty());
      node.registerSurely("after");
      for (String id : registered) {
        assertThat(node.replica().member(node.app(), id)).as(id).isPresent();
      }
      for (String id : refused) {
        assertThat(node.replica().member(node.app(), id)).as(id).isEmpty();
      }
    }
  }

  @Test
  void an_entry_that_came_after_its_deadline_has_no_effect_on_any_node() throws Exception {
    try (TestNode a = TestTopic.node(settings, storeA);
        TestNode b = TestTopic.node(settings, storeB)) {
      long late = System.currentTimeMillis() - 2 * Envelope.CLOCK_SLACK_MILLIS;
      append(new Envelope(1, 1, late, register("late")));
      append(new Envelope(1, 2, late + 3_600_000, register("early")));
      for (TestNode node : List.of(a, b)) {
        await(() -> node.journal().barrier());
        assertThat(node.replica().member(node.app(), "late")).isEmpty();
        assertThat(node.replica().member(node.app(), "early")).isPresent();
      }
    }
  }

  @Test
  void a_mark_that_disagrees_stops_the_node() throws Exception {
    try (TestNode node = TestTopic.node(settings, storeA)) {
      node.registerSurely("1");
      Mark mark = Mark.newBuilder().setOffset(1).setHash(ByteString.copyFromUtf8("other")).build();
      append(new Envelope(1, 1, 0, Command.newBuilder().setMark(mark).build()));
      await(node::broken);
    }
    assertThatThrownBy(() -> TestTopic.node(settings, storeA))
        .as("started again, beyond what the mark is about")
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining("differs from what another node has");
  }

  /// Whether it was taken does not matter.
  private static void awaitAnyEnd(Journal.Pending pending) {
    try {
      pending.await();
    } catch (TryAgainException | OutcomeUnknownException _) {
      // Kafka was slow.
    }
  }

  @Test
  void the_node_on_duty_marks_where_it_stands_and_the_others_agree() {
    AtomicInteger marks = new AtomicInteger();
    try (TestNode a = TestTopic.node(settings, storeA);
        TestNode b = TestTopic.node(settings, storeB)) {
      await(() -> a.journal().onDuty() || b.journal().onDuty());
      for (int i = 0; i < 11; i++) {
        List<Journal.Pending> pending = new ArrayList<>();
        for (int j = 0; j < 1_000; j++) {
          pending.add(a.journal().append(register("member-" + j)));
        }
        pending.forEach(KafkaJournalIT::awaitAnyEnd);
      }
      await(() -> {
        marks.set(0);
        TopicRecord.each(
            KafkaBrokers.shared(),
            topic,
            record -> marks.addAndGet(record.command().hasMark() ? 1 : 0));
        return marks.get() > 0;
      });
      await(() -> a.journal().barrier() && b.journal().barrier());
      assertThat(a.broken() || b.broken()).isFalse();
    }
  }

  @Test
  void a_node_whose_disk_is_full_leaves_the_duties_to_another() {
    try (TestNode a = TestTopic.node(settings, storeA)) {
      await(a.journal()::onDuty);
      try (TestNode b = TestTopic.node(settings, storeB)) {
        storeA.setFreeBytes(0);
        await(b.journal()::onDuty);
        await(() -> !a.journal().onDuty());
        storeA.setFreeBytes(Long.MAX_VALUE);
        await(() -> a.journal().troubles().isEmpty());
      }
      await(a.journal()::onDuty);
    }
  }

  @Test
  void a_topic_that_brokers_no_longer_stamp_is_a_trouble_until_they_do() throws Exception {
    try (TestNode node = TestTopic.node(settings, storeA)) {
      node.registerSurely("1");
      stampBy("CreateTime");
      await(() -> {
        node.registerSurely("2");
        return node.journal().troubles().toString().contains("LogAppendTime");
      });
      stampBy("LogAppendTime");
      await(() -> {
        node.registerSurely("3");
        return node.journal().troubles().isEmpty();
      });
    }
  }

  private void stampBy(String type) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    AlterConfigOp change =
        new AlterConfigOp(
            new ConfigEntry("message.timestamp.type", type), AlterConfigOp.OpType.SET);
    try (Admin admin = settings.admin()) {
      admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
    }
  }

  @Test
  void a_commit_that_was_lost_is_made_again_from_the_topic() {
    try (TestNode node = TestTopic.node(settings, storeA)) {
      node.registerSurely("1");
      storeA.fail(MemoryStore.Fault.LOST);
      node.registerSurely("2");
      storeA.fail(MemoryStore.Fault.WRITTEN_BUT_FAILED);
      node.registerSurely("3");

      assertThat(node.replica().member(node.app(), "2")).isPresent();
      assertThat(node.replica().member(node.app(), "3")).isPresent();
      assertThat(storeA.reopened()).isEqualTo(2);
      assertThat(node.broken()).isFalse();
    }
  }

  @Test
  void a_node_that_is_overtaken_by_trimming_stops_and_skips_nothing() throws Exception {
    ReentrantLock gate = new ReentrantLock();
    CountDownLatch reached = new CountDownLatch(1);
    try (TestNode a = TestTopic.node(settings, storeA);
        TopicTrim trim = new TopicTrim(settings);
        TestNode slow =
            TestNode.start(
                storeB,
                (on, state, onBroken) ->
                    new KafkaJournal(settings, on, new Gated(state, gate, reached), onBroken),
                TestNode.bootstrap())) {
      a.registerSurely("seen");
      await(() -> slow.journal().barrier());
      gate.lock();
      try {
        a.registerSurely("unseen-0");
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        // What it asked for meanwhile holds the next one, and not all that follow.
        for (int i = 1; i < 20; i++) {
          a.registerSurely("unseen-" + i);
        }
        assertThat(trim.below(a.replica().applied().offset(), Long.MAX_VALUE / 2)).isPresent();
      } finally {
        gate.unlock();
      }
      await(slow::broken);
      assertThat(slow.replica().member(slow.app(), "seen")).isPresent();
      assertThat(slow.replica().member(slow.app(), "unseen-19")).isEmpty();
    }
    assertThatThrownBy(() -> TestTopic.node(settings, storeB))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining("what it needs was trimmed");
  }

  /// A state that begins no group while somebody holds the gate, and says when it would.
  private record Gated(StateMachine state, ReentrantLock gate, CountDownLatch reached)
      implements StateMachine {
    @Override
    public Stamp applied() {
      return state.applied();
    }

    @Override
    public boolean readsCommitted(Command command) {
      return state.readsCommitted(command);
    }

    @Override
    public Batch begin() {
      if (gate.isLocked()) {
        reached.countDown();
      }
      gate.lock();
      try {
        return state.begin();
      } finally {
        gate.unlock();
      }
    }

    @Override
    public Outcome apply(Stamp stamp, Command command) {
      return state.apply(stamp, command);
    }

    @Override
    public void seal() {
      state.seal();
    }

    @Override
    public void committed() {
      state.committed();
    }

    @Override
    public void rebuild() {
      state.rebuild();
    }
  }

  @Test
  void a_change_of_many_members_is_split_and_answered_as_one() {
    try (TestNode node = TestTopic.node(settings, storeA)) {
      MemberChange.Builder[] changes = new MemberChange.Builder[2_000];
      for (int i = 0; i < changes.length; i++) {
        MemberEdit.Builder edit = MemberEdit.newBuilder().setPortrait("p".repeat(1_000));
        changes[i] = MemberChange.newBuilder().setId("m" + i);
        if (i % 1_000 == 999) {
          changes[i].setUpdate(edit);
        } else {
          changes[i].setRegister(edit);
        }
      }
      Outcome outcome = node.insist(TestNode.change(changes));

      assertThat(outcome).isInstanceOf(Outcome.Members.class);
      List<Optional<Refusal>> refusals = ((Outcome.Members) outcome).refusals();
      assertThat(refusals).hasSize(2_000);
      assertThat(refusals.get(999)).isPresent();
      assertThat(refusals.get(1_999)).isPresent();
      assertThat(refusals.stream().filter(Optional::isPresent)).hasSize(2);
      assertThat(node.replica().member(node.app(), "m1998")).isPresent();
    }
  }

  @Test
  void no_secret_can_be_read_in_the_topic() {
    try (TestNode node = TestTopic.node(settings, storeA);
        Consumer<byte[], byte[]> reader = settings.consumer()) {
      node.registerSurely("1");
      TopicPartition partition = new TopicPartition(topic, 0);
      reader.assign(List.of(partition));
      reader.seek(partition, 0);
      StringBuilder all = new StringBuilder();
      await(() -> {
        reader
            .poll(Duration.ofMillis(100))
            .forEach(record -> all.append(new String(record.value(), StandardCharsets.ISO_8859_1)));
        return reader.position(partition) >= 2;
      });
      assertThat(all.toString()).doesNotContain("admin-key", "app-key", "device-key", "SK");
    }
  }

  @Test
  void a_node_with_another_key_is_refused() {
    try (TestNode node = TestTopic.node(settings, storeA)) {
      node.registerSurely("1");
    }
    KafkaSettings other = new KafkaSettings(settings.servers(), topic, Map.of(), TestTopic.key(1));
    assertThatThrownBy(() -> TestTopic.node(other, storeA))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining("secret key");
    assertThatThrownBy(() -> TestTopic.node(other, storeB))
        .as("a new node, which cannot open the first entry")
        .isInstanceOf(UnusableJournalException.class);
  }

  @Test
  void a_node_that_followed_another_topic_is_refused() throws Exception {
    try (TestNode node = TestTopic.node(settings, storeA)) {
      node.registerSurely("1");
    }
    assertThatThrownBy(() -> TestTopic.node(TestTopic.settings(topic + "-other"), storeA))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining("follows another topic");
  }

  @Test
  void a_topic_that_would_lose_entries_is_refused_with_the_command_that_mends_it()
      throws Exception {
    create(new NewTopic(topic, 1, (short) 3).configs(Map.of("retention.ms", "1000")));
    assertThatThrownBy(() -> TestTopic.node(settings, storeA))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining(
            "kafka-configs.sh --bootstrap-server SERVER --alter --entity-type topics --entity-name "
                + topic)
        .hasMessageContaining("message.timestamp.type=LogAppendTime")
        .hasMessageContaining("min.insync.replicas=2")
        .hasMessageContaining("retention.ms=-1");
  }

  @Test
  void a_topic_of_two_partitions_or_one_replica_is_refused() throws Exception {
    create(new NewTopic(topic, 2, (short) 3));
    assertThatThrownBy(() -> TestTopic.node(settings, storeA))
        .hasMessageContaining("2 partitions")
        .hasMessageContaining("kafka-topics.sh");
    create(new NewTopic(topic + "-one", 1, (short) 1));
    assertThatThrownBy(() -> TestTopic.node(TestTopic.settings(topic + "-one"), storeA))
        .hasMessageContaining("1 replicas")
        .hasMessageContaining("kafka-reassign-partitions.sh");
  }

  private static void create(NewTopic topic) throws Exception {
    try (Admin admin = KafkaBrokers.shared().admin()) {
      var _ = admin.createTopics(List.of(topic)).all().get();
    }
  }

  private static Command register(String id) {
    return TestNode.change(
        MemberChange.newBuilder().setId(id).setRegister(MemberEdit.getDefaultInstance()));
  }

  private void append(Envelope envelope) throws Exception {
    try (Producer<byte[], byte[]> producer = settings.producer()) {
      var _ =
          producer
              .send(new ProducerRecord<>(topic, 0, null, envelope.encode(settings.key())))
              .get();
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
