package dev.fanfare.replica;

import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Rounds;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Purge;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Proposes, about once a minute for each app, that what was kept long enough is removed, until
/// nothing is left to remove. Apply decides what that is.
///
/// Between two entries that remove something it rests as long as the last one took, so that others
/// have at least half of the journal. One thread.
public final class PurgeTimer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PurgeTimer.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final Duration BETWEEN_APPS = Duration.ofMillis(100);

  private final Supplier<Tenants> tenants;
  private final Journal journal;
  private final Rounds rounds;

  public PurgeTimer(Supplier<Tenants> tenants, Journal journal) {
    this.tenants = tenants;
    this.journal = journal;
    this.rounds = new Rounds("purging", INTERVAL, this::purgeAll);
  }

  private void purgeAll() throws InterruptedException {
    for (App app : tenants.get().all()) {
      purge(app);
      Thread.sleep(BETWEEN_APPS);
    }
  }

  private void purge(App app) throws InterruptedException {
    Purge keys = Purge.newBuilder().setKeys(Purging.MOST_KEYS).build();
    Command command = Command.newBuilder().setApp(app.number()).setPurge(keys).build();
    try {
      long begun = System.nanoTime();
      while (journal.onDuty() && journal.propose(command) instanceof Outcome.Done) {
        Thread.sleep(Duration.ofNanos(System.nanoTime() - begun));
        begun = System.nanoTime();
      }
    } catch (TryAgainException | OutcomeUnknownException e) {
      log.debug("purging was not taken: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("purging the app {} failed", app.id(), e);
    }
  }

  @Override
  public void close() {
    rounds.close();
  }
}
