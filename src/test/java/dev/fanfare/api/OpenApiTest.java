package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fanfare.http.Face;
import dev.fanfare.http.Response;
import dev.fanfare.member.Presence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The OpenAPI document and the face say the same, and what the document shows works.
final class OpenApiTest {
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

  private JsonNode document() {
    Face face = api.face().documentation();
    Response response = face.answer(api.request("GET", "/openapi.json", ""));
    assertThat(response.status()).isEqualTo(200);
    return json(response);
  }

  @Test
  void document_names_every_call_and_no_other() {
    Set<String> documented = new TreeSet<>();
    document()
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .fieldNames()
                .forEachRemaining(method ->
                    documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
    Set<String> answered = new TreeSet<>();
    for (Operation operation : api.face().operations()) {
      answered.add(operation.endpoint().method() + " " + operation.endpoint().path().text());
    }
    assertThat(documented).isEqualTo(answered).hasSizeGreaterThan(25);
  }

  @Test
  void answer_to_a_change_of_a_member_that_is_gone_is_documented() {
    JsonNode member = document().path("paths").path("/v1/apps/{app}/members/{member}");
    for (String method : List.of("put", "patch")) {
      JsonNode responses = member.path(method).path("responses");
      assertThat(responses.path("200").has("content")).isTrue();
      assertThat(responses.path("204").path("description").asText()).contains("removed");
      assertThat(responses.path("204").has("content")).isFalse();
    }
  }

  /// What the examples are about, made before each of them.
  private Map<String, String> prepare(String path) {
    api.call("PUT", APP + "/attributes", "{'0': 'city', '1': 'tier'}");
    api.call("PUT", APP + "/members/10001", "{'tags': ['vip', 'old']}");
    api.call("POST", APP + "/keys", "{'kind': 'api-key', 'name': 'ci', 'role': 'reader'}");
    api.call("PUT", APP + "/members/10002", "{}");
    api.presence()
        .connect(
            new Presence.Connection("10001", "k3Tq9ab2Xw4c.7.1", "phone", "iOS", ApiFixture.NOW));
    String send = "{'audience': 'everyone', 'message': {'body': 1}" + life(path) + "}";
    String id = json(api.call("POST", APP + "/broadcasts", send)).path("id").asText();
    String webhook =
        json(api.call("POST", APP + "/webhooks", "{'url': 'http://127.0.0.1:1/'}"))
            .path("id")
            .asText();
    return Map.of("broadcast", id, "webhook", webhook);
  }

  /// What a broadcast needs so that a call can change its life.
  private static String life(String path) {
    if (path.endsWith(":cancel")) {
      return ", 'startAt': '2030-01-01T00:00:00Z'";
    }
    return path.matches(".*:(pause|resume|pace)") ? ", 'pacePerSecond': 1" : "";
  }

  @Test
  void every_example_works_and_is_answered_as_the_document_says() {
    JsonNode document = document();
    SchemaCheck schemas = new SchemaCheck(document.at("/components/schemas"));
    List<String> wrong = new ArrayList<>();
    ApiFixture first = api;
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(method -> {
                  JsonNode call = method.getValue();
                  try (ApiFixture fresh =
                      new ApiFixture(
                          directory.resolve(method.getKey() + path.getKey().replace('/', '_')))) {
                    api = fresh;
                    Map<String, String> made = prepare(path.getKey());
                    if (path.getKey().endsWith("/keys") && method.getKey().equals("post")) {
                      api.call("DELETE", APP + "/keys/api-key/ci", "");
                    }
                    wrong.addAll(
                        attempt(schemas, method.getKey() + " " + path.getKey(), call, made));
                  } finally {
                    api = first;
                  }
                }));
    assertThat(wrong).isEmpty();
  }

  private List<String> attempt(
      SchemaCheck schemas, String name, JsonNode call, Map<String, String> made) {
    String path = name.substring(name.indexOf(' ') + 1);
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : call.path("parameters")) {
      String example = parameter.path("example").asText();
      if (parameter.path("in").asText().equals("path")) {
        String value = made.getOrDefault(parameter.path("name").asText(), example);
        path = path.replace("{" + parameter.path("name").asText() + "}", value);
      } else if (parameter.path("in").asText().equals("query") && !example.isEmpty()) {
        query.add(parameter.path("name").asText() + "=" + example);
      }
    }
    JsonNode content = call.at("/requestBody/content").path("application/json");
    List<String> wrong = new ArrayList<>();
    String body = "";
    if (!content.isMissingNode()) {
      body = content.path("example").toString().replace("/var/backups", directory.toString());
      wrong.addAll(schemas.check(content.path("schema"), content.path("example"), name + " body"));
    }
    String asked = query.isEmpty() ? path : path + "?" + String.join("&", query);
    String method = name.substring(0, name.indexOf(' ')).toUpperCase(Locale.ROOT);
    Response response =
        api.call(
            method, asked, body, "authorization", "Bearer dev-admin-key", "x-fanfare-console", "1");
    String status = Integer.toString(response.status());
    if (!call.path("responses").has(status)) {
      wrong.add(name + " was answered " + status + " " + new String(response.body(), UTF_8));
      return wrong;
    }
    JsonNode answer = call.path("responses").path(status).path("content").path("application/json");
    if (answer.isMissingNode()) {
      if (response.body().length > 0) {
        wrong.add(name + " has a body that the document does not tell of");
      }
    } else {
      wrong.addAll(schemas.check(answer.path("schema"), json(response), name));
    }
    return wrong;
  }

  @Test
  void problem_is_as_the_document_says() {
    SchemaCheck schemas = new SchemaCheck(document().at("/components/schemas"));
    Response problem = api.call("PUT", APP + "/members/1", "{'tags': 5}");
    assertThat(
            schemas.check(
                JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/Problem"),
                json(problem),
                "problem"))
        .isEmpty();
  }

  @Test
  void page_loads_nothing_from_elsewhere() {
    Face face = api.face().documentation();
    for (String path : List.of("/docs", "/docs/docs.css", "/docs/docs.js")) {
      Response page = face.answer(api.request("GET", path, ""));
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.headers()).containsEntry("Content-Security-Policy", "default-src 'self'");
      assertThat(new String(page.body(), UTF_8)).doesNotContain("://");
    }
    assertThat(face.answer(api.request("GET", "/docs/other", "")).status()).isEqualTo(404);
    assertThat(face.answer(api.request("POST", "/docs", "")).status()).isEqualTo(405);
  }
}
