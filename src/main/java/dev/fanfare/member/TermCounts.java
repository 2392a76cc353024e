package dev.fanfare.member;

import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Term;
import dev.fanfare.schema.TermRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Table;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How many members each term has, while one command changes them, and who the index is told about.
/// Owned by the applier's thread.
///
/// The members of a command share most of their terms, so each is looked up once for each member,
/// and its count is read once and written once.
final class TermCounts {
  private final Batch batch;
  private final Deltas deltas;
  private final Map<Term, Count> counts = new HashMap<>();

  /// The members of a term.
  final class Count {
    private final Term term;
    private int members;

    /// Null as long as the count is that of the record.
    private Deltas.@Nullable Changes changes;

    private Count(Term term, int members) {
      this.term = term;
      this.members = members;
    }

    int members() {
      return members;
    }

    void add(int ordinal) {
      members++;
      changes().set(ordinal);
    }

    void remove(int ordinal) {
      members--;
      changes().clear(ordinal);
    }

    private Deltas.Changes changes() {
      Deltas.Changes known = changes;
      if (known == null) {
        known = deltas.changes(term);
        changes = known;
      }
      return known;
    }
  }

  TermCounts(Batch batch, Deltas deltas) {
    this.batch = batch;
    this.deltas = deltas;
  }

  Count of(Term term) {
    return counts.computeIfAbsent(
        term,
        _ -> {
          byte[] stored = batch.get(Table.TERM, Tags.key(term));
          return new Count(term, stored == null ? 0 : Tags.members(stored));
        });
  }

  /// Puts what changed into the batch, and forgets all. At the end of each command, because others
  /// change these records too.
  void write() {
    counts.forEach((term, count) -> {
      if (count.changes != null) {
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
