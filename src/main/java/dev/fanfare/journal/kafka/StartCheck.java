package dev.fanfare.journal.kafka;

import dev.fanfare.journal.UnusableJournalException;
import java.util.Arrays;
import java.util.Optional;

/// Whether a node's state and the topic belong together: looked at before the node follows it.
record StartCheck(Follower.Parts parts, TopicLook topic) {

  /// Returns where to go on.
  ///
  /// @param stored where the state stands; empty when it followed no topic yet
  /// @throws UnusableJournalException when they do not belong together
  Standing check(Optional<Standing> stored) {
    if (stored.isEmpty()) {
      requireNew();
      return Standing.before(new Standing.Ground(parts.topicId(), 0, parts.settings().key().id()));
    }
    check(stored.get());
    return stored.get();
  }

  /// A node that has no state follows the topic from its first entry, if that is there and tells
  /// all.
  private void requireNew() {
    if (parts.state().applied().offset() != 0) {
      throw new UnusableJournalException(
          "the data directory holds an embedded journal; a node on Kafka begins on an empty one,"
              + " and a cell moves to Kafka by a backup of its stopped node in backup-dir");
    }
    if (topic.begin() > 0) {
      throw new UnusableJournalException(
          "the topic no longer has its first entries: set backup-dir, so that this node begins from"
              + " a backup there");
    }
    if (topic.beginning(parts.settings().key()).isPresent()) {
      throw new UnusableJournalException(
          "this cell began from a backup: set backup-dir, so that this node begins from one there");
    }
  }

  private void check(Standing standing) {
    if (!standing.ground().topic().equals(parts.topicId())) {
      throw new UnusableJournalException(
          "the data directory follows another topic (id %s); this one has id %s"
              .formatted(standing.ground().topic(), parts.topicId()));
    }
    if (!parts.settings().key().isNamed(standing.ground().keyId())) {
      throw new UnusableJournalException("the secret key is not the one of this cell");
    }
    if (Standing.isDiverged(parts.store())) {
      throw new UnusableJournalException(
          "this node stopped because what it has applied differs from what another node has; move"
              + " the directory away and start on an empty one with backup-dir set");
    }
    long begin = topic.begin();
    long end = topic.end();
    long last = standing.link().offset();
    if (last >= end) {
      throw new UnusableJournalException(
          "the data directory is at offset %d of the topic, which ends at %d: entries were lost"
              .formatted(last, end - 1));
    }
    if (last < begin && !(last < 0 && begin == 0)) {
      throw new UnusableJournalException(
          "the topic begins at offset %d and the data directory stands at %d: what it needs was"
                  .formatted(begin, last)
              + " trimmed; move the directory away and start on an empty one with backup-dir set,"
              + " so that the node begins from a backup there");
    }
    if (last >= 0 && !Arrays.equals(Chain.sha256(topic.read(last)), standing.entryHash())) {
      throw new UnusableJournalException(
          "the topic holds another entry at offset %d than this node applied; move the directory"
                  .formatted(last)
              + " away and start on an empty one");
    }
  }
}
