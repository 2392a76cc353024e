package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  private static final Envelope SAMPLE =
      new Envelope(
          "20240102110405A1B2C3D4E5F60718293A", "RegisterUsers", "2020-12-01", "cn-north-1");

  private final FakeServer server = new FakeServer();

  @Test
  void success_is_the_example_of_the_contract() {
    Response response = SAMPLE.success(JsonNodeFactory.instance.objectNode());
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("Content-Type", "application/json; charset=utf-8")
        .containsEntry("X-Tt-Logid", "20240102110405A1B2C3D4E5F60718293A");
    assertThat(FakeServer.text(response))
        .isEqualTo(
            """
            {"ResponseMetadata":{"RequestId":"20240102110405A1B2C3D4E5F60718293A","Action":"RegisterUsers","Version":"2020-12-01","Service":"rtc","Region":"cn-north-1"},"Result":{}}\
            """);
  }

  @Test
  void failure_is_the_example_of_the_contract() {
    Response response = SAMPLE.failure(VolcengineError.SIGNATURE_DOES_NOT_MATCH.with());
    assertThat(response.status()).isEqualTo(401);
    assertThat(FakeServer.text(response))
        .isEqualTo(
            """
            {"ResponseMetadata":{"RequestId":"20240102110405A1B2C3D4E5F60718293A","Action":"RegisterUsers","Version":"2020-12-01","Service":"rtc","Region":"cn-north-1","Error":{"CodeN":100010,"Code":"SignatureDoesNotMatch","Message":"The request signature we calculated does not match the signature you provided. Check your Secret Access Key and signing method. Consult the service documentation for details."}}}\
            """);
  }

  @Test
  void every_error_has_a_number_and_a_status_that_clients_take_for_one() {
    for (VolcengineError error : VolcengineError.values()) {
      assertThat(error.number()).as(error.code()).isGreaterThanOrEqualTo(100_002);
      assertThat(error.status()).as(error.code()).isBetween(400, 599);
    }
  }

  @Test
  void a_request_id_is_the_time_in_utc_8_and_20_digits_and_never_the_same() {
    TreeSet<String> ids = new TreeSet<>();
    VolcengineFace face = server.face();
    for (int i = 0; i < 1_000; i++) {
      Response response = face.answer(FakeServer.signed("BatchGetUser", "{}"));
      ids.add(response.headers().getOrDefault("X-Tt-Logid", ""));
    }
    assertThat(ids).hasSize(1_000).allMatch(id -> id.matches("20261121155244[0-9A-F]{20}"));
  }

  @Test
  void what_the_query_said_is_echoed_as_json_text_whatever_it_was() {
    Request request =
        new Request(
            "POST",
            "/",
            "Action=%22%5c%00%ff%e4%b8%ad&Version=",
            Map.of("authorization", List.of("Credential=a/b/r-1/c/d")),
            new byte[0],
            "127.0.0.1");
    assertThat(FakeServer.text(server.face().answer(request)))
        .contains("\"Action\":\"\\\"\\\\\\u0000\ufffd中\",\"Version\":\"\"")
        .contains("\"Region\":\"r-1\"");
  }

  @Test
  void a_body_that_is_too_large_is_a_parameter_error_with_status_413() {
    Response response = server.face().tooLarge(FakeServer.signed("RegisterUsers", ""));
    assertThat(FakeServer.error(response))
        .isEqualTo("413 200002 InvalidParam: The request body is larger than 1048576 bytes.");
    assertThat(server.face().maxBodyBytes()).isEqualTo(1_048_576);
    assertThat(FakeServer.text(response)).contains("\"Action\":\"RegisterUsers\"");
  }

  @Test
  void a_body_without_room_may_be_sent_again() {
    Response response = server.face().busy(FakeServer.signed("RegisterUsers", ""));
    assertThat(FakeServer.error(response)).startsWith("503 ").contains("ServiceUnavailableTemp");
  }

  @Test
  void a_failure_tells_the_caller_nothing_about_its_cause() {
    Response response =
        server.face().failure(FakeServer.signed("X", ""), new IllegalStateException("secret"));
    assertThat(FakeServer.error(response))
        .isEqualTo(
            "500 100014 InternalError: Service has some internal Error. Pls Contact With Admin.");
    assertThat(FakeServer.text(response)).doesNotContain("secret");
  }
}
