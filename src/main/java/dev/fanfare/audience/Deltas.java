package dev.fanfare.audience;

import dev.fanfare.schema.IndexDeltas;
import dev.fanfare.schema.TermDelta;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// The index changes of one commit.
///
/// Changes are absolute, so playing them twice, or over a newer index, does no harm. Of two changes
/// to the same term and ordinal the later wins. Owned by one thread until it is handed on.
public final class Deltas {
  private final Map<Term, Changes> terms = new HashMap<>();

  public void set(Term term, int ordinal) {
    changes(term).set(ordinal);
  }

  public void clear(Term term, int ordinal) {
    changes(term).clear(ordinal);
  }

  /// Where the changes of a term are added, until the term is dropped. Asking for it says that
  /// there will be some.
  public Changes changes(Term term) {
    return terms.computeIfAbsent(term, _ -> new Changes(false));
  }

  /// Takes the term from everyone.
  public void drop(Term term) {
    terms.put(term, new Changes(true));
  }

  public boolean isEmpty() {
    return terms.isEmpty();
  }

  /// The stored form, the same for the same changes in whatever order of terms and ordinals: by
  /// term, ordinals ascending as unsigned numbers, each once.
  public IndexDeltas toSchema() {
    var schema = IndexDeltas.newBuilder();
    new TreeMap<>(terms)
        .forEach((term, changes) -> {
          var delta = schema.addDeltasBuilder();
          delta.setApp(term.app()).setKind(term.kind()).setName(term.name());
          delta.setDrop(changes.dropped());
          changes.forEachFinal((ordinal, set) -> {
            if (set) {
              delta.addSet(ordinal);
            } else {
              delta.addClear(ordinal);
            }
          });
        });
    return schema.build();
  }

  /// Reads the stored form.
  ///
  /// @throws IllegalArgumentException when a term in it cannot be
  public static Deltas of(IndexDeltas schema) {
    var deltas = new Deltas();
    for (TermDelta delta : schema.getDeltasList()) {
      Term term = new Term(delta.getApp(), delta.getKind(), delta.getName());
      if (delta.getDrop()) {
        deltas.drop(term);
      }
      Changes changes = deltas.changes(term);
      delta.getSetList().forEach(changes::set);
      delta.getClearList().forEach(changes::clear);
    }
    return deltas;
  }

  void forEach(BiConsumer<Term, Changes> visitor) {
    terms.forEach(visitor);
  }

  /// Takes one change.
  interface Change {
    void accept(int ordinal, boolean set);
  }

  /// The changes of one term in the order they were made.
  ///
  /// A change is a long: the ordinal, flipped so that signed order is unsigned order, above its
  /// number in the commit, above the bit. Sorting brings the changes of an ordinal together, the
  /// last one last. What came before a drop is forgotten.
  public static final class Changes {
    private static final int MAX = Integer.MAX_VALUE / 2;

    private final boolean dropped;
    private long[] log = new long[2];
    private int size;

    private Changes(boolean dropped) {
      this.dropped = dropped;
    }

    /// Whether everyone lost the term before these changes.
    boolean dropped() {
      return dropped;
    }

    public void set(int ordinal) {
      add(ordinal, true);
    }

    public void clear(int ordinal) {
      add(ordinal, false);
    }

    private void add(int ordinal, boolean set) {
      if (size == log.length) {
        log = Arrays.copyOf(log, Math.min(Math.multiplyExact(size, 2), MAX));
      }
      log[size] = ((long) ordinal ^ Integer.MIN_VALUE) << 32 | (long) size << 1 | (set ? 1 : 0);
      size++;
    }

    /// Visits every change in order, also those that a later one undoes.
    void forEach(Change visitor) {
      for (int i = 0; i < size; i++) {
        visitor.accept(ordinal(log[i]), isSet(log[i]));
      }
    }

    private void forEachFinal(Change visitor) {
      long[] sorted = Arrays.copyOf(log, size);
      Arrays.sort(sorted);
      for (int i = 0; i < size; i++) {
        if (i + 1 == size || ordinal(sorted[i]) != ordinal(sorted[i + 1])) {
          visitor.accept(ordinal(sorted[i]), isSet(sorted[i]));
        }
      }
    }

    private static int ordinal(long change) {
      return (int) (change >>> 32) ^ Integer.MIN_VALUE;
    }

    private static boolean isSet(long change) {
      return (change & 1) != 0;
    }
  }
}
