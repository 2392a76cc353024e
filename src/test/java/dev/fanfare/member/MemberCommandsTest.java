package dev.fanfare.member;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Ext;
import dev.fanfare.schema.ExtEntry;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.Tags;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// What a change makes of a member, and the limits that it is held to.
final class MemberCommandsTest {
  private static final int SMALL_APP = 2;

  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(store, clock);

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void ordinals_are_not_used_twice_even_when_there_are_no_more() throws Exception {
    register("1", MemberEdit.newBuilder());
    byte[] key = Key.bytes(TestNode.APP);
    AppCounters before =
        AppCounters.parseFrom(Objects.requireNonNull(store.get(Table.COUNTERS, key)));
    byte[] nearlyAll = before.toBuilder().setNextOrdinal(-2).build().toByteArray();
    store.table(Table.COUNTERS).put(key, nearlyAll);
    register("2", MemberEdit.newBuilder());
    MemberChange.Builder third = MemberChange.newBuilder().setId("3");
    assertThat(node.propose(TestNode.change(third.setRegister(MemberEdit.newBuilder()))))
        .isEqualTo(new Outcome.Members(List.of(Optional.of(new Refusal.OutOfOrdinals()))));
    register("1", MemberEdit.newBuilder().setNickName("Ann"));
    assertThat(member("2").ordinal()).isEqualTo(-2);
    assertThat(
            node.replica()
                .count(node.app(), new Audience.Everyone(), 2, new RoaringBitmap())
                .sample())
        .containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void registering_again_changes_what_is_given_and_keeps_the_rest() {
    register("1", MemberEdit.newBuilder().setNickName("Ann").setTags(tags("a")));
    long created = member("1").created();
    clock.advance(Duration.ofSeconds(1));
    register("1", MemberEdit.newBuilder().setPortrait("http://x"));

    assertThat(member("1").nickName()).isEqualTo("Ann");
    assertThat(member("1").tags()).containsExactly("a");
    assertThat(member("1").portrait()).isEqualTo("http://x");
    assertThat(member("1").created()).isEqualTo(created);
    assertThat(member("1").modified()).isEqualTo(created + 1_000);
  }

  @Test
  void a_put_replaces_everything_but_the_times() {
    node.propose(TestNode.attributeNames("city"));
    register(
        "1",
        MemberEdit.newBuilder()
            .setNickName("Ann")
            .setRobot(true)
            .setTags(tags("a"))
            .addAttributes(AttributeEdit.newBuilder().setName("city").setValue("ny"))
            .setExt(Ext.newBuilder().addEntries(ExtEntry.newBuilder().setKey("k"))));
    Member before = member("1");
    propose(change("1").setPut(MemberEdit.newBuilder().setPortrait("p")));

    Member after = member("1");
    assertThat(after.nickName()).isEmpty();
    assertThat(after.tags()).isEmpty();
    assertThat(after.attributes()).isEmpty();
    assertThat(after.ext()).isEmpty();
    assertThat(after.robot()).isFalse();
    assertThat(after.portrait()).isEqualTo("p");
    assertThat(after.created()).isEqualTo(before.created());
    assertThat(after.ordinal()).isEqualTo(before.ordinal());
    assertThat(count(new Audience.Tag("a"))).isZero();
    assertThat(count(new Audience.Attribute("city", "ny"))).isZero();
    assertThat(counters(TestNode.APP).getTerms()).isZero();
    assertThat(counters(TestNode.APP).getRobots()).isZero();
  }

  @Test
  void an_update_that_names_nothing_or_only_tags_it_has_modifies_nothing() {
    register("1", MemberEdit.newBuilder().setTags(tags("a", "b")));
    Member before = member("1");
    clock.advance(Duration.ofSeconds(1));
    propose(change("1").setUpdate(MemberEdit.newBuilder()));
    propose(change("1").setUpdate(MemberEdit.newBuilder().addAddTags("a").addRemoveTags("z")));

    assertThat(member("1")).isEqualTo(before);
  }

  @Test
  void an_update_that_changes_tags_modifies() {
    register("1", MemberEdit.newBuilder().setTags(tags("a", "b")));
    clock.advance(Duration.ofSeconds(1));
    propose(change("1").setUpdate(MemberEdit.newBuilder().addAddTags("c").addRemoveTags("a")));

    assertThat(member("1").tags()).containsExactly("b", "c");
    assertThat(member("1").modified()).isEqualTo(member("1").created() + 1_000);
  }

  @Test
  void tags_up_to_the_limit_are_taken_and_one_more_is_refused() {
    register("1", MemberEdit.newBuilder().setTags(tags(numbered(99))));
    assertThat(propose(add("1", "x", "y"))).contains(new Refusal.TooManyTags(100));
    assertThat(member("1").tags()).hasSize(99);
    assertThat(propose(add("1", "x"))).isEmpty();
    assertThat(propose(add("1", "y"))).contains(new Refusal.TooManyTags(100));
    assertThat(member("1").tags()).hasSize(100).contains("x");
    assertThat(count(new Audience.Tag("y"))).isZero();
  }

  @Test
  void tags_are_compared_after_the_whole_change() {
    register("1", MemberEdit.newBuilder().setTags(tags(numbered(100))));
    assertThat(
            propose(
                change("1").setUpdate(MemberEdit.newBuilder().addAddTags("x").addRemoveTags("0"))))
        .isEmpty();
    assertThat(member("1").tags()).hasSize(100).contains("x").doesNotContain("0");
  }

  @Test
  void robots_up_to_the_limit_are_taken_and_the_next_is_refused() {
    smallApp();
    assertThat(robot("1")).isEmpty();
    assertThat(robot("2")).isEmpty();
    assertThat(robot("3")).contains(new Refusal.TooManyRobots(2));
    assertThat(robot("2")).as("already one").isEmpty();
    assertThat(find(SMALL_APP, "3")).isEmpty();
    proposeSmall(change("1").setRemove(RemoveMember.getDefaultInstance()));
    assertThat(robot("3")).isEmpty();
  }

  @Test
  void terms_up_to_the_limit_are_taken_and_are_free_again_when_nobody_has_them() {
    smallApp();
    assertThat(proposeSmall(registerWith("1", "a", "b", "c"))).isEmpty();
    assertThat(proposeSmall(registerWith("2", "a", "d"))).contains(new Refusal.TooManyTerms(3));
    assertThat(find(SMALL_APP, "2")).isEmpty();
    assertThat(proposeSmall(registerWith("2", "a", "b"))).isEmpty();
    proposeSmall(change("1").setUpdate(MemberEdit.newBuilder().addRemoveTags("c")));
    assertThat(counters(SMALL_APP).getTerms()).isEqualTo(2);
    assertThat(proposeSmall(registerWith("2", "a", "d"))).isEmpty();
    assertThat(counters(SMALL_APP).getTerms()).isEqualTo(3);
  }

  @Test
  void an_attribute_that_the_app_has_not_is_refused_and_changes_nothing() {
    node.propose(TestNode.attributeNames("", "tier"));
    MemberEdit.Builder edit =
        MemberEdit.newBuilder()
            .setNickName("x")
            .addAttributes(AttributeEdit.newBuilder().setName("city").setValue("ny"));
    assertThat(propose(change("1").setRegister(edit)))
        .contains(new Refusal.UnknownAttribute("city"));
    assertThat(find(TestNode.APP, "1")).isEmpty();
    MemberEdit.Builder nameless =
        MemberEdit.newBuilder().addAttributes(AttributeEdit.newBuilder().setValue("ny"));
    assertThat(propose(change("1").setRegister(nameless)))
        .contains(new Refusal.UnknownAttribute(""));
  }

  @Test
  void members_of_two_apps_never_mix() {
    smallApp();
    register("1", MemberEdit.newBuilder().setTags(tags("a")));
    assertThat(find(SMALL_APP, "1")).isEmpty();
    proposeSmall(registerWith("1", "b"));
    assertThat(member("1").tags()).containsExactly("a");
    assertThat(count(new Audience.Everyone())).isEqualTo(1);
  }

  @Test
  void the_later_change_of_one_command_wins() {
    node.propose(
        TestNode.change(registerWith("1", "a"), registerWith("1", "b"), registerWith("1", "c")));
    assertThat(member("1").tags()).containsExactly("c");
    assertThat(count(new Audience.Tag("a"))).isZero();
    assertThat(count(new Audience.Tag("c"))).isEqualTo(1);
    assertThat(counters(TestNode.APP).getMembers()).isEqualTo(1);
  }

  private void smallApp() {
    node.propose(
        Command.newBuilder()
            .setCreateApp(
                CreateApp.newBuilder()
                    .setId("small")
                    .setLimits(Limits.newBuilder().setTagsPerMember(5).setRobots(2).setTerms(3)))
            .build());
  }

  private Optional<Refusal> robot(String id) {
    return proposeSmall(change(id).setRegister(MemberEdit.newBuilder().setRobot(true)));
  }

  private static MemberChange.Builder registerWith(String id, String... names) {
    return change(id).setRegister(MemberEdit.newBuilder().setTags(tags(names)));
  }

  private static MemberChange.Builder add(String id, String... names) {
    return change(id).setUpdate(MemberEdit.newBuilder().addAllAddTags(List.of(names)));
  }

  private static MemberChange.Builder change(String id) {
    return MemberChange.newBuilder().setId(id);
  }

  private static Tags tags(String... names) {
    return Tags.newBuilder().addAllNames(List.of(names)).build();
  }

  private static String[] numbered(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new);
  }

  private void register(String id, MemberEdit.Builder edit) {
    assertThat(propose(change(id).setRegister(edit))).isEmpty();
  }

  private Optional<Refusal> propose(MemberChange.Builder change) {
    return refusal(node.propose(TestNode.change(change)));
  }

  private Optional<Refusal> proposeSmall(MemberChange.Builder change) {
    return refusal(node.propose(TestNode.change(change).toBuilder().setApp(SMALL_APP).build()));
  }

  private static Optional<Refusal> refusal(Outcome outcome) {
    return ((Outcome.Members) outcome).refusals().getFirst();
  }

  private Optional<Member> find(int app, String id) {
    return node.replica().member(node.replica().tenants().byNumber(app).orElseThrow(), id);
  }

  private Member member(String id) {
    return find(TestNode.APP, id).orElseThrow();
  }

  private int count(Audience audience) {
    return node.replica().count(node.app(), audience, 0, new RoaringBitmap()).matched();
  }

  private AppCounters counters(int app) {
    try {
      return AppCounters.parseFrom(
          Objects.requireNonNull(store.get(Table.COUNTERS, Key.bytes(app))));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
