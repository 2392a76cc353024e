package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// A journal of which a test says what becomes of commands.
public record PlantedJournal(Function<Command, Outcome> fate) implements Journal {

  /// One that takes nothing.
  ///
  /// @param failure what happens instead
  public static PlantedJournal failing(Supplier<RuntimeException> failure) {
    return new PlantedJournal(_ -> {
      throw failure.get();
    });
  }

  @Override
  public Outcome propose(Command command) {
    return fate.apply(command);
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
