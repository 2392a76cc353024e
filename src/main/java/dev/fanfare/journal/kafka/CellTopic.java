package dev.fanfare.journal.kafka;

import dev.fanfare.journal.UnusableJournalException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A topic of a cell, and what it has to be like so that nothing acknowledged is ever lost and
/// every node sees the same order and the same stamps.
public final class CellTopic {
  private static final Logger log = LoggerFactory.getLogger(CellTopic.class);

  /// The largest record that is ever appended, with room for what Kafka adds to it.
  static final int MESSAGE_BYTES = 1_000_000;

  private static final int LEAST_REPLICAS = 3;

  /// Brokers that start together, and those that have to hear of a topic that is created or
  /// deleted, take a while.
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(20);

  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final String MIN_ISR = "min.insync.replicas";
  private static final String MAX_MESSAGE = "max.message.bytes";

  private final Admin admin;
  private final String name;
  private final Form form;

  /// What a topic is for.
  ///
  /// @param own settings that it has to have beside those that every topic of a cell has
  /// @param advised settings that it is created with beside all these
  public record Form(Map<String, String> own, Map<String, String> advised) {
    /// The journal: every entry, for ever.
    public static final Form JOURNAL =
        new Form(
            Map.of("cleanup.policy", "delete", "retention.bytes", "-1", "retention.ms", "-1"),
            Map.of());

    /// Who is online: the last record of each key. It is kept in files that are small and tidied
    /// soon, because a node that starts reads all of them.
    public static final Form PRESENCE =
        new Form(
            Map.of("cleanup.policy", "compact"),
            Map.of(
                "min.cleanable.dirty.ratio",
                "0.1",
                "segment.bytes",
                "16777216",
                "segment.ms",
                "3600000"));

    public Form {
      own = Map.copyOf(own);
      advised = Map.copyOf(advised);
    }

    private SortedMap<String, String> required() {
      SortedMap<String, String> required = new TreeMap<>(own);
      required.put("message.timestamp.type", "LogAppendTime");
      required.put(MIN_ISR, "2");
      required.put("unclean.leader.election.enable", "false");
      return required;
    }

    private SortedMap<String, String> created() {
      SortedMap<String, String> created = required();
      created.putAll(advised);
      return created;
    }
  }

  public CellTopic(Admin admin, String name, Form form) {
    this.admin = admin;
    this.name = name;
    this.form = form;
  }

  /// Creates the topic if there is none, and checks it. Returns Kafka's id of it.
  ///
  /// @throws UnusableJournalException when it is not as required; the message ends with the command
  ///   that mends it
  public String require() {
    long deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
    while (true) {
      try {
        return requireNow();
      } catch (UnknownTopicOrPartitionException | InvalidReplicationFactorException e) {
        if (System.nanoTime() > deadline) {
          throw new UnusableJournalException(
              "%d brokers have to have the topic %s: %s"
                  .formatted(LEAST_REPLICAS, name, e.getMessage()));
        }
        log.info("the brokers are not ready for the topic {} yet: {}", name, e.getMessage());
        pause();
      }
    }
  }

  private String requireNow() {
    TopicDescription topic = describe().orElseGet(this::create);
    if (topic.partitions().size() != 1) {
      throw new UnusableJournalException(
          "the topic %s has %d partitions and needs one; name another topic, or create it by: %s"
              .formatted(name, topic.partitions().size(), creation()));
    }
    int replicas = topic.partitions().getFirst().replicas().size();
    if (replicas < LEAST_REPLICAS) {
      throw new UnusableJournalException(
          "the topic %s has %d replicas and needs %d: %s"
              .formatted(name, replicas, LEAST_REPLICAS, reassignment()));
    }
    List<String> wrong = wrong();
    if (!wrong.isEmpty()) {
      throw new UnusableJournalException(
          "the topic %s is not as it has to be: kafka-configs.sh --bootstrap-server SERVER"
                  .formatted(name)
              + " --alter --entity-type topics --entity-name %s --add-config %s"
                  .formatted(name, String.join(",", wrong)));
    }
    return topic.topicId().toString();
  }

  /// Kafka's id of the topic; empty when there is none.
  Optional<String> id() {
    return describe().map(topic -> topic.topicId().toString());
  }

  /// The settings that have to change, as `name=value`.
  private List<String> wrong() {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Config config = get(only(admin.describeConfigs(List.of(resource)).values()));
    List<String> wrong = new ArrayList<>();
    form.required()
        .forEach((setting, required) -> {
          String value = config.get(setting).value();
          boolean right = setting.equals(MIN_ISR) ? number(value) >= 2 : value.equals(required);
          if (!right) {
            wrong.add(setting + "=" + required);
          }
        });
    if (number(config.get(MAX_MESSAGE).value()) < MESSAGE_BYTES) {
      wrong.add(MAX_MESSAGE + "=" + MESSAGE_BYTES);
    }
    return wrong;
  }

  private static long number(String value) {
    return Long.parseLong(value);
  }

  private Optional<TopicDescription> describe() {
    try {
      return Optional.of(get(only(admin.describeTopics(List.of(name)).topicNameValues())));
    } catch (UnknownTopicOrPartitionException _) {
      return Optional.empty();
    }
  }

  /// Creates the topic. Another node may be faster.
  private TopicDescription create() {
    NewTopic topic = new NewTopic(name, 1, (short) LEAST_REPLICAS).configs(form.created());
    try {
      var _ = get(admin.createTopics(List.of(topic)).all());
      log.info("created the topic {}", name);
    } catch (TopicExistsException _) {
      log.info("another node created the topic {}", name);
    }
    return get(only(admin.describeTopics(List.of(name)).topicNameValues()));
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_EVERY);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private String creation() {
    StringBuilder command =
        new StringBuilder("kafka-topics.sh --bootstrap-server SERVER --create --topic ")
            .append(name)
            .append(" --partitions 1 --replication-factor ")
            .append(LEAST_REPLICAS);
    form.created()
        .forEach((setting, value) ->
            command.append(" --config ").append(setting).append('=').append(value));
    return command.toString();
  }

  private String reassignment() {
    return """
    echo '{"version":1,"partitions":[{"topic":"%s","partition":0,"replicas":[1,2,3]}]}' > \
    replicas.json; kafka-reassign-partitions.sh --bootstrap-server SERVER \
    --reassignment-json-file replicas.json --execute (with the ids of three brokers)\
    """
        .formatted(name);
  }

  /// The answer about the one thing that was asked for.
  private static <T> T only(Map<?, T> answers) {
    return answers.values().iterator().next();
  }

  /// Waits for an answer of the brokers.
  ///
  /// @throws UnusableJournalException when none comes
  private static <T> T get(KafkaFuture<T> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new UnusableJournalException("Kafka cannot be used: no broker answers", e);
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new UnusableJournalException("Kafka failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableJournalException("interrupted", e);
    }
  }
}
