package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.replica.Replica;
import dev.fanfare.store.MemoryStore;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Settings with which no client can be made; nothing has to be reached for that.
final class KafkaSettingsTest {
  private static void refused(Map<String, String> client, String why) {
    KafkaSettings settings = new KafkaSettings("127.0.0.1:9", "topic", client, TestTopic.key(0));
    MemoryStore store = new MemoryStore();
    assertThatThrownBy(() -> new KafkaJournal(settings, store, new Replica(store), () -> {}))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageStartingWith("Kafka cannot be used: ")
        .hasMessageContaining(why)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void why_no_client_can_be_made_is_told() {
    refused(
        Map.of("security.protocol", "SSL", "ssl.truststore.location", "/nowhere/trusted.p12"),
        "/nowhere/trusted.p12");
    refused(Map.of("security.protocol", "PLAIN"), "security.protocol");
    refused(
        Map.of("request.timeout.ms", "1", "metadata.max.age.ms", "soon"), "metadata.max.age.ms");
  }

  @Test
  void a_login_that_cannot_be_parsed_is_not_repeated() {
    refused(
        Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required password=top secret;"),
        "Failed");
  }
}
