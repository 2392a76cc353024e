package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// What every answer is wrapped in.
///
/// @param requestId unique per request: 14 digits of time in UTC+8, 20 upper-case hexadecimal ones
/// @param action as called, empty when absent
/// @param version as called, empty when absent
/// @param region of the credential's scope, the default one when there is none
record Envelope(String requestId, String action, String version, String region) {
  private static final String CONTENT_TYPE = "application/json; charset=utf-8";
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss").withZone(ZoneOffset.ofHours(8));

  static Envelope of(Request request, Instant now, RandomGenerator random) {
    Query query = Query.parse(request.query());
    byte[] bytes = new byte[10];
    random.nextBytes(bytes);
    return new Envelope(
        SECOND.format(now) + HexFormat.of().withUpperCase().formatHex(bytes),
        query.first("Action").orElse(""),
        query.first("Version").orElse(""),
        request.header("authorization").flatMap(Authorization::region).orElse("cn-north-1"));
  }

  Response success(ObjectNode result) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.set("ResponseMetadata", metadata());
    answer.set("Result", result);
    return response(200, answer);
  }

  Response failure(VolcengineException refused) {
    VolcengineError error = refused.error();
    ObjectNode metadata = metadata();
    metadata
        .putObject("Error")
        .put("CodeN", error.number())
        .put("Code", error.code())
        .put("Message", refused.text());
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.set("ResponseMetadata", metadata);
    return response(error.status(), answer);
  }

  private ObjectNode metadata() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("RequestId", requestId)
        .put("Action", action)
        .put("Version", version)
        .put("Service", "rtc")
        .put("Region", region);
  }

  private Response response(int status, ObjectNode answer) {
    return Response.of(status, CONTENT_TYPE, Hashes.utf8(answer.toString()))
        .with("X-Tt-Logid", requestId);
  }
}
