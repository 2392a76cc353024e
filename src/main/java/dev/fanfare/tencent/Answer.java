package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Response;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// What a request is answered with. The HTTP status is always 200.
///
/// @param code 0 for success
/// @param info why it failed, empty on success
/// @param more what the command answers beyond that
record Answer(int code, String info, ObjectNode more, Map<String, String> headers) {
  private static final String CONTENT_TYPE = "application/json; charset=utf-8";

  Answer {
    headers = Map.copyOf(headers);
  }

  static Answer ok() {
    return ok(JsonNodeFactory.instance.objectNode());
  }

  static Answer ok(ObjectNode more) {
    return new Answer(0, "", more, Map.of());
  }

  static Answer failure(TencentException cause) {
    return failure(cause, JsonNodeFactory.instance.objectNode());
  }

  static Answer failure(TencentException cause, ObjectNode more) {
    return new Answer(cause.error().code(), cause.info(), more, Map.of());
  }

  /// The same with one more header.
  Answer with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new Answer(code, info, this.more, more);
  }

  Response response() {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("ActionStatus", code == 0 ? "OK" : "FAIL")
            .put("ErrorInfo", info)
            .put("ErrorCode", code);
    body.setAll(more);
    Response response =
        Response.of(200, CONTENT_TYPE, body.toString().getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<String, String> header : headers.entrySet()) {
      response = response.with(header.getKey(), header.getValue());
    }
    return response;
  }
}
