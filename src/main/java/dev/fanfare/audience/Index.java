package dev.fanfare.audience;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.Container;
import org.roaringbitmap.RoaringBitmap;

/// Which members have which term, in memory, as of one position of the journal.
///
/// One thread writes, any number read; a lock, fair so that neither side starves, keeps them apart.
/// Counts go two at a time and cost at most [Audience#MAX_TERMS] leaves × chunks each, so a writer
/// waits for a bounded time. How a selection is worked out is told in [Evaluation].
///
/// Writers see to it that whoever has a term of an app is also in everyone of that app. Evaluation
/// relies on it.
///
/// For checkpoints the index remembers the chunks that changed. It serves them one by one, each as
/// it is at that moment.
public final class Index {
  /// Counts that run at the same time.
  static final int COUNTS = 2;

  /// Ordinals that one count answers at most.
  public static final int MAX_SAMPLE = 1_000;

  private final Map<Term, Postings> terms = new HashMap<>();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
  private final Semaphore counts = new Semaphore(COUNTS, true);
  private Set<Chunk> dirty = new HashSet<>();
  private long position;

  /// Applies the changes of one commit; `newPosition` is that of its last entry.
  public void play(Deltas deltas, long newPosition) {
    write(() -> {
      deltas.forEach(this::play);
      position = newPosition;
    });
  }

  private void play(Term term, Deltas.Changes changes) {
    var touched = new HashSet<Integer>();
    @Nullable Postings[] postings = {terms.get(term)};
    if (changes.dropped() && postings[0] != null) {
      touched.addAll(chunks(postings[0]));
      postings[0] = null;
    }
    int[] last = {-1};
    changes.forEach((ordinal, set) -> {
      postings[0] = changed(postings[0], ordinal, set);
      if (last[0] != Chunk.of(ordinal)) {
        last[0] = Chunk.of(ordinal);
        touched.add(last[0]);
      }
    });
    put(term, postings[0]);
    touched.forEach(chunk -> dirty.add(new Chunk(term, chunk)));
  }

  private static Set<Integer> chunks(Postings postings) {
    Set<Integer> chunks = new HashSet<>();
    Cursor cursor = postings.cursor();
    for (int chunk = cursor.seek(0); chunk < Chunk.END; chunk = cursor.seek(chunk + 1)) {
      chunks.add(chunk);
    }
    return chunks;
  }

  private static @Nullable Postings changed(@Nullable Postings postings, int ordinal, boolean set) {
    if (postings == null) {
      return set ? new Postings.One(ordinal) : null;
    }
    return set ? postings.with(ordinal) : postings.without(ordinal);
  }

  private void put(Term term, @Nullable Postings postings) {
    if (postings == null) {
      terms.remove(term);
    } else {
      terms.put(term, postings);
    }
  }

  /// What has been applied.
  public long position() {
    return read(() -> position);
  }

  /// Terms that have members.
  public int terms() {
    return read(terms::size);
  }

  /// Ordinals of the members selected, for the writer; the bitmap is the caller's.
  public RoaringBitmap evaluate(Selection selection) {
    return read(() -> collect(selection));
  }

  /// Who is selected, for readers. Waits while two others count or select.
  public Selected select(Selection selection) {
    counts.acquireUninterruptibly();
    try {
      return read(() -> new Selected(collect(selection), position));
    } finally {
      counts.release();
    }
  }

  private RoaringBitmap collect(Selection selection) {
    var selected = new RoaringBitmap();
    new Evaluation(plan(selection))
        .forEach((chunk, words) -> {
          int cardinality = Words.cardinality(words);
          if (cardinality > 0) {
            selected.append((char) chunk, Words.container(words, cardinality));
          }
        });
    selected.runOptimize();
    return selected;
  }

  /// How many are selected, how many of them are online, and up to `sample` of them, at most
  /// [#MAX_SAMPLE]; all of it at one position.
  ///
  /// Waits while two others count or select.
  ///
  /// @param online ordinals, which nobody changes meanwhile
  public Counted count(Selection selection, int sample, RoaringBitmap online) {
    if (sample < 0 || sample > MAX_SAMPLE) {
      throw new IllegalArgumentException("a sample of " + sample);
    }
    counts.acquireUninterruptibly();
    try {
      return read(() -> {
        var tally = new Tally(online);
        new Evaluation(plan(selection)).forEach(tally);
        int[] ordinals = tally.sample(sample, () -> new Evaluation(plan(selection)));
        return new Counted(tally.matched(), tally.online(), ordinals, position);
      });
    } finally {
      counts.release();
    }
  }

  private Plan plan(Selection selection) {
    return Planner.plan(selection, terms::get);
  }

  /// The chunks that changed since the last call, in order of key.
  public List<Chunk> takeDirty() {
    List<Chunk> taken = new ArrayList<>();
    write(() -> {
      taken.addAll(dirty);
      dirty = new HashSet<>();
    });
    taken.sort(null);
    return taken;
  }

  /// Takes chunks back that [#takeDirty] gave and that could not be stored.
  public void markDirty(List<Chunk> chunks) {
    write(() -> dirty.addAll(chunks));
  }

  /// The chunk as it is now: the low 16 bits of its ordinals in RoaringBitmap's portable format, or
  /// no bytes when it has no members.
  public byte[] chunk(Term term, int chunk) {
    RoaringBitmap bitmap = read(() -> bitmap(terms.get(term), chunk));
    if (bitmap.isEmpty()) {
      return new byte[0];
    }
    bitmap.runOptimize();
    var bytes = ByteBuffer.allocate(bitmap.serializedSizeInBytes());
    bitmap.serialize(bytes);
    return bytes.array();
  }

  private static RoaringBitmap bitmap(@Nullable Postings postings, int chunk) {
    var bitmap = new RoaringBitmap();
    if (postings != null) {
      Cursor cursor = postings.cursor();
      if (cursor.seek(chunk) == chunk) {
        long[] words = new long[Words.LENGTH];
        cursor.load(words, new Cursor.Scratch());
        bitmap.append((char) 0, Words.container(words, Words.cardinality(words)));
      }
    }
    return bitmap;
  }

  /// Takes in a chunk that [#chunk] wrote; for restart, before anything is played.
  ///
  /// @throws IllegalArgumentException when the bytes are damaged
  public void load(Term term, int chunk, byte[] bytes) {
    var restored = new RoaringBitmap();
    restored.append((char) chunk, container(term, chunk, bytes));
    write(() -> terms.put(term, Postings.joined(terms.get(term), restored)));
  }

  private static Container container(Term term, int chunk, byte[] bytes) {
    var bitmap = new RoaringBitmap();
    boolean whole;
    try {
      bitmap.deserialize(ByteBuffer.wrap(bytes));
      whole = bitmap.validate() && bitmap.serializedSizeInBytes() == bytes.length;
    } catch (IOException | RuntimeException e) {
      throw damaged(term, chunk, e);
    }
    if (!whole || bitmap.getContainerCount() != 1 || bitmap.getContainerPointer().key() != 0) {
      throw damaged(term, chunk, null);
    }
    return bitmap.getContainerPointer().getContainer();
  }

  private static IllegalArgumentException damaged(Term term, int chunk, @Nullable Exception cause) {
    return new IllegalArgumentException("chunk " + chunk + " of " + term + " is damaged", cause);
  }

  /// Ends a restart: the chunks loaded are at least as new as this position.
  public void restored(long checkpoint) {
    write(() -> position = checkpoint);
  }

  private <T> T read(Supplier<T> reading) {
    lock.readLock().lock();
    try {
      return reading.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  private void write(Runnable writing) {
    lock.writeLock().lock();
    try {
      writing.run();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
