package dev.fanfare.journal;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Background work that goes round until it is closed: one thread, and a rest after each round. A
/// round that fails, or whose proposal the journal does not take, is followed by the next one;
/// nothing but closing ends the thread.
public final class Rounds implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Rounds.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  /// What is done in one round. An interrupt means that it is time to stop.
  @FunctionalInterface
  public interface Round {
    void go() throws InterruptedException;
  }

  private final String name;
  private final Thread thread;
  private volatile boolean closed;

  /// Starts with the first round.
  ///
  /// @param name of the thread and, in log lines, of the work
  public Rounds(String name, Duration rest, Round round) {
    this.name = name;
    this.thread = Thread.ofPlatform().daemon().name(name).start(() -> run(rest, round));
  }

  private void run(Duration rest, Round round) {
    while (!closed) {
      try {
        attempt(round);
        Thread.sleep(rest);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void attempt(Round round) throws InterruptedException {
    try {
      round.go();
    } catch (TryAgainException | OutcomeUnknownException e) {
      log.debug("{}: not taken now: {}", name, e.getMessage());
    } catch (RuntimeException | Error e) {
      log.error("{} failed", name, e);
    }
  }

  /// Interrupts a round that is under way and waits some seconds for its end.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
