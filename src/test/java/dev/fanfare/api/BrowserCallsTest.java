package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Signing in with a browser.
final class BrowserCallsTest {
  private static final String APP = "/v1/apps/demo";

  @TempDir Path directory;
  private ApiFixture api;

  @BeforeEach
  void open() {
    api = new ApiFixture(directory);
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static void assertProblem(Response response, int status, String code) {
    assertThat(json(response).path("code").asText()).as("%s", json(response)).isEqualTo(code);
    assertThat(response.status()).isEqualTo(status);
  }

  private static final String CONSOLE = "x-fanfare-console";

  private Response signIn(String key) {
    return api.call("POST", "/v1/session", "{'key': '" + key + "'}", CONSOLE, "1");
  }

  private String cookie(String key) {
    Response response = signIn(key);
    assertThat(response.status()).as("%s", json(response)).isEqualTo(201);
    String cookie = response.headers().getOrDefault("Set-Cookie", "");
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/").doesNotContain(key);
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private Response get(String path, String... headers) {
    var request = api.request("GET", path, "", headers);
    var without = new HashMap<>(request.headers());
    without.remove("authorization");
    return api.face()
        .answer(new Request("GET", path, "", without, new byte[0], request.remoteAddress()));
  }

  @Test
  void cookie_stands_for_the_key_that_was_shown() {
    String cookie = cookie("reader");
    assertThat(get(APP, "cookie", "theme=dark; " + cookie, CONSOLE, "1").status()).isEqualTo(200);
    assertProblem(get(APP + "/keys", "cookie", cookie, CONSOLE, "1"), 403, "forbidden");
    assertProblem(get(APP, "cookie", cookie), 401, "unauthorized");
    assertProblem(get(APP, "cookie", cookie + "x", CONSOLE, "1"), 401, "unauthorized");
    assertThat(json(signIn("dev-admin-key")).toString())
        .isEqualTo("{\"name\":\"admin\",\"role\":\"admin\"}");
    assertThat(json(signIn("sender")).toString())
        .isEqualTo("{\"name\":\"SENDER\",\"app\":\"demo\",\"role\":\"sender\"}");
  }

  @Test
  void cookie_that_came_over_tls_is_never_shown_without() {
    Request plain = api.request("POST", "/v1/session", "{\"key\":\"reader\"}", CONSOLE, "1");
    Request encrypted =
        new Request(
            plain.method(),
            plain.path(),
            "",
            plain.headers(),
            plain.body(),
            "127.0.0.1",
            Optional.empty(),
            true);
    assertThat(api.face().answer(plain).headers().get("Set-Cookie")).doesNotContain("Secure");
    assertThat(api.face().answer(encrypted).headers().get("Set-Cookie")).endsWith("; Secure");
  }

  @Test
  void sessions_of_one_key_end_each_other_and_nobody_elses() {
    AtomicLong ticks = new AtomicLong();
    BrowserSessions sessions = new BrowserSessions(new Random(1), ticks::incrementAndGet);
    String admin = sessions.open("admin", false);
    List<String> readers = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      readers.add(sessions.open("reader", false));
    }
    assertThat(sessions.key(showing(admin))).contains("admin");
    assertThat(readers.stream().filter(cookie -> sessions.key(showing(cookie)).isPresent()))
        .containsExactlyElementsOf(readers.subList(1_180, 1_200));
  }

  private static Request showing(String cookie) {
    Map<String, List<String>> headers =
        Map.of(CONSOLE, List.of("1"), "cookie", List.of(cookie.substring(0, cookie.indexOf(';'))));
    return new Request("GET", APP, "", headers, new byte[0], "");
  }

  @Test
  void session_ends_when_it_is_closed_unused_or_its_key_is_disabled() {
    String closed = cookie("reader");
    Response out = api.call("DELETE", "/v1/session", "", "cookie", closed, CONSOLE, "1");
    assertThat(out.status()).isEqualTo(204);
    assertThat(out.headers().get("Set-Cookie")).contains("Max-Age=0");
    assertProblem(get(APP, "cookie", closed, CONSOLE, "1"), 401, "unauthorized");

    String disabled = cookie("reader");
    api.call("PATCH", APP + "/keys/api-key/READER", "{'disabled': true}");
    assertProblem(get(APP, "cookie", disabled, CONSOLE, "1"), 401, "unauthorized");

    String unused = cookie("sender");
    api.advance(Duration.ofHours(12));
    assertProblem(get(APP, "cookie", unused, CONSOLE, "1"), 401, "unauthorized");
  }

  @Test
  void wrong_key_signs_nobody_in_and_guessing_is_slow() {
    assertProblem(signIn("wrong"), 401, "unauthorized");
    assertProblem(
        api.call("POST", "/v1/session", "{'key': 'reader'}"), 403, "console_header_missing");
    assertProblem(api.call("POST", "/v1/session", "{}", CONSOLE, "1"), 400, "missing_field");
    for (String body : List.of("{'key': 5}", "{'key': ''}")) {
      assertProblem(api.call("POST", "/v1/session", body, CONSOLE, "1"), 400, "invalid_field");
    }
    for (int i = 0; i < 6; i++) {
      var _ = signIn("wrong");
    }
    assertProblem(signIn("reader"), 429, "too_many_requests");
  }

  private int guess(String address) {
    Request request = api.request("POST", "/v1/session", "{\"key\":\"wrong\"}", CONSOLE, "1");
    return api.face()
        .answer(new Request("POST", request.path(), "", request.headers(), request.body(), address))
        .status();
  }

  @Test
  void addresses_of_one_network_guess_together() {
    for (int i = 0; i < 10; i++) {
      assertThat(guess("2001:db8::" + i)).isEqualTo(401);
    }
    assertThat(guess("2001:db8::a")).isEqualTo(429);
    assertThat(guess("2001:db8:0:1::a")).as("of another network").isEqualTo(401);
  }
}
