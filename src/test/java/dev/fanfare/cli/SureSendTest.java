package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class SureSendTest {
  private static final String SENT = "201 {\"id\":\"b-1\",\"state\":\"completed\"}";
  private static final String TRY_AGAIN = "503 {\"code\":\"try_again\"}";

  /// A call that is taken and not answered.
  private static final String LOST = "";

  private final Queue<String> answers = new ArrayDeque<>();
  private final List<String> keys = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private HttpServer server;
  private URI address;

  SureSendTest() {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/apps/demo/broadcasts", this::answer);
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode request = Client.JSON.readTree(exchange.getRequestBody());
    String answer = "200 {\"matched\":1,\"text\":\"tag:a\"}";
    if (!request.path("dryRun").asBoolean()) {
      keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
      answer = answers.remove();
    }
    if (!answer.isEmpty()) {
      byte[] body = answer.substring(4).getBytes(UTF_8);
      exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private JsonNode send(String... answers) {
    this.answers.addAll(Arrays.asList(answers));
    AppClient app = new AppClient(new Client(address, "key", null), "/v1/apps/demo");
    return new SureSend(app, "k-1", Duration.ZERO, notes::add).send(Client.object());
  }

  @Test
  void lost_answer_and_unknown_outcome_are_followed_by_the_same_call() {
    JsonNode sent = send(LOST, "503 {\"code\":\"outcome_unknown\"}", "502 <html>", TRY_AGAIN, SENT);
    assertThat(sent.path("id").asText()).isEqualTo("b-1");
    assertThat(keys).hasSize(5).containsOnly("k-1");
    assertThat(notes).hasSize(4).allMatch(note -> note.endsWith("with --idempotency-key k-1"));
  }

  @Test
  void what_stays_unknown_is_told_with_the_key() {
    assertThatThrownBy(() -> send(LOST, TRY_AGAIN, TRY_AGAIN, TRY_AGAIN, TRY_AGAIN))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(CliException.FAILED))
        .hasMessageContaining("not known whether the broadcast was sent")
        .hasMessageContaining("--idempotency-key k-1");
    assertThat(keys).hasSize(5);
  }

  @Test
  void what_was_certainly_not_sent_is_not_called_unknown() {
    assertThatThrownBy(() -> send(TRY_AGAIN, TRY_AGAIN, TRY_AGAIN, TRY_AGAIN, TRY_AGAIN))
        .hasMessage("try_again");
    assertThatThrownBy(() -> send("429 {\"code\":\"rate_limited\"}"))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(CliException.REFUSED))
        .hasMessage("rate_limited");
    assertThat(keys).hasSize(6);
  }

  @Test
  void refusal_says_nothing_of_the_call_before() {
    assertThatThrownBy(() -> send(LOST, "429 {\"code\":\"rate_limited\"}"))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(CliException.FAILED))
        .hasMessageContaining("--idempotency-key k-1");
  }

  @Test
  void command_brings_a_key_of_its_own_each_time() {
    answers.addAll(List.of(LOST, SENT, SENT));
    for (int i = 0; i < 2; i++) {
      StringWriter err = new StringWriter();
      CommandLine send = new CommandLine(new SendCommand()).setErr(new PrintWriter(err, true));
      send.setOut(new PrintWriter(new StringWriter()));
      String line = "--server %s --key k --app demo --audience tag:a --text x".formatted(address);
      assertThat(send.execute(line.split(" "))).as("%s", err).isZero();
    }
    assertThat(keys).hasSize(3).doesNotContainNull();
    assertThat(keys.get(1)).isEqualTo(keys.getFirst()).isNotEqualTo(keys.getLast());
  }
}
