package dev.fanfare;

import dev.fanfare.journal.kafka.CellKey;
import dev.fanfare.journal.kafka.KafkaSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// The Kafka cluster that a node's journal lies in, as it is configured.
///
/// @param servers `HOST:PORT` of some brokers, with commas between
/// @param clientFile further properties of Kafka's clients; null for none
/// @param secretKeyFile 32 bytes in base64, the same on every node; null for the fixed key of dev
public record Cluster(
    String servers, String topic, @Nullable Path clientFile, @Nullable Path secretKeyFile) {
  private static final String SERVERS = "[^,:\\s]+:[0-9]{1,5}(,[^,:\\s]+:[0-9]{1,5})*";
  private static final String TOPIC = "[A-Za-z0-9._-]{1,200}";

  public Cluster {
    if (!servers.matches(SERVERS)) {
      throw new ConfigException(
          "kafka-bootstrap-servers: has to be HOST:PORT,HOST:PORT,… and is needed with journal"
              + " kafka");
    }
    if (!topic.matches(TOPIC)) {
      throw new ConfigException("kafka-topic: has to be letters, digits, dots, _ and -");
    }
  }

  /// Reads the files.
  ///
  /// @throws ConfigException when one cannot be used
  KafkaSettings settings() {
    return new KafkaSettings(servers, topic, client(), new CellKey(key(), new SecureRandom()));
  }

  private Map<String, String> client() {
    Map<String, String> client = new HashMap<>();
    if (clientFile != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(clientFile)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw new ConfigException("kafka-client-file: cannot be read: " + e.getMessage());
      }
      properties
          .stringPropertyNames()
          .forEach(name -> client.put(name, properties.getProperty(name)));
    }
    return client;
  }

  private byte[] key() {
    if (secretKeyFile == null) {
      return new byte[CellKey.BYTES];
    }
    try {
      byte[] key =
          Base64.getDecoder()
              .decode(Files.readString(secretKeyFile, StandardCharsets.US_ASCII).strip());
      if (key.length == CellKey.BYTES) {
        return key;
      }
    } catch (IOException e) {
      throw new ConfigException("secret-key-file: cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException _) {
      // Not base64, which is told below.
    }
    throw new ConfigException(
        "secret-key-file: has to hold 32 bytes in base64, as by: openssl rand -base64 32");
  }
}
