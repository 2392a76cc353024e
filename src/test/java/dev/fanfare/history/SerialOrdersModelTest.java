package dev.fanfare.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.history.Call.Result;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Random histories, right and damaged ones: a right one always passes, and of a small one the
/// verdict and the ends are those of trying every permutation.
///
/// `-Dseed=N` replays a run; a failure prints the seed.
final class SerialOrdersModelTest {
  private static final Set<Profile.Part> ALL = EnumSet.allOf(Profile.Part.class);
  private static final int CASES = Boolean.getBoolean("long") ? 20_000 : 2_000;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final Random random = new Random(seed);

  @Test
  void right_histories_pass() {
    for (int i = 0; i < CASES / 20; i++) {
      List<Call> history = history(100);
      SerialOrders orders = new SerialOrders(history, Optional.empty());
      assertThat(orders.ends()).as("seed %d: %s", seed, orders.trouble()).isNotEmpty();
    }
  }

  @Test
  void the_verdict_is_that_of_trying_every_permutation() {
    int damaged = 0;
    int found = 0;
    for (int i = 0; i < CASES; i++) {
      List<Call> history = history(5);
      List<Call> other = random.nextBoolean() ? history : damaged(history);
      Set<Optional<Profile>> ends = new SerialOrders(other, Optional.empty()).ends();
      Set<Optional<Profile>> naive = new HashSet<>();
      permute(other, Optional.empty(), naive);
      assertThat(ends).as("seed %d: %s", seed, other).isEqualTo(naive);
      damaged += other.equals(history) ? 0 : 1;
      found += ends.isEmpty() ? 1 : 0;
    }
    assertThat(found).as("of %d damaged ones", damaged).isGreaterThan(damaged / 2);
  }

  @Test
  void every_wrong_answer_in_a_history_without_overlap_is_found() {
    for (int i = 0; i < CASES / 10; i++) {
      List<Call> history = serial(100);
      List<Call> other = damaged(history);
      if (!other.equals(history)) {
        assertThat(new SerialOrders(other, Optional.empty()).ends())
            .as("seed %d: %s", seed, other)
            .isEmpty();
      }
    }
  }

  /// Calls that took effect one by one, at 10, 20, 30 …, each somewhere between its begin and end.
  private List<Call> history(int size) {
    List<Call> calls = new ArrayList<>();
    for (Call call : serial(size)) {
      long begun = call.began() - random.nextInt(30);
      long ended = call.ended() + random.nextInt(30);
      boolean unknown = random.nextInt(8) == 0 && !(call.asked() instanceof Asked.Read);
      calls.add(new Call(call.asked(), unknown ? Result.UNKNOWN : call.result(), begun, ended));
    }
    return calls;
  }

  private List<Call> serial(int size) {
    List<Call> calls = new ArrayList<>();
    Optional<Profile> state = Optional.empty();
    for (int i = 1; i <= size; i++) {
      Asked asked = asked("v" + i, state);
      boolean done = asked.mayAnswer(true, state);
      calls.add(new Call(asked, done ? Result.DONE : Result.REFUSED, 10L * i, 10L * i + 1));
      state = asked.after(state);
    }
    return calls;
  }

  private Asked asked(String value, Optional<Profile> state) {
    Optional<String> older = state.stream().flatMap(profile -> profile.tags().stream()).findFirst();
    return switch (random.nextInt(10)) {
      case 0 -> new Asked.Put(value);
      case 1 -> new Asked.Register(Optional.of(value), Optional.empty());
      case 2 -> new Asked.Update(Optional.empty(), Optional.of(value));
      case 3, 4 -> new Asked.AddTag(value);
      case 5 -> new Asked.RemoveTag(older.orElse(value));
      case 6 -> new Asked.SetAttribute(value);
      case 7 -> random.nextBoolean() ? new Asked.Unregister() : new Asked.AddTag(value);
      default -> new Asked.Read(state, ALL);
    };
  }

  /// The same with one wrong answer: a read that shows what another one was shown, or a change that
  /// was done and says that it was not, or the other way round.
  private List<Call> damaged(List<Call> history) {
    List<Call> calls = new ArrayList<>(history);
    int at = random.nextInt(calls.size());
    Call call = calls.get(at);
    Call other =
        switch (call.asked()) {
          case Asked.Read _ -> new Call(shown(history), call.result(), call.began(), call.ended());
          default ->
              call.result() == Result.UNKNOWN
                  ? call
                  : new Call(
                      call.asked(),
                      call.result() == Result.DONE ? Result.REFUSED : Result.DONE,
                      call.began(),
                      call.ended());
        };
    calls.set(at, other);
    return calls;
  }

  private Asked shown(List<Call> history) {
    List<Asked> reads =
        history.stream().map(Call::asked).filter(Asked.Read.class::isInstance).toList();
    return reads.get(random.nextInt(reads.size()));
  }

  private static void permute(
      List<Call> open, Optional<Profile> state, Set<Optional<Profile>> ends) {
    if (open.isEmpty()) {
      ends.add(state);
    }
    for (Call next : open) {
      if (open.stream().noneMatch(other -> other.ended() < next.began())) {
        List<Call> rest = new ArrayList<>(open);
        rest.remove(next);
        next.after(state).forEach(after -> permute(rest, after, ends));
      }
    }
  }
}
