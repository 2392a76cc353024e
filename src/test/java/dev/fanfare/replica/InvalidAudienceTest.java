package dev.fanfare.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.AudienceParts;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.StartScan;
import dev.fanfare.store.MemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A command with an audience that no face should let through is refused, and the server goes on.
final class InvalidAudienceTest {
  private static final Outcome REFUSED =
      new Outcome.Refused(
          new Refusal.InvalidAudience("more than " + Audience.MAX_TERMS + " terms"));

  private final TestNode node = TestNode.start(new MemoryStore(), new TestClock());

  InvalidAudienceTest() {}

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void broadcast_is_refused() {
    StartBroadcast start =
        StartBroadcast.newBuilder()
            .setId("b")
            .setMessage(ByteString.copyFromUtf8("{}"))
            .setLifetimeSeconds(60)
            .setAudience(tooLarge())
            .build();
    assertThat(node.propose(command().setStartBroadcast(start).build())).isEqualTo(REFUSED);
    assertThat(node.broken()).isFalse();
  }

  @Test
  void scan_is_refused() {
    StartScan scan = StartScan.newBuilder().setId(1).setAudience(tooLarge()).build();
    assertThat(node.propose(command().setStartScan(scan).build())).isEqualTo(REFUSED);
    assertThat(node.broken()).isFalse();
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private static AudienceNode tooLarge() {
    AudienceParts.Builder parts = AudienceParts.newBuilder();
    for (int i = 0; i <= Audience.MAX_TERMS; i++) {
      parts.addParts(AudienceNode.newBuilder().setTag("t" + i));
    }
    return AudienceNode.newBuilder().setAny(parts).build();
  }
}
