package dev.fanfare.backup;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Rounds;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.journal.kafka.TopicPlace;
import dev.fanfare.journal.kafka.TopicTrim;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes the entries of a topic that nobody needs any more: those before the newest whole backup
/// of the shared directory that are older than the journal is kept. Every node runs it; the one
/// that has the duties does it.
///
/// A backup is read whole, once, before entries go because of it. One thread.
public final class TopicTrimming implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TopicTrimming.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final BackupDirectory backups;
  private final TopicTrim topic;
  private final Journal journal;
  private final Duration kept;

  /// Places of the backups in the directory that were read, empty for what cannot be relied on; by
  /// manifest.
  private final Map<Path, Optional<TopicPlace>> read = new HashMap<>();

  private final Rounds rounds;
  private volatile boolean closed;

  /// @param kept how long entries stay that a backup has
  public TopicTrimming(Path backups, TopicTrim topic, Journal journal, Duration kept) {
    this.backups = new BackupDirectory(backups);
    this.topic = topic;
    this.journal = journal;
    this.kept = kept;
    this.rounds = new Rounds("topic-trim", INTERVAL, this::trimOnDuty);
  }

  private void trimOnDuty() {
    try {
      if (journal.onDuty()) {
        trim();
      }
    } catch (BackupException | UnusableJournalException e) {
      if (!closed) {
        log.warn("the topic was not trimmed: {}", e.getMessage());
      }
    }
  }

  private void trim() {
    var files = backups.manifestFiles();
    read.keySet().retainAll(files);
    for (Path file : files.reversed()) {
      Optional<TopicPlace> place = read.computeIfAbsent(file, this::verify);
      if (place.isPresent() && topic.has(place.get())) {
        topic
            .below(place.get().offset(), journal.time() - kept.toMillis())
            .ifPresent(begin ->
                log.info("the topic begins at offset {}; {} has what was before", begin, file));
        return;
      }
    }
  }

  private Optional<TopicPlace> verify(Path file) {
    try {
      Manifest backup = backups.read(file);
      if (backup.place().isPresent()) {
        backup.schema().getBaseList().forEach(backups::verify);
      }
      return backup.place();
    } catch (BackupException e) {
      if (closed) {
        throw e;
      }
      log.warn("a backup is no reason to trim the topic: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    closed = true;
    rounds.close();
    topic.close();
  }
}
