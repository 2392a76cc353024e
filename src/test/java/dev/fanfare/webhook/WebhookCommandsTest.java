package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.RemoveWebhook;
import dev.fanfare.store.MemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is judged in the journal, where two calls at once are one after the other.
final class WebhookCommandsTest {
  private final TestNode node = TestNode.start(new MemoryStore(), new TestClock());

  WebhookCommandsTest() {}

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void app_has_so_many_webhooks_and_no_more() {
    for (int i = 0; i < Webhooks.MOST; i++) {
      assertThat(add(i)).isEqualTo(new Outcome.Done());
    }
    assertThat(add(Webhooks.MOST))
        .isEqualTo(new Outcome.Refused(new Refusal.TooManyWebhooks(Webhooks.MOST)));
    var _ =
        node.propose(command().setRemoveWebhook(RemoveWebhook.newBuilder().setId("wh-0")).build());
    assertThat(add(Webhooks.MOST)).isEqualTo(new Outcome.Done());
  }

  private Outcome add(int number) {
    AddWebhook webhook =
        AddWebhook.newBuilder()
            .setId("wh-" + number)
            .setUrl("https://example.com/" + number)
            .setSecret("whsec_c2VjcmV0")
            .build();
    return node.propose(command().setAddWebhook(webhook).build());
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }
}
