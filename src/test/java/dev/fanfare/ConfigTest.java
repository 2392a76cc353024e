package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
  void addresses_are_host_and_port() {
    for (String bad : new String[] {"8080", ":8080", "h:", "127.0.0.1:70000", "127.0.0.1:x"}) {
      assertThatThrownBy(() -> Config.of(Map.of("api", bad), Map.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessage("api: has to be HOST:PORT, not " + bad);
    }
    assertThat(Config.of(Map.of("api", "[::1]:0"), Map.of()).api().getAddress())
        .matches(address -> address.isLoopbackAddress());
  }

  @Test
  void dev_is_for_loopback_only() {
    assertThatThrownBy(() -> Config.of(Map.of("dev", "true", "api", "0.0.0.0:8080"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("loopback");
    assertThat(Config.of(Map.of("dev", "true"), Map.of()).dev()).isTrue();
  }
}
