package dev.fanfare.member;

import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.TagRemoval;
import dev.fanfare.schema.TidyTag;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Proposes that records are rewritten which still hold a tag that was taken from everyone, one
/// portion after the other. Apply decides what the next portion is, so a repeated proposal only
/// does the next one.
///
/// One thread, which looks once a second.
public final class TagTidying implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TagTidying.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Supplier<Tenants> tenants;
  private final Journal journal;
  private final Thread thread;
  private volatile boolean closed;

  public TagTidying(Supplier<Tenants> tenants, Journal journal) {
    this.tenants = tenants;
    this.journal = journal;
    this.thread = Thread.ofPlatform().daemon().name("tag-tidying").start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        while (!closed && journal.onDuty() && tidy(tenants.get(), journal) > 0) {
          // The next portion at once.
        }
      } catch (TryAgainException | OutcomeUnknownException e) {
        log.debug("a portion was not taken: {}", e.getMessage());
      } catch (RuntimeException e) {
        log.error("rewriting records without a removed tag failed", e);
      }
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException _) {
        return;
      }
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
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
