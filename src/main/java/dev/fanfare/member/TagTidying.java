package dev.fanfare.member;

import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Rounds;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.TagRemoval;
import dev.fanfare.schema.TidyTag;
import java.time.Duration;
import java.util.function.Supplier;

/// Proposes that records are rewritten which still hold a tag that was taken from everyone, one
/// portion after the other. Apply decides what the next portion is, so a repeated proposal only
/// does the next one.
///
/// One thread, which looks once a second.
public final class TagTidying implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Supplier<Tenants> tenants;
  private final Journal journal;
  private final Rounds rounds;

  public TagTidying(Supplier<Tenants> tenants, Journal journal) {
    this.tenants = tenants;
    this.journal = journal;
    this.rounds = new Rounds("tag-tidying", INTERVAL, this::tidyAll);
  }

  private void tidyAll() {
    while (!Thread.currentThread().isInterrupted()
        && journal.onDuty()
        && tidy(tenants.get(), journal) > 0) {
      // The next portion at once.
    }
  }

  /// Proposes one portion of every removal that is not done. Returns how many were taken.
  static int tidy(Tenants tenants, Journal journal) {
    int taken = 0;
    for (App app : tenants.all()) {
      for (TagRemoval removal : app.tagRemovals()) {
        TidyTag portion =
            TidyTag.newBuilder().setId(removal.getId()).setPortion(TagCommands.PORTION).build();
        Command command = Command.newBuilder().setApp(app.number()).setTidyTag(portion).build();
        if (journal.propose(command) instanceof Outcome.Done) {
          taken++;
        }
      }
    }
    return taken;
  }

  @Override
  public void close() {
    rounds.close();
  }
}
