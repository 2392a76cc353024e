package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may make which call: every call of the face against every role.
final class RolesTest {
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

  private static final Map<String, String> KEYS =
      Map.of(
          "admin", "dev-admin-key",
          "owner", "dev-api-key",
          "sender", "sender",
          "registrar", "registrar",
          "reader", "reader");

  private static final String ALL = "admin owner reader registrar sender";

  /// Written down apart from the code, so that a call that is opened to more roles is noticed.
  private static final Map<String, String> ALLOWED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("GET /v1/apps", ALL),
              Map.entry("POST /v1/apps", "admin"),
              Map.entry("GET /v1/apps/{app}", ALL),
              Map.entry("PATCH /v1/apps/{app}", "admin"),
              Map.entry("GET /v1/apps/{app}/limits", ALL),
              Map.entry("PATCH /v1/apps/{app}/limits", "admin"),
              Map.entry("GET /v1/apps/{app}/keys", "admin owner"),
              Map.entry("POST /v1/apps/{app}/keys", "admin owner"),
              Map.entry("PATCH /v1/apps/{app}/keys/{kind}/{name}", "admin owner"),
              Map.entry("DELETE /v1/apps/{app}/keys/{kind}/{name}", "admin owner"),
              Map.entry("GET /v1/apps/{app}/attributes", ALL),
              Map.entry("PUT /v1/apps/{app}/attributes", "admin owner"),
              Map.entry("GET /v1/apps/{app}/members", ALL),
              Map.entry("GET /v1/apps/{app}/members/{member}", ALL),
              Map.entry("PUT /v1/apps/{app}/members/{member}", "admin owner registrar"),
              Map.entry("PATCH /v1/apps/{app}/members/{member}", "admin owner registrar"),
              Map.entry("DELETE /v1/apps/{app}/members/{member}", "admin owner registrar"),
              Map.entry("POST /v1/apps/{app}/members:batch", "admin owner registrar"),
              Map.entry("POST /v1/apps/{app}/members:import", "admin owner registrar"),
              Map.entry("GET /v1/apps/{app}/members:export", ALL),
              Map.entry("GET /v1/apps/{app}/tags", ALL),
              Map.entry("DELETE /v1/apps/{app}/tags/{tag}", "admin owner registrar"),
              Map.entry("POST /v1/apps/{app}/audience:count", "admin owner reader sender"),
              Map.entry("POST /v1/apps/{app}/broadcasts", "admin owner sender"),
              Map.entry("GET /v1/apps/{app}/broadcasts/{broadcast}", "admin owner reader sender"),
              Map.entry("POST /v1/apps/{app}/audience:explain", "admin owner reader sender"),
              Map.entry("GET /v1/apps/{app}/broadcasts", "admin owner reader sender"),
              Map.entry(
                  "GET /v1/apps/{app}/broadcasts/{broadcast}/events", "admin owner reader sender"),
              Map.entry(
                  "GET /v1/apps/{app}/broadcasts/{broadcast}/timeline",
                  "admin owner reader sender"),
              Map.entry(
                  "GET /v1/apps/{app}/broadcasts/{broadcast}/recipients",
                  "admin owner reader sender"),
              Map.entry(
                  "GET /v1/apps/{app}/broadcasts/{broadcast}/recipients/{member}",
                  "admin owner reader sender"),
              Map.entry("POST /v1/apps/{app}/broadcasts/{broadcast}:pause", "admin owner sender"),
              Map.entry("POST /v1/apps/{app}/broadcasts/{broadcast}:resume", "admin owner sender"),
              Map.entry("POST /v1/apps/{app}/broadcasts/{broadcast}:pace", "admin owner sender"),
              Map.entry("POST /v1/apps/{app}/broadcasts/{broadcast}:recall", "admin owner sender"),
              Map.entry("POST /v1/apps/{app}/broadcasts/{broadcast}:cancel", "admin owner sender"),
              Map.entry("GET /v1/apps/{app}/members/{member}/broadcasts", ALL),
              Map.entry("POST /v1/apps/{app}/usersigs", "admin owner"),
              Map.entry("GET /v1/apps/{app}/webhooks", "admin owner"),
              Map.entry("POST /v1/apps/{app}/webhooks", "admin owner"),
              Map.entry("DELETE /v1/apps/{app}/webhooks/{webhook}", "admin owner"),
              Map.entry("POST /v1/apps/{app}/webhooks/{webhook}:test", "admin owner"),
              Map.entry("GET /v1/apps/{app}/sessions", ALL),
              Map.entry("DELETE /v1/apps/{app}/sessions/{session}", "admin owner registrar"),
              Map.entry("POST /v1/apps/{app}/tokens", "admin owner registrar"),
              Map.entry("GET /v1/audit", "admin owner"),
              Map.entry("GET /v1/backups", "admin"),
              Map.entry("POST /v1/backups", "admin"),
              Map.entry("GET /v1/nodes", "admin owner")));

  @Test
  void each_call_is_open_to_its_roles_and_no_other() {
    Map<String, String> found = new TreeMap<>();
    for (Operation operation : api.face().operations()) {
      if (operation.handler() instanceof Operation.Handler.Open) {
        continue;
      }
      String path = operation.endpoint().path().text();
      Set<String> allowed = new TreeSet<>();
      KEYS.forEach((role, key) -> {
        if (!forbidden(key, operation.endpoint().method(), path)) {
          allowed.add(role);
        }
      });
      found.put(operation.endpoint().method() + " " + path, String.join(" ", allowed));
    }
    assertThat(found).isEqualTo(ALLOWED);
  }

  /// What is allowed may be refused for what it says, but not for who says it.
  private boolean forbidden(String key, String method, String path) {
    String asked = path.replace("{app}", "demo").replaceAll("\\{[^}]*}", "x");
    Response response = api.callAs(key, method, asked, "");
    String code = response.status() < 300 ? "" : json(response).path("code").asText();
    return response.status() == 403 && code.equals("forbidden");
  }

  @Test
  void every_call_needs_a_key() {
    for (Operation operation : api.face().operations()) {
      if (!(operation.handler() instanceof Operation.Handler.Open)) {
        String path = operation.endpoint().path().text();
        String asked = path.replace("{app}", "demo").replaceAll("\\{[^}]*}", "x");
        assertProblem(
            api.callAs("wrong", operation.endpoint().method(), asked, ""), 401, "unauthorized");
      }
    }
  }

  @Test
  void every_call_about_an_app_needs_a_key_of_that_app() {
    api.callAs("dev-admin-key", "POST", "/v1/apps", "{'id': 'other'}");
    for (Operation operation : api.face().operations()) {
      if (operation.handler() instanceof Operation.Handler.InApp) {
        String path = operation.endpoint().path().text();
        String asked = path.replace("{app}", "other").replaceAll("\\{[^}]*}", "x");
        for (String key : List.of("dev-api-key", "reader")) {
          assertProblem(
              api.callAs(key, operation.endpoint().method(), asked, ""), 404, "app_not_found");
        }
      }
    }
  }
}
