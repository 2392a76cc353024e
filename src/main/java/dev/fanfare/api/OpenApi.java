package dev.fanfare.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.schema.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Writes the OpenAPI 3.1 document of the operations that the face dispatches by.
///
/// Schemas are files in the resources, `schemas/NAME.json`, taken in as far as an operation or
/// another schema refers to them.
record OpenApi(List<Operation> operations, String version) {
  private static final String SCHEMAS = "#/components/schemas/";

  /// What stands for the named segments of paths in examples.
  private static final Map<String, String> PARAMETERS =
      Map.of(
          "app",
          "demo",
          "member",
          "10001",
          "tag",
          "old",
          "kind",
          "api-key",
          "name",
          "ci",
          "broadcast",
          "b-0123456789abcdef01234567",
          "session",
          "k3Tq9ab2Xw4c.7.1",
          "webhook",
          "wh-0123456789ab");

  ObjectNode document() {
    ObjectNode document = Json.object().put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Fanfare")
        .put("version", version)
        .put("description", "Registers the members of an app and broadcasts to who is meant.");
    document.putArray("security").addObject().putArray("key");
    ObjectNode paths = document.putObject("paths");
    for (Operation operation : operations) {
      String path = operation.endpoint().path().text();
      ObjectNode item = paths.has(path) ? (ObjectNode) paths.get(path) : paths.putObject(path);
      item.set(operation.endpoint().method().toLowerCase(Locale.ROOT), write(operation));
    }
    ObjectNode components = document.putObject("components");
    components
        .putObject("securitySchemes")
        .putObject("key")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "The admin key, or an API key of the app");
    components.set("schemas", schemas(paths));
    return document;
  }

  private static ObjectNode write(Operation operation) {
    Description description = operation.description();
    ObjectNode json =
        Json.object().put("summary", description.summary()).put("description", who(operation));
    if (operation.handler() instanceof Operation.Handler.Open) {
      json.putArray("security");
    }
    parameters(operation, json.putArray("parameters"));
    description
        .body()
        .ifPresent(body -> {
          ObjectNode request = json.putObject("requestBody").put("required", true);
          ObjectNode content = request.putObject("content").putObject(body.mediaType());
          content.putObject("schema").put("$ref", SCHEMAS + body.schema());
          content.set("example", Json.stored(body.example().replace('\'', '"').getBytes(UTF_8)));
        });
    ObjectNode responses = json.putObject("responses");
    description.answers().forEach(answer -> answer(responses, answer));
    ObjectNode problem = responses.putObject("default").put("description", "Why it was not done");
    problem
        .putObject("content")
        .putObject("application/problem+json")
        .putObject("schema")
        .put("$ref", SCHEMAS + "Problem");
    return json;
  }

  /// Who may make a call.
  private static String who(Operation operation) {
    if (operation.handler() instanceof Operation.Handler.Open) {
      return "Needs no key.";
    }
    Stream<String> keys =
        Stream.concat(
            Stream.concat(
                Stream.of("admin"),
                operation.access().ownerToo() ? Stream.of("owner") : Stream.of()),
            Stream.of(Role.SENDER, Role.REGISTRAR, Role.READER)
                .filter(operation.access().roles()::contains)
                .map(KeyFields::text));
    return "Roles: " + keys.collect(Collectors.joining(", ")) + ".";
  }

  private static void parameters(Operation operation, ArrayNode json) {
    for (String name : operation.endpoint().path().names()) {
      ObjectNode parameter =
          json.addObject().put("name", name).put("in", "path").put("required", true);
      parameter.putObject("schema").put("type", "string");
      parameter.put("example", Objects.requireNonNull(PARAMETERS.get(name), name));
    }
    for (Description.Parameter given : operation.description().parameters()) {
      ObjectNode parameter =
          json.addObject()
              .put("name", given.name())
              .put("in", given.in())
              .put("description", given.meaning());
      parameter.putObject("schema").put("type", "string");
      if (!given.example().isEmpty()) {
        parameter.put("example", given.example());
      }
    }
  }

  private static void answer(ObjectNode responses, Description.Answer answer) {
    ObjectNode response =
        responses.putObject(Integer.toString(answer.status())).put("description", answer.meaning());
    if (!answer.mediaType().isEmpty()) {
      ObjectNode content = response.putObject("content").putObject(answer.mediaType());
      if (!answer.schema().isEmpty()) {
        content.putObject("schema").put("$ref", SCHEMAS + answer.schema());
      }
    }
  }

  /// Every schema that is referred to, in order of name.
  private static ObjectNode schemas(JsonNode from) {
    Map<String, JsonNode> found = new TreeMap<>();
    List<JsonNode> open = new ArrayList<>(List.of(from));
    while (!open.isEmpty()) {
      for (String reference : open.removeLast().findValuesAsText("$ref")) {
        String name = reference.substring(SCHEMAS.length());
        if (!found.containsKey(name)) {
          JsonNode schema = load(name);
          found.put(name, schema);
          open.add(schema);
        }
      }
    }
    ObjectNode schemas = Json.object();
    found.forEach(schemas::set);
    return schemas;
  }

  private static JsonNode load(String name) {
    String file = "schemas/" + name + ".json";
    try (InputStream stream = OpenApi.class.getResourceAsStream(file)) {
      return Json.stored(Objects.requireNonNull(stream, file).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
