package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import java.util.List;
import java.util.function.Supplier;

/// A journal that takes nothing.
///
/// @param failure what happens instead
public record BrokenJournal(Supplier<RuntimeException> failure) implements Journal {
  @Override
  public Outcome propose(Command command) {
    throw failure.get();
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
