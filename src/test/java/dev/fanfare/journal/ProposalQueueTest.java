package dev.fanfare.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.StartBroadcast;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is next, and how much may wait.
final class ProposalQueueTest {
  @Test
  void the_queue_hands_out_apps_in_turn_and_each_app_in_order() {
    ProposalQueue<Proposal> queue = new ProposalQueue<>();
    for (int slice = 0; slice < 3; slice++) {
      queue.add(proposal(1, slice));
    }
    queue.add(proposal(2, 0));
    queue.add(proposal(2, 1));

    List<String> taken =
        queue.take(10, 1_000).stream()
            .map(p -> p.command().getApp() + ":" + p.command().getRelease().getSlice())
            .toList();
    assertThat(taken).containsExactly("1:0", "2:0", "1:1", "2:1", "1:2");
  }

  @Test
  void the_queue_refuses_what_would_exceed_its_bytes() {
    ProposalQueue<Proposal> queue = new ProposalQueue<>();
    Command large =
        Command.newBuilder()
            .setApp(1)
            .setStartBroadcast(
                StartBroadcast.newBuilder().setMessage(ByteString.copyFrom(new byte[1 << 20])))
            .build();
    for (int i = 0; i < 63; i++) {
      queue.add(new Proposal(large));
    }
    assertThatThrownBy(() -> queue.add(new Proposal(large))).isInstanceOf(TryAgainException.class);
    queue.take(1, 1);
    queue.add(new Proposal(large));
  }

  private static Proposal proposal(int app, int slice) {
    return new Proposal(
        Command.newBuilder().setApp(app).setRelease(Release.newBuilder().setSlice(slice)).build());
  }
}
