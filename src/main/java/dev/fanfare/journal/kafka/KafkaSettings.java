package dev.fanfare.journal.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Where a cell's journal lies, and how to talk to it.
///
/// @param servers `host:port` of some of the brokers, with commas between
/// @param topic the name of the cell's topic
/// @param client further properties of Kafka's clients, such as those of TLS and SASL; what the
///   journal depends on cannot be changed by them
public record KafkaSettings(String servers, String topic, Map<String, String> client, CellKey key) {

  /// Most records that a consumer gives at once.
  static final int POLLED_RECORDS = 1_000;

  private static final int REQUEST_TIMEOUT_MILLIS = 1_500;
  private static final int DELIVERY_TIMEOUT_MILLIS = 3_000;

  /// After so long a broker that says nothing is left, and the client asks who leads now.
  private static final int SILENCE_MILLIS = 4_000;

  /// And one to which no connection comes about.
  private static final int CONNECT_MILLIS = 2_000;

  public KafkaSettings {
    client = Map.copyOf(client);
  }

  /// The name of the topic that tells who is online.
  public String presenceTopic() {
    return topic + "-presence";
  }

  /// For looking at topics.
  public Admin admin() {
    Map<String, Object> properties = common();
    properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 20_000);
    return Admin.create(properties);
  }

  /// Every record once and in order, acknowledged when two brokers have it.
  ///
  /// One request at a time: with several on their way, Kafka's client may give up an older one,
  /// begin to number its requests anew, and send a younger one again that a broker already has and
  /// then does not recognise. It costs little, because a broker works on one request of a
  /// connection at a time, and what waits meanwhile goes together.
  public Producer<byte[], byte[]> producer() {
    Map<String, Object> properties = common();
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    properties.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, CellTopic.MESSAGE_BYTES);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4 * InFlight.MAX_BYTES);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MILLIS);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /// For reading the topic from a known offset; belongs to no group.
  public Consumer<byte[], byte[]> consumer() {
    Map<String, Object> properties = common();
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLLED_RECORDS);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
    return consumer(properties);
  }

  /// For being a member of the group that shares the duties, which stay where they are when a node
  /// joins.
  Consumer<byte[], byte[]> member() {
    Map<String, Object> properties = common();
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, topic + "-duties");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_500);
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return consumer(properties);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Map<String, Object> common() {
    Map<String, Object> properties = new HashMap<>(client);
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, SILENCE_MILLIS);
    properties.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, CONNECT_MILLIS);
    properties.put(
        CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, 2 * CONNECT_MILLIS);
    properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 50);
    properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    properties.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    return properties;
  }
}
