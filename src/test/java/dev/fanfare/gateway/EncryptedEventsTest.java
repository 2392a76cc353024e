package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.tls.PemFiles;
import dev.fanfare.tls.SelfSigned;
import dev.fanfare.tls.ServerTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Server-sent events over TLS.
final class EncryptedEventsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"EPOLL", "NIO"})
  void ninth_device_is_told_that_it_is_one_too_many(Transport transport) throws Exception {
    PemFiles files = SelfSigned.make(directory, "gateway", "EC");
    SSLContext trusting = SelfSigned.trusting(files);
    List<RawClient> devices = new ArrayList<>();
    try (ServerTls tls = ServerTls.watch(files);
        GatewayFixture fixture =
            GatewayFixture.encrypted(tls.context(), GatewayFixture.edge(transport))) {
      var _ = fixture.node().register("10001");
      String events =
          "GET /sse?app=demo&token=" + fixture.token("10001") + " HTTP/1.1\r\nHost: l\r\n\r\n";
      RawClient.Answer answer = new RawClient.Answer(0, "", "");
      for (int i = 0; i < 9; i++) {
        devices.add(new RawClient(fixture.gateway().port(), trusting.getSocketFactory()));
        answer = devices.getLast().ask(events);
        assertThat(answer.status()).as("device %d", i + 1).isEqualTo(i < 8 ? 200 : 409);
      }
      assertThat(answer.body()).contains("\"code\":\"too_many_devices\"");
    } finally {
      devices.forEach(RawClient::close);
    }
  }
}
