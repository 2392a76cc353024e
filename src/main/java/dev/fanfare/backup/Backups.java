package dev.fanfare.backup;

import dev.fanfare.app.Cell;
import dev.fanfare.app.CellCommands;
import dev.fanfare.app.Mint;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.BackupRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.NoteBackup;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes backups while the node runs, one at a time, and knows which were made. Any thread.
///
/// A backup is of a snapshot: hard links to the files of the store, so that taking it is short and
/// what is written meanwhile is in the next one. A backup that was made is noted in the journal.
public final class Backups implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Backups.class);
  private static final int FAILURES_KEPT = 20;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Node node;
  private final Settings settings;
  private final Deque<Backup> ended = new ArrayDeque<>();
  private @Nullable Running running;
  private boolean closed;

  /// What backups are of.
  public record Node(RocksStore store, Journal journal) {}

  /// Where and by whom backups are made.
  ///
  /// @param data the node's data directory; backups never lie in it
  /// @param version of this server
  public record Settings(Path data, Clock clock, Mint mint, String version) {
    static final String HELD = "a backup inside of the data directory would be lost with it";

    /// Where snapshots lie while they are copied. What is there at start was left by a process that
    /// was killed.
    Path scratch() {
      return data.resolve("backing-up");
    }

    /// Whether a directory lies, or would lie, in the data directory.
    boolean holds(Path target) {
      try {
        Path own = data.toRealPath();
        Path existing = target;
        while (existing != null && !Files.exists(existing)) {
          existing = existing.getParent();
        }
        Path real =
            existing == null
                ? target
                : existing.toRealPath().resolve(existing.relativize(target)).normalize();
        return real.startsWith(own);
      } catch (IOException e) {
        throw new BackupException("cannot look at " + target + ": " + e.getMessage(), e);
      }
    }
  }

  public Backups(Node node, Settings settings) {
    this.node = node;
    this.settings = settings;
    new Copying(node.store(), settings).clear();
  }

  /// Whether a directory is one of backups.
  public static boolean isDirectory(Path directory) {
    return Files.isRegularFile(new BackupDirectory(directory).cell());
  }

  /// What is wrong with a directory of backups, a line each: every file is read.
  ///
  /// @throws BackupException when it cannot be read at all
  public static List<String> examine(Path directory) {
    return new Verification(new BackupDirectory(directory)).findings();
  }

  /// Why a backup does not begin.
  public sealed interface Refusal {
    /// Another one is being made.
    record Busy(String id) implements Refusal {}

    /// The directory cannot take it.
    record Unusable(String why) implements Refusal {}
  }

  /// The beginning of a backup, or why there is none.
  public sealed interface Begun {
    record Started(Backup backup) implements Begun {}

    record Refused(Refusal refusal) implements Begun {}
  }

  /// The beginning of a backup that is streamed, or why there is none.
  public sealed interface Opened {
    record Stream(Tar tar) implements Opened {}

    record Refused(Refusal refusal) implements Opened {}
  }

  /// Writes a backup as a tar. Has to be called once; until then no other backup begins.
  @FunctionalInterface
  public interface Tar {
    void writeTo(OutputStream out) throws IOException;
  }

  private record Running(Backup backup, String actor, @Nullable Thread thread) {}

  /// Begins to add a backup to a directory of this machine.
  ///
  /// @param directory absolute
  /// @param keep how many of the newest backups stay in it; 0 for all
  /// @param actor for the audit
  public Begun begin(Path directory, int keep, String actor) {
    Path target = directory.normalize();
    if (settings.holds(target)) {
      return new Begun.Refused(new Refusal.Unusable(Settings.HELD));
    }
    Backup backup = Backup.running(newId(), target.toString(), settings.clock().instant());
    Optional<Refusal> busy = take(backup, actor);
    if (busy.isPresent()) {
      return new Begun.Refused(busy.get());
    }
    DirectoryDestination destination;
    try {
      destination = DirectoryDestination.open(target, cell().id(), keep);
    } catch (BackupException e) {
      release(Optional.empty());
      return new Begun.Refused(new Refusal.Unusable(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      release(Optional.empty());
      throw e;
    }
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("backup")
            .unstarted(() -> {
              try {
                make(destination);
              } catch (IOException | RuntimeException e) {
                log.error("the backup {} ended", backup.id(), e);
              }
            });
    synchronized (this) {
      running = new Running(backup, actor, thread);
    }
    thread.start();
    return new Begun.Started(backup);
  }

  /// Begins a backup that is written to a stream.
  public Opened stream(String actor) {
    Backup backup = Backup.running(newId(), "", settings.clock().instant());
    String cell = cell().id();
    return take(backup, actor)
        .<Opened>map(Opened.Refused::new)
        .orElseGet(() -> new Opened.Stream(out -> make(new TarDestination(out, cell))));
  }

  /// The backup that is being made, those that were, and those that failed since the start, newest
  /// first.
  public synchronized List<Backup> list() {
    Map<String, Backup> byId = new HashMap<>();
    ended.forEach(backup -> byId.put(backup.id(), backup));
    for (BackupRecord noted : CellCommands.backups(node.store())) {
      byId.put(
          noted.getBackup().getId(),
          Backup.of(noted, cell().position(noted.getBackup().getOffset())));
    }
    if (running != null) {
      byId.put(running.backup().id(), running.backup());
    }
    List<Backup> all = new ArrayList<>(byId.values());
    all.sort(Comparator.comparing(Backup::started).thenComparing(Backup::id).reversed());
    return all;
  }

  private String newId() {
    return "bk-" + settings.mint().text(12);
  }

  private Cell cell() {
    return Cell.load(node.store()).orElseThrow(() -> new BackupException("the cell is empty"));
  }

  private synchronized Optional<Refusal> take(Backup backup, String actor) {
    if (closed) {
      throw new TryAgainException("the server is stopping");
    }
    if (running != null) {
      return Optional.of(new Refusal.Busy(running.backup().id()));
    }
    running = new Running(backup, actor, null);
    return Optional.empty();
  }

  private synchronized void release(Optional<Backup> last) {
    running = null;
    last.ifPresent(ended::addFirst);
    while (ended.size() > FAILURES_KEPT) {
      ended.removeLast();
    }
  }

  private synchronized Running current() {
    if (running == null) {
      throw new IllegalStateException("no backup was begun");
    }
    return running;
  }

  private void make(Destination destination) throws IOException {
    Running now = current();
    Backup last = now.backup().failed("the server stopped it", settings.clock().instant());
    try (destination) {
      Manifest made = new Copying(node.store(), settings).to(destination);
      last = now.backup().done(made, destination.added(), settings.clock().instant());
      log.info("made the backup {} up to {}", now.backup().id(), made.position());
      note(now, made, destination.added());
    } catch (IOException | BackupException | StoreException e) {
      last = now.backup().failed(String.valueOf(e.getMessage()), settings.clock().instant());
      throw e;
    } finally {
      release(Optional.of(last));
    }
  }

  /// Tells the journal. A backup that it does not take now is good all the same.
  private void note(Running now, Manifest made, long newBytes) {
    NoteBackup note =
        NoteBackup.newBuilder()
            .setId(now.backup().id())
            .setDirectory(now.backup().directory())
            .setStarted(now.backup().started().toEpochMilli())
            .setOffset(made.offset())
            .setTime(made.time())
            .setBytes(made.bytes())
            .setNewBytes(newBytes)
            .build();
    try {
      var _ =
          node.journal()
              .propose(Command.newBuilder().setActor(now.actor()).setNoteBackup(note).build());
    } catch (TryAgainException | OutcomeUnknownException e) {
      log.warn("the backup {} may not be noted: {}", now.backup().id(), e.getMessage());
    }
  }

  /// Takes no more, and waits a moment for the one that is being made; if it does not end it is no
  /// backup.
  @Override
  public void close() {
    Thread thread;
    synchronized (this) {
      closed = true;
      thread = running == null ? null : running.thread();
    }
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join(CLOSE_WITHIN);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
