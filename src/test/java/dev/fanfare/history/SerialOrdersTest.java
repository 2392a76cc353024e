package dev.fanfare.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.history.Call.Result;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SerialOrdersTest {
  private static final Set<Profile.Part> ALL = EnumSet.allOf(Profile.Part.class);
  private static final Optional<Profile> NOBODY = Optional.empty();

  private static Optional<Profile> named(String nickName, String... tags) {
    return Optional.of(new Profile(nickName, List.of(tags), Optional.empty()));
  }

  private static Call done(Asked asked, long began, long ended) {
    return new Call(asked, Result.DONE, began, ended);
  }

  private static Call read(Optional<Profile> found, long began, long ended) {
    return done(new Asked.Read(found, ALL), began, ended);
  }

  private static Asked register(String nickName) {
    return new Asked.Register(Optional.of(nickName), Optional.empty());
  }

  private static Set<Optional<Profile>> ends(Optional<Profile> before, Call... calls) {
    return new SerialOrders(List.of(calls), before).ends();
  }

  @Test
  void a_read_that_began_after_a_write_ended_has_to_see_it() {
    Call write = done(register("v1"), 0, 10);
    assertThat(ends(NOBODY, write, read(NOBODY, 5, 30))).containsExactly(named("v1"));
    assertThat(ends(NOBODY, write, read(named("v1"), 5, 30))).containsExactly(named("v1"));
    assertThat(ends(NOBODY, write, read(named("v1"), 20, 30))).containsExactly(named("v1"));
    assertThat(ends(NOBODY, write, read(NOBODY, 20, 30))).isEmpty();
  }

  @Test
  void what_one_reader_saw_no_later_reader_may_miss() {
    Call write = done(register("v1"), 0, 100);
    assertThat(ends(NOBODY, write, read(named("v1"), 10, 20), read(NOBODY, 30, 40))).isEmpty();
    assertThat(ends(NOBODY, write, read(named("v1"), 10, 20), read(NOBODY, 15, 40))).isNotEmpty();
  }

  @Test
  void a_lost_update_is_found() {
    Call a = done(new Asked.AddTag("a"), 0, 10);
    Call b = done(new Asked.AddTag("b"), 0, 10);
    assertThat(ends(named("v1"), a, b))
        .containsExactlyInAnyOrder(named("v1", "a", "b"), named("v1", "b", "a"));
    assertThat(ends(named("v1"), a, b, read(named("v1", "b"), 20, 30))).isEmpty();
  }

  @Test
  void an_answer_that_says_there_is_no_such_member_needs_that() {
    Call refused = new Call(new Asked.AddTag("a"), Result.REFUSED, 0, 10);
    assertThat(ends(NOBODY, refused)).containsExactly(NOBODY);
    assertThat(ends(named("v1"), refused)).isEmpty();
    assertThat(ends(named("v1"), refused, done(new Asked.Unregister(), 5, 20)))
        .containsExactly(NOBODY);
    assertThat(ends(NOBODY, done(new Asked.Unregister(), 0, 10))).isEmpty();
  }

  @Test
  void a_call_of_unknown_outcome_takes_effect_within_its_bound_or_never() {
    Call unknown = Call.unknown(register("v1"), 0, Duration.ofNanos(50));
    assertThat(ends(NOBODY, unknown)).containsExactlyInAnyOrder(NOBODY, named("v1"));
    assertThat(ends(NOBODY, unknown, read(NOBODY, 10, 20), read(named("v1"), 30, 40)))
        .containsExactly(named("v1"));
    assertThat(ends(NOBODY, unknown, read(NOBODY, 60, 70))).containsExactly(NOBODY);
    assertThat(ends(NOBODY, unknown, read(NOBODY, 60, 70), read(named("v1"), 80, 90)))
        .as("it took effect after its bound")
        .isEmpty();
    assertThat(ends(NOBODY, unknown, read(named("v1"), 10, 20), read(NOBODY, 30, 40)))
        .as("it was taken back")
        .isEmpty();
  }

  @Test
  void a_reader_says_nothing_of_parts_that_it_was_not_shown() {
    Call write = done(new Asked.SetAttribute("x"), 0, 10);
    Asked tags = new Asked.Read(named("", "a"), EnumSet.of(Profile.Part.TAGS));
    Asked attribute = new Asked.Read(named("", "a"), EnumSet.of(Profile.Part.ATTRIBUTE));
    assertThat(ends(named("v1", "a"), write, done(tags, 20, 30))).isNotEmpty();
    assertThat(ends(named("v1", "a"), write, done(attribute, 20, 30))).isEmpty();
  }

  @Test
  void what_cannot_be_explained_is_told() {
    Call stale = read(NOBODY, 20, 30);
    SerialOrders orders = new SerialOrders(List.of(done(register("v1"), 0, 10), stale), NOBODY);
    assertThat(orders.trouble()).contains("after 1 of 2 calls", stale.toString());
  }
}
