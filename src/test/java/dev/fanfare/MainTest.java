package dev.fanfare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cli.StandardOutput;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
  @TempDir Path empty;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "member",
        "member get",
        "member set 1 --attribute city",
        "tag add 1",
        "count",
        "count everyone --sample x",
        "send --audience everyone",
        "send --text x",
        "send --audience everyone --text x --json 1",
        "token 1 --ttl soon",
        "usersig",
        "usersig 1 --ttl soon",
        "watch",
        "serve --nonsense",
        "broadcast show",
        "broadcast pace b-1",
        "broadcast pace b-1 fast --server http://h --key k",
        "broadcast list --limit many",
        "why b-1",
        "app",
        "app create",
        "app create shop --volcengine-app-id many",
        "app create shop --access-key AK --server http://h --key k",
        "app create shop --tencent-secret-file /nowhere --server http://h --key k",
        "key",
        "key create",
        "key remove api-key",
      })
  void bad_usage_is_one_line_and_code_2(String line) {
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().startsWith("fanfare: ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void missing_server_is_one_line_and_code_2() {
    assertThat(run("count", "everyone", "--data", empty.toString())).isEqualTo(2);
    assertThat(err.toString().strip()).startsWith("fanfare: no server runs on " + empty);
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void server_that_is_away_is_one_line_and_code_1() {
    assertThat(run("count", "everyone", "--server", "http://127.0.0.1:1", "--key", "k"))
        .isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo("fanfare: cannot reach http://127.0.0.1:1; does the server run?");
  }

  @Test
  void bad_configuration_is_one_line_and_code_1() {
    assertThat(run("serve", "--api", "nowhere")).isEqualTo(1);
    assertThat(err.toString().strip()).isEqualTo("fanfare: api: has to be HOST:PORT, not nowhere");
  }

  @Test
  void every_command_has_help() {
    for (String command :
        new String[] {"serve", "config", "app", "key", "member", "tag", "count", "send"}) {
      assertThat(run(command, "--help")).isZero();
    }
    assertThat(out.toString()).contains("Usage: fanfare serve", "Usage: fanfare send");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config", "--version", "count --help"})
  @EnabledOnOs(OS.LINUX)
  void output_that_cannot_be_written_is_one_line_and_code_1(String line) throws IOException {
    try (OutputStream full = new FileOutputStream("/dev/full")) {
      PrintWriter out = new PrintWriter(new StandardOutput(full), true, UTF_8);
      assertThat(Main.run(out, new PrintWriter(err, true), line.split(" "))).isEqualTo(1);
    }
    assertThat(err.toString().lines())
        .containsExactly("fanfare: standard output takes no more: No space left on device");
  }

  @Test
  void configuration_is_shown() {
    assertThat(run("config", "--data", empty.toString(), "--api", "127.0.0.1:7")).isZero();
    assertThat(out.toString()).contains("data: " + empty, "api: 127.0.0.1:7");
  }

  @Test
  void configuration_that_is_shown_reads_as_the_same_configuration() throws IOException {
    String data = empty + "/a #b: \\c\n\"d\"";
    assertThat(run("config", "--api", "[::1]:8080", "--data", data)).as("%s", err).isZero();
    String shown = out.toString();
    assertThat(shown)
        .contains("api: \"[0:0:0:0:0:0:0:1]:8080\"", "dev: false", "gateway: 127.0.0.1:8081");
    Path file = Files.writeString(empty.resolve("shown.yaml"), shown);
    out.getBuffer().setLength(0);
    assertThat(run("config", "--config", file.toString())).as("%s", err).isZero();
    assertThat(out.toString()).isEqualTo(shown);
  }
}
