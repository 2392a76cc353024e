package dev.fanfare.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.journal.kafka.CellKey;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.KafkaSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Nodes that tell each other over real brokers who is online.
@Timeout(120)
final class PresenceTopicIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Config NONE = new Config(List.of());

  private final String topic = "cell-" + UUID.randomUUID();
  private final KafkaSettings settings =
      new KafkaSettings(
          KafkaBrokers.shared().servers(),
          topic,
          Map.of(),
          new CellKey(new byte[CellKey.BYTES], new SecureRandom()));
  private final FakeConnections atA = new FakeConnections("a");
  private final FakeConnections atB = new FakeConnections("b");

  private PresenceTopic start(FakeConnections local) {
    return new PresenceTopic(settings, local, local::report);
  }

  private static int[] online(PresenceTopic node) {
    return node.presence().online(1).toArray();
  }

  @Test
  void nodes_know_each_others_members_and_hear_at_once_who_takes_leave() {
    atA.connect(1, "iOS", 1);
    try (PresenceTopic a = start(atA)) {
      atB.connect(1, "Web", 2);
      try (PresenceTopic b = start(atB)) {
        assertThat(b.presence().asOf().orElseThrow().toEpochMilli()).isPositive();
        await(() -> online(b).length == 2);
        await(() -> online(a).length == 2);
        atA.leave(1, "iOS", 1);
        atA.connect(1, "iOS", 3);
        await(() -> List.of(2, 3).equals(b.presence().online(1).stream().boxed().toList()));
      }
      long left = System.nanoTime();
      await(() -> online(a).length == 1);
      assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(Elsewhere.SILENCE);
    }
  }

  @Test
  void a_node_that_comes_later_knows_what_was_told_before_when_it_is_ready() {
    for (int chunk = 0; chunk < 500; chunk++) {
      atA.connect(1, "iOS", chunk << 16);
    }
    try (PresenceTopic a = start(atA);
        PresenceTopic first = start(new FakeConnections("first"))) {
      await(() -> online(first).length == 500);
      try (PresenceTopic late = start(atB)) {
        assertThat(online(late)).isEqualTo(online(a)).hasSize(500);
      }
    }
  }

  @Test
  void brokers_that_do_not_answer_for_a_while_cost_nothing_that_was_to_be_told() {
    KafkaBrokers brokers = KafkaBrokers.shared();
    try (PresenceTopic a = start(atA);
        PresenceTopic b = start(atB)) {
      atA.connect(1, "iOS", 1);
      await(() -> online(b).length == 1);
      for (int broker = 0; broker < KafkaBrokers.COUNT; broker++) {
        brokers.suspend(broker);
      }
      try {
        atA.connect(1, "iOS", 1 << 16);
        atA.leave(1, "iOS", 1);
        await(() -> online(b).length == 0);
        assertThat(online(a)).as("its own are known").containsExactly(1 << 16);
      } finally {
        for (int broker = 0; broker < KafkaBrokers.COUNT; broker++) {
          brokers.resume(broker);
        }
      }
      brokers.awaitWhole();
      await(() -> List.of(1 << 16).equals(b.presence().online(1).stream().boxed().toList()));
    }
  }

  @Test
  void everything_is_told_anew_to_a_topic_that_was_lost_and_made_again() throws Exception {
    atA.connect(1, "iOS", 1);
    atB.connect(1, "Web", 2);
    try (PresenceTopic a = start(atA);
        PresenceTopic b = start(atB)) {
      await(() -> online(a).length == 2 && online(b).length == 2);
      try (Admin admin = KafkaBrokers.shared().admin()) {
        var _ = admin.deleteTopics(List.of(settings.presenceTopic())).all().get();
      }
      // A node creates it when it starts, and may see the old one while that is being removed.
      await(() -> {
        try (PresenceTopic c = start(new FakeConnections("c"))) {
          return isSoon(() -> online(c).length == 2, SOON.dividedBy(4));
        }
      });
      await(() -> online(a).length == 2 && online(b).length == 2);
    }
  }

  @Test
  void the_topic_is_created_as_it_has_to_be() throws Exception {
    start(atA).close();
    try (Admin admin = KafkaBrokers.shared().admin()) {
      ConfigResource resource =
          new ConfigResource(ConfigResource.Type.TOPIC, settings.presenceTopic());
      Config config = describe(admin, resource);
      assertThat(config.get("cleanup.policy").value()).isEqualTo("compact");
      assertThat(config.get("min.insync.replicas").value()).isEqualTo("2");
      assertThat(config.get("segment.bytes").value()).isEqualTo("16777216");
    }
  }

  /// The broker that is asked may not have heard of it yet.
  private static Config describe(Admin admin, ConfigResource resource) throws Exception {
    while (true) {
      try {
        return admin.describeConfigs(List.of(resource)).all().get().getOrDefault(resource, NONE);
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        Thread.sleep(100);
      }
    }
  }

  @Test
  void a_topic_that_would_lose_who_is_online_is_refused_with_the_command_that_mends_it()
      throws Exception {
    try (Admin admin = KafkaBrokers.shared().admin()) {
      NewTopic wrong =
          new NewTopic(settings.presenceTopic(), 1, (short) 3)
              .configs(Map.of("cleanup.policy", "compact,delete"));
      var _ = admin.createTopics(List.of(wrong)).all().get();
    }
    assertThatThrownBy(() -> start(atA))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining("--entity-name " + topic + "-presence --add-config")
        .hasMessageContaining("cleanup.policy=compact");
  }

  private static void await(BooleanSupplier condition) {
    assertThat(isSoon(condition, SOON)).as("in time").isTrue();
  }

  private static boolean isSoon(BooleanSupplier condition, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    boolean holds = condition.getAsBoolean();
    while (!holds && System.nanoTime() < deadline) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      holds = condition.getAsBoolean();
    }
    return holds;
  }
}
