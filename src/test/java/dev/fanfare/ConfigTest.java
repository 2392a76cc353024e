package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.app.LimitsProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class ConfigTest {

  @Test
  void defaults_are_local() {
    Config config = Config.of(Map.of(), Map.of("PATH", "/bin"));
    assertThat(config.data()).isEqualTo(Path.of("data").toAbsolutePath());
    assertThat(config.values())
        .containsEntry("api", "127.0.0.1:8080")
        .containsEntry("gateway", "127.0.0.1:8081")
        .containsEntry("dev", "false");
  }

  @Test
  void flags_win_over_the_environment_and_that_over_defaults() {
    Config config =
        Config.of(
            Map.of("api", "127.0.0.1:1"),
            Map.of("FANFARE_API", "127.0.0.1:2", "FANFARE_GATEWAY", "127.0.0.1:3"));
    assertThat(config.values())
        .containsEntry("api", "127.0.0.1:1")
        .containsEntry("gateway", "127.0.0.1:3");
  }

  @Test
  void backups_in_the_data_directory_are_refused() {
    assertThatThrownBy(() -> Config.of(Map.of("data", "/d", "backup-dir", "/d/backups"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("backup-dir: backups in the data directory would be lost with it");
    assertThat(Config.of(Map.of("data", "/d", "backup-dir", "/shared"), Map.of()).values())
        .containsEntry("backup-dir", "/shared");
  }

  @Test
  void unknown_variable_names_the_nearest_known_one() {
    assertThatThrownBy(() -> Config.of(Map.of(), Map.of("FANFARE_GATEWAI", "x")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("unknown setting FANFARE_GATEWAI, did you mean FANFARE_GATEWAY?");
  }

  @Test
  void variables_of_the_commands_are_not_settings() {
    Map<String, String> environment =
        Map.of("FANFARE_SERVER", "http://h", "FANFARE_KEY", "k", "FANFARE_HEAP", "2g");
    assertThat(Config.of(Map.of(), environment).values()).doesNotContainValue("k");
  }

  @Test
  void variables_of_a_service_beside_a_pod_are_not_settings() {
    Map<String, String> environment =
        Map.of(
            "FANFARE_SERVICE_HOST", "10.0.0.7",
            "FANFARE_SERVICE_PORT", "8080",
            "FANFARE_SERVICE_PORT_API", "8080",
            "FANFARE_PORT", "tcp://10.0.0.7:8080",
            "FANFARE_PORT_8080_TCP_ADDR", "10.0.0.7");
    assertThat(Config.of(Map.of(), environment).values())
        .isEqualTo(Config.of(Map.of(), Map.of()).values());
  }

  @Test
  void addresses_are_host_and_port() {
    for (String bad : new String[] {"8080", ":8080", "h:", "127.0.0.1:70000", "127.0.0.1:x"}) {
      assertThatThrownBy(() -> Config.of(Map.of("api", bad), Map.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessage("api: has to be HOST:PORT, not " + bad);
    }
    assertThat(Config.of(Map.of("api", "[::1]:0"), Map.of()).api().getAddress())
        .matches(address -> address.isLoopbackAddress());
  }

  @ParameterizedTest
  @CsvSource({
    "volcengine-body, 1KiB, 64MiB, 1023B, 65MiB",
    "block-cache, 1MiB, 1024GiB, 1KiB, 2000GiB",
    "volcengine-signature-seconds, 1, 86400, 0, 86401",
    "volcengine-signature-most-seconds, 1, 86400, -1, 100000",
    "log-format, text, json, xml, JSON",
  })
  void values_at_their_bounds_are_taken_and_those_beyond_are_refused(
      String key, String least, String most, String under, String over) {
    for (String good : List.of(least, most)) {
      assertThat(Config.of(Map.of(key, good), Map.of()).values()).containsEntry(key, good);
    }
    for (String bad : List.of(under, over)) {
      assertThatThrownBy(() -> Config.of(Map.of(key, bad), Map.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessageMatching(key + ": has to be .*, not " + bad);
    }
  }

  @Test
  void dev_is_for_loopback_only() {
    assertThatThrownBy(() -> Config.of(Map.of("dev", "true", "api", "0.0.0.0:8080"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("loopback");
    assertThat(Config.of(Map.of("dev", "true"), Map.of()).dev()).isTrue();
  }

  @Test
  void a_journal_on_kafka_needs_brokers_and_a_key() throws IOException {
    Map<String, String> kafka = Map.of("journal", "kafka", "kafka-bootstrap-servers", "a:1,b:2");
    assertThatThrownBy(() -> Config.of(kafka, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("secret-key-file");
    assertThatThrownBy(() -> Config.of(Map.of("journal", "kafka", "dev", "true"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("kafka-bootstrap-servers");
    assertThatThrownBy(() -> Config.of(Map.of("journal", "paper"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("embedded or kafka");

    Path key = directory.resolve("key");
    Config config = Config.of(kafka, Map.of("FANFARE_SECRET_KEY_FILE", key.toString()));
    assertThat(config.values())
        .containsEntry("journal", "kafka")
        .containsEntry("kafka-bootstrap-servers", "a:1,b:2")
        .containsEntry("kafka-topic", "fanfare")
        .containsEntry("reads", "latest")
        .containsEntry("secret-key-file", key.toString());
    Cluster cluster = Objects.requireNonNull(config.ordering().cluster());
    for (String bad : new String[] {"not base64", "c2hvcnQ="}) {
      Files.writeString(key, bad);
      assertThatThrownBy(cluster::settings)
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("32 bytes in base64");
    }
    Files.writeString(key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    assertThat(cluster.settings().topic()).isEqualTo("fanfare");
  }

  @TempDir Path directory;

  private Path file(String... lines) throws IOException {
    return Files.write(directory.resolve("fanfare.yaml"), List.of(lines));
  }

  private Config read(Path file) {
    return Config.of(Map.of("config", file.toString()), Map.of());
  }

  @Test
  void environment_wins_over_the_file_and_that_over_defaults() throws IOException {
    Path file = file("# ours", "api: 127.0.0.1:1", "block-cache: 1GB", "max-connections: 500");
    Config config =
        Config.of(
            Map.of("gateway", "127.0.0.1:9"),
            Map.of("FANFARE_CONFIG", file.toString(), "FANFARE_API", "127.0.0.1:2"));
    assertThat(config.values())
        .containsEntry("api", "127.0.0.1:2")
        .containsEntry("gateway", "127.0.0.1:9")
        .containsEntry("block-cache", "1GB")
        .containsEntry("max-connections", "500")
        .containsEntry("limits-profile", "documented");
    assertThat(config.capacity().blockCache().bytes()).isEqualTo(1_000_000_000L);
  }

  @Test
  void unknown_key_of_the_file_names_the_nearest_known_one() throws IOException {
    Path file = file("limit-profile: open");
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ": unknown setting limit-profile, did you mean limits-profile?");
  }

  @Test
  void file_that_is_not_lines_of_values_is_refused_in_one_line() throws IOException {
    Map<String, String> bad =
        Map.of(
            "- api", ": has to be lines of key: value",
            "api: [1]", ": api has to be one value",
            "api:", ": api has to be one value",
            "api: {", ": not YAML at line ",
            "dev: true\ndev: false", ": not YAML at line ");
    for (var entry : bad.entrySet()) {
      Path file = file(entry.getKey());
      assertThatThrownBy(() -> read(file))
          .as(entry.getKey())
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith(file + entry.getValue())
          .message()
          .hasLineCount(1);
    }
    assertThatThrownBy(() -> read(directory.resolve("absent")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("cannot read the configuration file " + directory.resolve("absent"));
    assertThat(read(file("# nothing"))).isEqualTo(Config.of(Map.of(), Map.of()));
  }

  @Test
  void effective_values_are_a_file_of_the_same_configuration() throws IOException {
    Config config =
        Config.of(Map.of("dev", "true", "block-cache", "3MiB", "max-connections", "7"), Map.of());
    String[] lines =
        config.values().entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .toArray(String[]::new);
    assertThat(read(file(lines))).isEqualTo(config);
  }

  @Test
  void dev_is_open_unless_another_profile_is_named() {
    assertThat(Config.of(Map.of("dev", "true"), Map.of()).limitsProfile())
        .isEqualTo(LimitsProfile.OPEN);
    assertThat(Config.of(Map.of("dev", "true", "limits-profile", "strict"), Map.of()).values())
        .containsEntry("limits-profile", "strict");
  }

  @Test
  void values_that_cannot_be_used_are_named() {
    Map<String, String> bad =
        Map.of("limits-profile", "lax", "block-cache", "64 cows", "max-connections", "0");
    bad.forEach((key, value) ->
        assertThatThrownBy(() -> Config.of(Map.of(key, value), Map.of()))
            .isInstanceOf(ConfigException.class)
            .hasMessageStartingWith(key + ": has to be ")
            .hasMessageEndingWith(", not " + value));
  }

  @Test
  void sizes_have_units() {
    assertThat(ByteSize.parse("64MiB")).contains(new ByteSize(64 << 20));
    assertThat(ByteSize.parse("1 GB")).contains(new ByteSize(1_000_000_000));
    assertThat(ByteSize.parse("4096")).contains(new ByteSize(4_096));
    for (String bad : new String[] {"", "MiB", "1mib", "-1B", "1.5MB", "999999999999GiB"}) {
      assertThat(ByteSize.parse(bad)).as(bad).isEmpty();
    }
    assertThat(new ByteSize(4_096)).hasToString("4KiB");
    assertThat(new ByteSize(1_500_000)).hasToString("1500KB");
    assertThat(new ByteSize(1_001)).hasToString("1001B");
  }

  @Test
  void settings_of_the_edge_are_read_and_written_back() {
    Map<String, String> flags =
        Map.of(
            "transport", "nio",
            "trusted-proxies", "10.0.0.0/8,::1",
            "connections-per-address", "0",
            "handshakes-per-second-per-address", "7",
            "frame-size", "512",
            "ping-interval", "10",
            "silence-timeout", "11");
    Map<String, String> values = Config.of(flags, Map.of()).values();
    assertThat(values)
        .containsEntry("transport", "nio")
        .containsEntry("connections-per-address", "0")
        .containsEntry("handshakes-per-second-per-address", "7")
        .containsEntry("frame-size", "512")
        .containsEntry("ping-interval", "10")
        .containsEntry("silence-timeout", "11")
        .containsEntry("header-size", "8192");
    assertThat(Config.of(values, Map.of()).values()).isEqualTo(values);
  }

  @Test
  void settings_of_the_edge_that_make_no_sense_are_refused() {
    Map<String, String> bad =
        Map.of(
            "transport", "kqueue",
            "trusted-proxies", "balancer.example",
            "connections-per-address", "-1",
            "devices-per-member", "0",
            "frame-size", "1000000",
            "frames-per-second", "",
            "silence-timeout", "25");
    bad.forEach((key, value) ->
        assertThatThrownBy(() -> Config.of(Map.of(key, value), Map.of()))
            .isInstanceOf(ConfigException.class)
            .hasMessageStartingWith(key + ": has to be "));
  }

  private static Config flags(String... flags) {
    CommandLine serve = new CommandLine(new ServeCommand());
    ConfigOptions.addTo(serve.getCommandSpec());
    return ConfigOptions.config(serve.parseArgs(flags), Map.of());
  }

  @Test
  void every_setting_is_a_flag() {
    for (Setting setting : Setting.values()) {
      String value = Config.of(Map.of(), Map.of()).values().get(setting.key());
      String flag = "--" + setting.key() + (setting == Setting.DEV ? "" : "=" + value);
      String given = setting == Setting.DEV ? "true" : value;
      assertThat(flags(flag).values()).containsEntry(setting.key(), given);
    }
  }

  @Test
  void flags_of_the_edge_reach_their_setting() {
    Config config =
        flags(
            "--transport=nio",
            "--trusted-proxies=10.0.0.0/8",
            "--connections-per-address=1",
            "--handshakes-per-second=2",
            "--handshakes-per-second-per-address=3",
            "--devices-per-member=4",
            "--frame-size=500",
            "--frames-per-second=6",
            "--header-size=7000",
            "--handshake-timeout=8",
            "--ping-interval=9",
            "--silence-timeout=10");
    assertThat(config.values())
        .containsAllEntriesOf(
            Map.of(
                "transport", "nio",
                "trusted-proxies", "10.0.0.0/8",
                "connections-per-address", "1",
                "handshakes-per-second", "2",
                "handshakes-per-second-per-address", "3"))
        .containsAllEntriesOf(
            Map.of(
                "devices-per-member", "4",
                "frame-size", "500",
                "frames-per-second", "6",
                "header-size", "7000",
                "handshake-timeout", "8",
                "ping-interval", "9",
                "silence-timeout", "10"));
  }
}
