package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The timeline against a plain list of all notices, while broadcasts start, go on, are withdrawn
/// and leave. Replay a failure with `-Dseed=N`.
final class TimelineModelTest {
  private static final int APP = 1;
  private static final int STEPS = 60;

  private final MemoryStore store = new MemoryStore();
  private final Timeline timeline = new Timeline(store);
  private final List<Model> models = new ArrayList<>();
  private Random random = new Random();
  private long offset;

  static LongStream seeds() {
    Long replay = Long.getLong("seed");
    return replay != null ? LongStream.of(replay) : new Random().longs(300);
  }

  /// A broadcast and all that was told of it.
  private static final class Model {
    final BroadcastRecord record;
    final List<Notice> notices = new ArrayList<>();
    final BroadcastProgress.Builder progress =
        BroadcastProgress.newBuilder()
            .setState(BroadcastState.RUNNING)
            .setRecipients(Integer.MAX_VALUE)
            .setLive(true);
    int nextRank;

    Model(BroadcastRecord record) {
      this.record = record;
    }

    boolean runs() {
      return progress.getState() == BroadcastState.RUNNING;
    }
  }

  private void start(boolean whole) {
    models.add(
        new Model(
            BroadcastRecord.newBuilder()
                .setNumber(offset + 1)
                .setApp(APP)
                .setId("b" + offset)
                .setPivot(random.nextBoolean() ? random.nextInt() : -random.nextInt(100))
                .build()));
    release(models.getLast(), whole);
  }

  /// Releases the next slice.
  ///
  /// @param last whether nothing is left
  private void release(Model model, boolean last) {
    offset++;
    BroadcastRecord record = model.record;
    int toRank = model.nextRank + random.nextInt(random.nextBoolean() ? 30 : 100_000);
    long number = record.getNumber();
    Batch batch = new Batch(store);
    batch.put(
        Table.SLICE,
        BroadcastTables.sliceKey(number, model.progress.getNextSlice()),
        SliceRecord.newBuilder()
            .setOffset(offset)
            .setEnd(record.getPivot() + toRank)
            .setTime(offset * 10)
            .build()
            .toByteArray());
    store.write(batch);
    model.progress.setNextSlice(model.progress.getNextSlice() + 1);
    if (last) {
      model.progress.setState(BroadcastState.COMPLETED).setReleased(Integer.MAX_VALUE);
    }
    model.notices.add(
        new Notice.Release(
            offset, number, record.getPivot(), model.nextRank, last ? -1 : toRank, offset * 10));
    model.nextRank = toRank + 1;
    show(model, true);
  }

  private void withdraw(Model model) {
    offset++;
    model.progress.setState(BroadcastState.RECALLED).setRecalledAt(offset);
    Notice.Release newest = (Notice.Release) model.notices.getLast();
    model.notices.add(
        new Notice.Withdrawal(
            offset, model.record.getNumber(), model.record.getPivot(), newest.toRank()));
    show(model, true);
  }

  private void leave(Model model) {
    offset++;
    models.remove(model);
    show(model, false);
  }

  private void show(Model model, boolean live) {
    long number = model.record.getNumber();
    Batch batch = new Batch(store);
    batch.put(Table.BROADCAST, Key.bytes(number), model.record.toByteArray());
    batch.put(Table.PROGRESS, Key.bytes(number), model.progress.build().toByteArray());
    byte[] liveKey = BroadcastTables.liveKey(APP, number);
    if (live) {
      batch.put(Table.LIVE, liveKey, new byte[0]);
    } else {
      batch.delete(Table.LIVE, liveKey);
    }
    store.write(batch);
    timeline.show(List.of(number), new TreeMap<>(), offset);
  }

  private List<Notice> expected(long after, long to) {
    return models.stream()
        .map(model -> model.notices)
        .flatMap(Collection::stream)
        .filter(notice -> notice.offset() > after && notice.offset() <= to)
        .sorted(Comparator.comparingLong(Notice::offset))
        .toList();
  }

  private static List<Notice> list(Iterable<Notice> notices) {
    return StreamSupport.stream(notices.spliterator(), false).toList();
  }

  private boolean last() {
    return random.nextInt(10) == 0;
  }

  private void step() {
    Model model = models.get(random.nextInt(models.size()));
    switch (random.nextInt(10)) {
      case 0 -> start(last());
      case 1 -> {
        if (model.progress.getRecalledAt() == 0) {
          withdraw(model);
        }
      }
      case 2 -> {
        if (models.size() > 1) {
          leave(model);
        }
      }
      case 3 -> timeline.rebuild(offset);
      default -> {
        if (model.runs()) {
          release(model, last());
        }
      }
    }
  }

  private void check() {
    long after = random.nextLong(offset + 1);
    long to = random.nextBoolean() ? offset : after + random.nextLong(offset + 1 - after);
    assertThat(list(timeline.notices(APP, after, to))).isEqualTo(expected(after, to));

    Model model = models.get(random.nextInt(models.size()));
    int rank = random.nextInt(model.nextRank + 2);
    int ordinal = model.record.getPivot() + rank;
    assertThat(list(timeline.notices(APP, after, to, ordinal)))
        .isEqualTo(expected(after, to).stream().filter(notice -> notice.covers(ordinal)).toList());

    List<Notices> broadcasts = timeline.noticesByBroadcast(APP, after, to);
    assertThat(broadcasts)
        .extracting(Notices::broadcast)
        .containsAll(expected(after, to).stream().map(Notice::broadcast).toList());
    assertThat(broadcasts.stream().map(Notices::first).filter(first -> first > after)).isSorted();
    assertThat(broadcasts).allMatch(notices -> notices.last() > after);
    broadcasts.stream()
        .collect(
            Collectors.toMap(
                Notices::broadcast,
                notices -> notices,
                BinaryOperator.maxBy(Comparator.comparingLong(Notices::last))))
        .values()
        .forEach(newest -> checkChunk(newest, ordinal >>> 16));
  }

  private void checkChunk(Notices notices, int chunk) {
    assertThat(notices.touch(chunk))
        .isEqualTo(
            expected(0, offset).stream()
                .filter(Notice.Release.class::isInstance)
                .filter(notice -> notice.broadcast() == notices.broadcast())
                .anyMatch(notice -> notice.touches(chunk)));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void tells_the_notices_of_any_interval_to_all_and_to_one(long seed) {
    random = new Random(seed);
    start(last());
    for (int i = 0; i < STEPS; i++) {
      step();
      check();
    }
    assertThat(timeline.notices(APP + 1, 0, offset)).isEmpty();
    models.removeIf(model -> {
      show(model, false);
      return true;
    });
    assertThat(timeline.noticesByBroadcast(APP, 0, offset)).isEmpty();
    assertThat(timeline.notices(APP, 0, offset)).isEmpty();
    assertThat(timeline.broadcasts()).isEmpty();
  }

  @Test
  void whoever_reads_beside_the_writer_meets_every_notice_once_and_in_order() {
    for (int i = 0; i < 5; i++) {
      start(false);
    }
    AtomicBoolean done = new AtomicBoolean();
    List<CompletableFuture<Void>> readers =
        IntStream.range(0, 2)
            .mapToObj(_ ->
                CompletableFuture.runAsync(() -> {
                  do {
                    assertWholeUpTo(timeline.head());
                  } while (!done.get());
                }))
            .toList();
    for (int i = 0; i < 20_000; i++) {
      release(models.get(random.nextInt(models.size())), false);
    }
    done.set(true);
    readers.forEach(CompletableFuture::join);
  }

  /// The last offsets have a notice each, and each is told to whom it concerns.
  private void assertWholeUpTo(long head) {
    long after = Math.max(0, head - 10);
    List<Notice> notices = list(timeline.notices(APP, after, head));
    assertThat(notices)
        .extracting(Notice::offset)
        .isEqualTo(LongStream.rangeClosed(after + 1, head).boxed().toList());
    if (notices.getFirst() instanceof Notice.Release release) {
      int ordinal = release.pivot() + release.fromRank();
      assertThat(list(timeline.notices(APP, after, head, ordinal)))
          .isEqualTo(notices.stream().filter(notice -> notice.covers(ordinal)).toList());
    }
  }
}
