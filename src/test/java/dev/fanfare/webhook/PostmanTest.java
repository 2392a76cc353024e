package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.schema.AddWebhook;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PostmanTest {
  private static final AddWebhook WEBHOOK =
      AddWebhook.newBuilder()
          .setId("w")
          .setUrl("http://127.0.0.1:1/")
          .setSecret(Signing.secret(new Random(1)))
          .build();

  @Test
  void what_the_client_refuses_to_send_is_a_failed_request() throws InterruptedException {
    try (Postman postman = new Postman(new Targets(true), new TestClock())) {
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      assertThat(postman.send(WEBHOOK, new Posts.Post("no\nheader", "", () -> body)))
          .hasValueSatisfying(error -> assertThat(error).contains("header"));
    }
  }

  @Test
  void target_that_is_none_any_more_is_a_failed_request() throws InterruptedException {
    AddWebhook beyond = WEBHOOK.toBuilder().setUrl("http://127.0.0.1:70000/").build();
    try (Postman postman = new Postman(new Targets(true), new TestClock())) {
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      assertThat(postman.send(beyond, new Posts.Post("id", "", () -> body)))
          .hasValueSatisfying(error -> assertThat(error).contains("port"));
    }
  }
}
