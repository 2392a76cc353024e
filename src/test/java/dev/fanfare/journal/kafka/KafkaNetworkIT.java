package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestNode;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.store.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node whose network to the brokers is disturbed, beside one whose network is not.
@Timeout(120)
final class KafkaNetworkIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private static Path directory;

  private static Link link;
  private static KafkaBrokers brokers;

  private final String topic = "network-" + UUID.randomUUID();
  private KafkaSettings direct;
  private KafkaSettings linked;

  @BeforeAll
  static void start() {
    link = new Link();
    brokers = KafkaBrokers.start(directory, new BrokerListener("LINK", "PLAINTEXT", "", link::to));
  }

  @BeforeEach
  void nameTopic() {
    direct = new KafkaSettings(brokers.servers(), topic, Map.of(), TestTopic.key(0));
    linked = new KafkaSettings(brokers.servers(0), topic, Map.of(), TestTopic.key(0));
  }

  @AfterAll
  static void stop() {
    brokers.close();
    link.close();
  }

  @AfterEach
  void mend() {
    link.set(Link.State.OPEN);
  }

  @Test
  void what_the_network_held_for_too_long_takes_no_effect_when_it_comes() throws Exception {
    try (TestNode node = TestTopic.node(linked, new MemoryStore());
        TestNode other = TestTopic.node(direct, new MemoryStore())) {
      node.registerSurely("before");
      link.set(Link.State.SILENT);
      assertThatThrownBy(() -> node.register("held")).isInstanceOf(OutcomeUnknownException.class);
      Thread.sleep(Append.PATIENCE);
      link.set(Link.State.OPEN);
      await(() -> node.journal().troubles().isEmpty());
      node.registerSurely("after");

      await(() -> other.journal().barrier());
      for (TestNode each : List.of(node, other)) {
        assertThat(each.replica().member(each.app(), "before")).isPresent();
        assertThat(each.replica().member(each.app(), "held")).isEmpty();
        assertThat(each.replica().member(each.app(), "after")).isPresent();
      }
    }
  }

  @Test
  void what_was_taken_and_not_answered_takes_effect_on_every_node() throws Exception {
    try (TestNode node = TestTopic.node(linked, new MemoryStore());
        TestNode other = TestTopic.node(direct, new MemoryStore())) {
      List<String> called = new ArrayList<>();
      do {
        called.add("call-" + called.size());
        registerUnheard(node, called.getLast());
        await(() -> other.journal().barrier());
        link.set(Link.State.OPEN);
        await(() -> node.journal().troubles().isEmpty());
      } while (!isThere(other, called.getLast()) && called.size() < 3);

      String taken = called.removeLast();
      assertThat(isThere(other, taken)).as("one was taken").isTrue();
      await(() -> isThere(node, taken));
      for (String id : called) {
        assertThat(isThere(node, id) || isThere(other, id)).as("was absent after 5 s").isFalse();
      }
    }
  }

  /// Calls while no broker is heard. Kafka's client sends one request at a time, so when the link
  /// goes deaf to the answer to another one, it waits for that and does not even send this.
  private static void registerUnheard(TestNode node, String id) throws InterruptedException {
    link.set(Link.State.DEAF);
    assertThatThrownBy(() -> node.register(id)).isInstanceOf(OutcomeUnknownException.class);
    Thread.sleep(Append.PATIENCE);
  }

  private static boolean isThere(TestNode node, String id) {
    return node.replica().member(node.app(), id).isPresent();
  }

  @Test
  void nobody_is_waited_for_whose_entry_never_comes() throws Exception {
    try (TestNode node = TestTopic.node(linked, new MemoryStore())) {
      node.registerSurely("before");
      link.set(Link.State.SILENT);
      assertThatThrownBy(() -> node.register("lost")).isInstanceOf(OutcomeUnknownException.class);
      link.set(Link.State.BROKEN);
      Thread.sleep(Append.PATIENCE);
      link.set(Link.State.OPEN);
      await(() -> node.journal().troubles().isEmpty());
      node.registerSurely("after");
      assertThat(node.replica().member(node.app(), "lost")).isEmpty();
      await(() -> ((KafkaJournal) node.journal()).waitedFor() == 0);
    }
  }

  @Test
  void what_nobody_waits_for_is_not_kept_and_does_not_come_late() throws Exception {
    try (TestNode node = TestTopic.node(linked, new MemoryStore())) {
      node.registerSurely("before");
      link.set(Link.State.SILENT);
      append(node, "handed", 100);
      await(() -> !node.journal().troubles().isEmpty());
      append(node, "kept", 100);
      Thread.sleep(2 * Append.PATIENCE.toMillis());
      link.set(Link.State.OPEN);
      await(() -> node.journal().troubles().isEmpty());
      node.registerSurely("after");
      await(() -> ((KafkaJournal) node.journal()).waitedFor() == 0);
    }
    List<String> late = new ArrayList<>();
    TopicRecord.each(
        brokers,
        topic,
        record ->
            record.command().getChangeMembers().getChangesList().stream()
                .map(MemberChange::getId)
                .filter(id -> id.startsWith("kept"))
                .forEach(late::add));
    assertThat(late).isEmpty();
  }

  private static void append(TestNode node, String id, int count) {
    for (int i = 0; i < count; i++) {
      var _ =
          node.journal()
              .append(
                  TestNode.change(
                      MemberChange.newBuilder()
                          .setId(id + i)
                          .setRegister(MemberEdit.getDefaultInstance())));
    }
  }

  @Test
  void no_read_claims_to_know_what_brokers_that_wait_for_each_other_may_still_agree_on()
      throws Exception {
    try (TestNode node = TestTopic.node(direct, new MemoryStore());
        TestNode other = TestTopic.node(direct, new MemoryStore())) {
      node.registerSurely("before");
      List<Integer> followers = followers();
      followers.forEach(brokers::suspend);
      boolean known;
      try {
        assertThatThrownBy(() -> node.register("m")).isInstanceOf(OutcomeUnknownException.class);
        Thread.sleep(Append.PATIENCE);
        known = other.journal().barrier();
        assertThat(other.replica().member(other.app(), "m")).isEmpty();
      } finally {
        followers.forEach(brokers::resume);
        brokers.awaitWhole();
      }
      await(() -> node.journal().troubles().isEmpty() && other.journal().barrier());
      boolean happened = other.replica().member(other.app(), "m").isPresent();
      assertThat(known && happened).as("read as absent 5 s after the call").isFalse();
    }
  }

  @Test
  void a_leader_that_stands_still_is_left_for_the_next_one() throws Exception {
    try (TestNode node = TestTopic.node(direct, new MemoryStore());
        TestNode other = TestTopic.node(direct, new MemoryStore())) {
      node.registerSurely("before");
      int leader = leader();
      brokers.suspend(leader);
      try (TestNode started = TestTopic.node(direct, new MemoryStore())) {
        assertThat(started.replica().member(started.app(), "before")).isPresent();
        await(() -> node.journal().troubles().isEmpty());
        node.registerSurely("after");
        await(() -> other.journal().barrier());
        assertThat(other.replica().member(other.app(), "after")).isPresent();
      } finally {
        brokers.resume(leader);
        brokers.awaitWhole();
      }
    }
  }

  /// The brokers that do not lead the topic.
  private List<Integer> followers() throws Exception {
    int leader = leader();
    return IntStream.range(0, KafkaBrokers.COUNT).filter(i -> i != leader).boxed().toList();
  }

  private int leader() throws Exception {
    try (Admin admin = brokers.admin()) {
      var topics = admin.describeTopics(List.of(topic)).allTopicNames().get();
      return Objects.requireNonNull(topics.get(topic)).partitions().getFirst().leader().id() - 1;
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
