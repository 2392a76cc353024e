package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConnectionTest {
  @TempDir Path data;

  private Connection connection(Map<String, String> environment) throws IOException {
    Files.writeString(
        data.resolve("ready.json"),
        "{\"api\": \"http://127.0.0.1:1234\", \"gateway\": \"ws://g\"}");
    Files.writeString(data.resolve("credentials.json"), "{\"adminKey\": \"local\"}");
    Connection connection = new Connection(environment);
    connection.data = data.toString();
    return connection;
  }

  @Test
  void option_wins_over_environment_and_that_over_the_local_server() throws IOException {
    assertThat(connection(Map.of()).server()).hasToString("http://127.0.0.1:1234");
    assertThat(connection(Map.of()).local().gateway()).contains("ws://g");
    Connection connection = connection(Map.of("FANFARE_SERVER", "https://a.example/"));
    assertThat(connection.server()).hasToString("https://a.example");
    connection.server = "http://b.example";
    assertThat(connection.server()).hasToString("http://b.example");
  }

  @Test
  void key_of_the_local_server_never_leaves_the_machine() throws IOException {
    assertThatCode(connection(Map.of())::open).doesNotThrowAnyException();
    Connection remote = connection(Map.of("FANFARE_SERVER", "http://a.example"));
    assertThatThrownBy(remote::open)
        .isInstanceOf(CliException.class)
        .hasMessage("no key: pass --key or set FANFARE_KEY");
    Connection disguised = connection(Map.of("FANFARE_SERVER", "http://127.0.0.1.a.example"));
    assertThatThrownBy(disguised::open).isInstanceOf(CliException.class);
  }

  @Test
  void server_has_to_be_an_http_url() {
    for (String bad : new String[] {"localhost:8080", "ftp://h", "http://", "a b"}) {
      Connection connection = new Connection(Map.of("FANFARE_SERVER", bad));
      assertThatThrownBy(connection::server).as(bad).isInstanceOf(CliException.class);
    }
  }
}
