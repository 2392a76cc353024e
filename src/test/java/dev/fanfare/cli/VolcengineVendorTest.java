package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VolcengineVendorTest {
  private final BlockingQueue<JsonNode> asked = new LinkedBlockingQueue<>();
  private volatile String answer = "{\"Result\":{\"Users\":[]}}";
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(Client.JSON.readTree(exchange.getRequestBody()));
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  @Test
  void every_id_that_a_user_can_have_is_asked_for_and_no_other() {
    VolcengineVendor vendor = vendor();
    List<String> users = List.of("1", "999999999999999999", "1000000000000000000");
    List<String> others = List.of("0", "01", "9223372036854775808", "10000000000000000000", "a");
    vendor.members(others);
    assertThat(asked).isEmpty();
    vendor.members(
        List.of(users.get(0), others.get(2), users.get(1), users.get(2), "9223372036854775807"));
    assertThat(asked.remove().path("UserIds").toString())
        .isEqualTo("[1,999999999999999999,1000000000000000000,9223372036854775807]");
  }

  @ParameterizedTest
  @CsvSource({
    "FailToConnect, true",
    "FlowLimitExceeded, true",
    "InternalError, true",
    "InternalServiceTimeout, true",
    "ServiceUnavailableTemp, true",
    "InvalidParam, false",
    "SignatureDoesNotMatch, false",
  })
  void trouble_at_the_vendor_passes_and_a_mistake_does_not(String code, boolean passing) {
    answer = "{\"ResponseMetadata\":{\"Error\":{\"Code\":\"%s\"}}}".formatted(code);
    assertThatExceptionOfType(Vendor.VendorException.class)
        .isThrownBy(() -> vendor().members(List.of("1")))
        .matches(refused -> refused.isPassing() == passing)
        .withMessageContaining(code);
  }

  private VolcengineVendor vendor() {
    return new VolcengineVendor(
        VendorHttp.to("http://127.0.0.1:" + server.getAddress().getPort()),
        new VolcengineVendor.Key(1, "AK", "SK", "cn-north-1"),
        Clock.systemUTC());
  }
}
