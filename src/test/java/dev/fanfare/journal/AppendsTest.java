package dev.fanfare.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.schema.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AppendsTest {
  private static final Command COMMAND = Command.getDefaultInstance();

  /// Numbers of the entries that were awaited, the first one is 1.
  private final List<Integer> awaited = new ArrayList<>();

  private final Numbering journal = new Numbering();
  private final Appends appends = new Appends(journal);

  /// Entries 2 and 3 fail, each in its own way.
  private final class Numbering implements Journal {
    int appended;

    @Override
    public Pending append(Command command) {
      int number = ++appended;
      return () -> {
        awaited.add(number);
        return switch (number) {
          case 2 -> throw new TryAgainException("not taken");
          case 3 -> throw new OutcomeUnknownException("not known");
          default -> new Outcome.Done();
        };
      };
    }

    @Override
    public Outcome propose(Command command) {
      throw new UnsupportedOperationException("one by one is what it is not for");
    }

    @Override
    public boolean barrier() {
      return true;
    }

    @Override
    public boolean onDuty() {
      return true;
    }

    @Override
    public long time() {
      return 0;
    }

    @Override
    public List<String> troubles() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  void entry_that_fails_does_not_keep_the_others_from_being_awaited() {
    IntStream.range(0, 5).forEach(_ -> appends.add(COMMAND));
    assertThat(awaited).isEmpty();
    assertThatThrownBy(appends::await).isInstanceOf(TryAgainException.class);
    assertThat(awaited).isEqualTo(upTo(5));
    appends.await();
    assertThat(awaited).as("nothing is awaited twice").isEqualTo(upTo(5));
  }

  @Test
  void no_more_than_a_hundred_are_under_way() {
    IntStream.range(0, 100).forEach(_ -> appends.add(COMMAND));
    assertThat(awaited).isEmpty();
    assertThatThrownBy(() -> appends.add(COMMAND)).isInstanceOf(TryAgainException.class);
    assertThat(awaited).isEqualTo(upTo(100));
    assertThat(journal.appended).isEqualTo(100);
    appends.add(COMMAND);
    appends.await();
    assertThat(awaited).isEqualTo(upTo(101));
  }
}
