package dev.fanfare.member;

import dev.fanfare.audience.Term;
import dev.fanfare.schema.TermRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Table;
import java.util.HashMap;
import java.util.Map;

/// How many members each term has, while one command changes them. Owned by the applier's thread.
///
/// The members of a command share most of their terms, so counts are read once and written once.
final class TermCounts {
  private final Batch batch;
  private final Map<Term, Count> counts = new HashMap<>();

  /// The members of a term, and whether that differs from the record.
  private static final class Count {
    private int members;
    private boolean changed;

    Count(int members) {
      this.members = members;
    }
  }

  TermCounts(Batch batch) {
    this.batch = batch;
  }

  int members(Term term) {
    return count(term).members;
  }

  void add(Term term, int members) {
    Count count = count(term);
    count.members += members;
    count.changed = true;
  }

  private Count count(Term term) {
    return counts.computeIfAbsent(
        term,
        _ -> {
          byte[] stored = batch.get(Table.TERM, Tags.key(term));
          return new Count(stored == null ? 0 : Tags.members(stored));
        });
  }

  /// Puts what changed into the batch, and forgets all. At the end of each command, because others
  /// change these records too.
  void write() {
    counts.forEach((term, count) -> {
      if (count.changed) {
        write(term, count.members);
      }
    });
    counts.clear();
  }

  private void write(Term term, int members) {
    if (members == 0) {
      batch.delete(Table.TERM, Tags.key(term));
    } else {
      byte[] record = TermRecord.newBuilder().setMembers(members).build().toByteArray();
      batch.put(Table.TERM, Tags.key(term), record);
    }
  }
}
