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
  void app_fills_its_share_and_no_more() {
    ProposalQueue<Proposal> queue = new ProposalQueue<>();
    assertThat(fill(queue, large(1, "caller"))).isEqualTo(15);
    queue.add(large(2, "caller"));
    queue.take(1, 1);
    queue.add(large(1, "caller"));
    assertThatThrownBy(() -> queue.add(large(1, "caller"))).isInstanceOf(TryAgainException.class);
  }

  @Test
  void callers_leave_room_for_the_commands_of_the_node() {
    ProposalQueue<Proposal> queue = new ProposalQueue<>();
    int callers = 0;
    for (int app = 1; app <= 5; app++) {
      callers += fill(queue, large(app, "caller"));
    }
    assertThat(callers).isEqualTo(55);
    assertThat(fill(queue, large(1, ""))).isEqualTo(8);
    queue.poll();
    queue.add(large(1, "caller"));
  }

  /// How often it can be added.
  private static int fill(ProposalQueue<Proposal> queue, Proposal proposal) {
    for (int added = 0; ; added++) {
      try {
        queue.add(new Proposal(proposal.command()));
      } catch (TryAgainException _) {
        return added;
      }
    }
  }

  /// A little more than 1 MiB.
  private static Proposal large(int app, String actor) {
    StartBroadcast start =
        StartBroadcast.newBuilder().setMessage(ByteString.copyFrom(new byte[1 << 20])).build();
    return new Proposal(
        Command.newBuilder().setApp(app).setActor(actor).setStartBroadcast(start).build());
  }

  private static Proposal proposal(int app, int slice) {
    return new Proposal(
        Command.newBuilder().setApp(app).setRelease(Release.newBuilder().setSlice(slice)).build());
  }
}
