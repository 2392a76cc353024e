package dev.fanfare.why;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.journal.Outcome;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.Cancel;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Pause;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Every reason in words. That the reason is the right one under any history is model-tested with
/// the replica.
final class InquiryTest {
  private static final int WEEK = 604_800;

  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(new MemoryStore(), clock);

  @AfterEach
  void close() {
    node.close();
    assertThat(node.broken()).isFalse();
  }

  /// Starts at 2023-11-14T22:13:20Z; each call is a minute after the one before.
  private void send(String audience, StartBroadcast.Builder more) {
    Outcome outcome =
        node.propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setStartBroadcast(
                    more.setId("b")
                        .setFormat(Format.NATIVE)
                        .setMessage(ByteString.copyFromUtf8("{}"))
                        .setAudience(AudienceSchema.encode(AudienceText.parse(audience))))
                .build());
    assertThat(outcome).isInstanceOf(Outcome.Started.class);
    minute();
  }

  private static StartBroadcast.Builder lifetime(int seconds) {
    return StartBroadcast.newBuilder().setLifetimeSeconds(seconds);
  }

  private void minute() {
    clock.advance(Duration.ofMinutes(1));
  }

  private Broadcast broadcast() {
    return node.replica().broadcast(node.app(), "b").orElseThrow();
  }

  private Why why(String member) {
    return new Inquiry(node.replica().broadcasts(), node.replica().members(), clock)
        .why(broadcast(), member);
  }

  private String text(String member) {
    return Sentence.of(member, why(member));
  }

  private void change(MemberChange.Builder change) {
    var _ = node.propose(TestNode.change(change));
    minute();
  }

  private void remove(String id) {
    change(MemberChange.newBuilder().setId(id).setRemove(RemoveMember.getDefaultInstance()));
  }

  private void apply(Command.Builder command) {
    assertThat(node.propose(command.setApp(TestNode.APP).build())).isInstanceOf(Outcome.Done.class);
    minute();
  }

  private void reported(ReceiptChunk.Builder chunk) {
    apply(
        Command.newBuilder()
            .setReceipts(
                Receipts.newBuilder().addChunks(chunk.setBroadcast(broadcast().number()))));
  }

  private static ByteString bits(int... ordinals) {
    return ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.bitmapOf(ordinals)));
  }

  @Test
  void who_was_not_there_was_not_a_recipient() {
    node.register("gone");
    remove("gone");
    node.register("back");
    remove("back");
    send("everyone", lifetime(WEEK));
    node.register("back");
    node.register("new");

    assertThat(text("nobody")).isEqualTo("nobody was never registered.");
    assertThat(text("gone"))
        .isEqualTo("gone was removed at 2023-11-14T22:13:20Z, before this broadcast started.");
    assertThat(text("new"))
        .isEqualTo("new was registered at 2023-11-14T22:16:20Z, after this broadcast had started.");
    assertThat(why("back")).isInstanceOf(Why.RegisteredLater.class);
  }

  @Test
  void who_did_not_match_is_told_by_which_part_as_it_was_then() {
    var _ = node.propose(TestNode.attributeNames("city"));
    node.register("1", "vip", "churned");
    change(
        MemberChange.newBuilder()
            .setId("2")
            .setRegister(
                MemberEdit.newBuilder()
                    .addAttributes(AttributeEdit.newBuilder().setName("city").setValue("ny"))));
    send("tag:vip and not (tag:churned or city=ny)", lifetime(WEEK));

    assertThat(text("1"))
        .isEqualTo("1 was registered, but the audience did not select it: it has the tag churned.");
    assertThat(text("2"))
        .isEqualTo(
            "2 was registered, but the audience did not select it: it does not have the tag vip.");
    var _ = node.propose(TestNode.attributeNames("town"));
    assertThat(((Why.DidNotMatch) why("2")).tree().orElseThrow().parts().get(1).matches())
        .as("a renamed attribute still means what it meant")
        .isFalse();
  }

  @Test
  void who_changed_since_is_told_as_it_is_now_and_when_it_changed() {
    node.register("1");
    node.register("2");
    node.register("3");
    send("tag:vip", lifetime(WEEK));
    change(
        MemberChange.newBuilder().setId("1").setUpdate(MemberEdit.newBuilder().addAddTags("vip")));
    change(
        MemberChange.newBuilder().setId("2").setUpdate(MemberEdit.newBuilder().setNickName("Two")));
    remove("3");

    assertThat(text("1"))
        .endsWith(
            "It changed at 2023-11-14T22:14:20Z, after the start; as it is now it would be"
                + " selected.");
    assertThat(text("2"))
        .endsWith("as it is now it still would not be selected: it does not have the tag vip.");
    assertThat(text("3"))
        .endsWith(
            "it was removed at 2023-11-14T22:16:20Z, so that what it had" + " then is not known.");
  }

  @Test
  void scheduled_broadcast_says_who_would_get_it_now() {
    node.register("1", "vip");
    node.register("2");
    send("tag:vip", lifetime(WEEK).setStartAt(clock.millis() + 3_600_000));
    String start =
        "The broadcast is scheduled for 2023-11-14T23:13:20Z; who gets it is decided then. ";
    assertThat(text("1")).isEqualTo(start + "As it is now, 1 would get it.");
    assertThat(text("2"))
        .isEqualTo(start + "As it is now, 2 would not get it: it does not have the tag vip.");
    assertThat(text("3")).isEqualTo(start + "3 is not registered now.");

    apply(Command.newBuilder().setCancel(Cancel.newBuilder().setBroadcast(broadcast().number())));
    assertThat(text("1"))
        .isEqualTo(
            "The broadcast was cancelled at 2023-11-14T22:14:20Z, before it was sent to anyone.");
  }

  @Test
  void paced_recipients_know_their_slice_and_when_it_is_due() {
    for (int i = 0; i < 10; i++) {
      node.register("m" + i);
    }
    send("everyone", lifetime(WEEK).setPace(2).setPivot(3));
    assertThat(why("m4")).isInstanceOf(Why.NotReached.class);
    assertThat(why("m5")).isEqualTo(new Why.NotReleasedYet(1, 1_700_000_001_000L));
    assertThat(why("m2")).isEqualTo(new Why.NotReleasedYet(4, 1_700_000_004_000L));
    assertThat(text("m2"))
        .isEqualTo(
            "m2 is a recipient, in slice 5, which is released at 2023-11-14T22:13:24Z at the"
                + " earliest.");
    long number = broadcast().number();
    apply(Command.newBuilder().setRelease(Release.newBuilder().setBroadcast(number).setSlice(1)));
    assertThat(why("m5"))
        .isEqualTo(new Why.NotReached(1, 1_700_000_060_000L, broadcast().expires()));

    apply(Command.newBuilder().setPause(Pause.newBuilder().setBroadcast(number)));
    assertThat(text("m2"))
        .isEqualTo(
            "m2 is a recipient, in slice 5, which is not released: the broadcast has been paused"
                + " since 2023-11-14T22:15:20Z.");
    apply(Command.newBuilder().setRecall(Recall.newBuilder().setBroadcast(number)));
    assertThat(text("m2"))
        .isEqualTo(
            "The broadcast was recalled at 2023-11-14T22:16:20Z, before it was released to m2.");
    assertThat(text("m4")).endsWith("before a device of m4 was connected.");
  }

  @Test
  void who_got_it_is_told_how_far() {
    for (int i = 0; i < 4; i++) {
      node.register("m" + i);
    }
    send("everyone", lifetime(WEEK));
    assertThat(text("m3"))
        .isEqualTo(
            "The broadcast was released to m3 at 2023-11-14T22:13:20Z, but no device of this"
                + " member has been connected since; it can still be delivered until"
                + " 2023-11-21T22:13:20Z.");
    reported(
        ReceiptChunk.newBuilder()
            .setReached(bits(0, 1, 2))
            .setDelivered(bits(1, 2))
            .setRead(bits(2)));
    assertThat(text("m0"))
        .isEqualTo(
            "The broadcast was handed to a device of m0, which has not acknowledged it; it was"
                + " released at 2023-11-14T22:13:20Z.");
    assertThat(text("m1")).startsWith("A device of m1 acknowledged the broadcast; ");
    assertThat(text("m2")).startsWith("m2 opened the broadcast; ");
    remove("m2");
    apply(Command.newBuilder().setRecall(Recall.newBuilder().setBroadcast(broadcast().number())));
    assertThat(text("m2"))
        .endsWith(
            "and recalled at 2023-11-14T22:16:20Z; the member was removed at"
                + " 2023-11-14T22:15:20Z.");
  }

  @Test
  void of_several_obstacles_the_first_is_the_reason() {
    node.register("1");
    node.register("2");
    send("everyone", lifetime(150));
    remove("1");
    clock.advance(Duration.ofHours(1));
    apply(Command.newBuilder().setRecall(Recall.newBuilder().setBroadcast(broadcast().number())));
    remove("2");
    assertThat(text("1"))
        .isEqualTo(
            "1 was a recipient and was removed at 2023-11-14T22:14:20Z, before one of its devices"
                + " was connected.");
    assertThat(text("2"))
        .isEqualTo(
            "The broadcast was released to 2 at 2023-11-14T22:13:20Z, but no device of this member"
                + " was connected before it ended at 2023-11-14T22:15:50Z.");
  }

  @Test
  void what_was_not_released_in_time_ended_before_that() {
    node.register("1");
    node.register("2");
    send("everyone", lifetime(30).setPace(1));
    apply(Command.newBuilder().setExpire(Expire.newBuilder().setBroadcast(broadcast().number())));
    assertThat(text("2"))
        .isEqualTo("The broadcast ended at 2023-11-14T22:13:50Z, before it was released to 2.");
  }

  @Test
  void lifetime_0_is_for_who_was_connected() {
    node.register("1");
    send("everyone", lifetime(0));
    assertThat(why("1")).isInstanceOf(Why.NotReached.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(text("1"))
        .isEqualTo(
            "The broadcast was only for who was connected when it was released at"
                + " 2023-11-14T22:13:20Z, and no device of 1 was.");
  }

  @Test
  void registrations_beyond_what_is_kept_are_said_to_be_forgotten() {
    node.register("1");
    send("everyone", lifetime(WEEK));
    for (int i = 0; i < 20; i++) {
      remove("1");
      node.register("1");
    }
    assertThat(why("1")).isInstanceOf(Why.Removed.class);
    remove("1");
    assertThat(why("1")).isEqualTo(new Why.NoLongerKnown(0));
    assertThat(text("1"))
        .isEqualTo(
            "Whether 1 was registered when this broadcast started is no longer known: of an id the"
                + " last 20 registrations are kept.");
  }

  @Test
  void recipients_that_were_removed_are_said_to_be_unknown_and_the_counters_to_be_kept() {
    node.register("1");
    send("everyone", lifetime(60));
    expireAndKeep(Duration.ofDays(2));

    assertThat(text("1"))
        .isEqualTo(text("2").replace(" 2 ", " 1 "))
        .isEqualTo(
            "Who got this broadcast is no longer known, 1 or anyone: its recipients and receipts"
                + " were removed at 2023-11-23T22:14:20Z. Its counters are kept.");
  }

  @Test
  void a_registration_that_may_be_forgotten_is_not_called_none() {
    node.register("1");
    remove("1");
    expireAndKeep(Duration.ofDays(8));
    send("everyone", lifetime(60));

    assertThat(why("1")).isEqualTo(new Why.NotRegistered(1_700_000_000_000L));
    assertThat(text("1"))
        .isEqualTo(
            "1 was not registered when this broadcast started, and has not been since. What ended"
                + " before 2023-11-14T22:13:20Z is no longer known.");
  }

  /// Ends what can end, and removes what was kept long enough.
  private void expireAndKeep(Duration time) {
    clock.advance(time);
    node.replica()
        .timeline()
        .broadcasts()
        .forEach(live ->
            node.propose(
                Command.newBuilder()
                    .setApp(TestNode.APP)
                    .setExpire(Expire.newBuilder().setBroadcast(live.number()))
                    .build()));
    clock.advance(Duration.ofDays(7));
    node.purge();
  }
}
