package dev.fanfare.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the store promises about damage: a torn tail is what a crash leaves and is cut off;
/// anything else is refused, loudly.
final class RocksStoreTest {
  private static final int WRITES = 50;

  @TempDir private Path directory;

  @Test
  void a_batch_is_read_back_before_and_after_it_is_written() {
    try (RocksStore store = open(directory)) {
      Batch batch = new Batch(store);
      batch.put(Table.MEMBER, Key.bytes("a"), Key.bytes("1"));
      batch.put(Table.TERM, Key.bytes("a"), Key.bytes("2"));
      assertThat(batch.get(Table.MEMBER, Key.bytes("a"))).isEqualTo(Key.bytes("1"));
      assertThat(store.get(Table.MEMBER, Key.bytes("a"))).isNull();

      store.write(batch);
      assertThat(store.get(Table.MEMBER, Key.bytes("a"))).isEqualTo(Key.bytes("1"));
      assertThat(store.get(Table.TERM, Key.bytes("a"))).isEqualTo(Key.bytes("2"));
    }
  }

  private static void put(RocksStore store, String key, String value) {
    Batch batch = new Batch(store);
    batch.put(Table.MEMBER, Key.bytes(key), Key.bytes(value));
    store.write(batch);
  }

  @Test
  void a_snapshot_shows_what_was_committed_when_it_was_taken() {
    try (RocksStore store = open(directory)) {
      put(store, "a", "1");
      put(store, "b", "1");
      try (Snapshot snapshot = store.snapshot()) {
        put(store, "a", "2");
        put(store, "c", "2");
        assertThat(snapshot.get(Table.MEMBER, Key.bytes("a"))).isEqualTo(Key.bytes("1"));
        assertThat(snapshot.get(Table.MEMBER, Key.bytes("c"))).isNull();
        List<String> seen = new ArrayList<>();
        snapshot.scan(
            Table.MEMBER,
            new byte[0],
            null,
            (key, value) -> seen.add(new String(key, UTF_8) + new String(value, UTF_8)));
        assertThat(seen).containsExactly("a1", "b1");
      }
    }
  }

  @Test
  void a_snapshot_ends_when_the_store_is_reopened() {
    try (RocksStore store = open(directory)) {
      Snapshot snapshot = store.snapshot();
      store.reopen();
      assertThatThrownBy(() -> snapshot.get(Table.MEMBER, Key.bytes("a")))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("reopened");
      snapshot.close();
      snapshot.close();
    }
  }

  @Test
  void scans_are_in_unsigned_order_and_stop_at_their_end() {
    try (RocksStore store = open(directory)) {
      Batch batch = new Batch(store);
      for (long number : new long[] {1, 0x80, 0xFFFF, 0x1_0000}) {
        batch.put(Table.JOURNAL, Key.bytes(number), Key.bytes(number));
      }
      store.write(batch);

      List<Long> seen = new ArrayList<>();
      store.scan(
          Table.JOURNAL,
          Key.bytes(0x80L),
          Key.bytes(0x1_0000L),
          (key, _) -> seen.add(ByteBuffer.wrap(key).getLong()));
      assertThat(seen).containsExactly(0x80L, 0xFFFFL);
    }
  }

  @Test
  void a_range_is_deleted_with_its_batch() {
    try (RocksStore store = open(directory)) {
      write(store);
      Batch batch = new Batch(store);
      batch.deleteRange(Table.JOURNAL, Key.bytes(0L), Key.bytes(10L));
      store.write(batch);
      assertThat(store.get(Table.JOURNAL, Key.bytes(9L))).isNull();
      assertThat(store.get(Table.JOURNAL, Key.bytes(10L))).isNotNull();
    }
  }

  @Test
  void reopening_finds_what_was_written() {
    try (RocksStore store = open(directory)) {
      write(store);
      store.reopen();
      assertThat(store.get(Table.JOURNAL, Key.bytes((long) WRITES - 1))).isNotNull();
    }
  }

  @Test
  void a_torn_tail_of_the_log_is_cut_off() throws Exception {
    Path copy = copyOfRunningStore();
    Path log = log(copy);
    byte[] bytes = Files.readAllBytes(log);
    Files.write(log, Arrays.copyOf(bytes, bytes.length - 20));

    try (RocksStore store = open(copy)) {
      assertThat(store.get(Table.JOURNAL, Key.bytes((long) WRITES - 2))).isNotNull();
      assertThat(store.get(Table.JOURNAL, Key.bytes((long) WRITES - 1))).isNull();
    }
  }

  @Test
  void damage_in_the_middle_of_the_log_is_refused_naming_the_file() throws Exception {
    Path copy = copyOfRunningStore();
    Path log = log(copy);
    byte[] bytes = Files.readAllBytes(log);
    bytes[bytes.length / 2] ^= 1;
    Files.write(log, bytes);

    assertThatThrownBy(() -> open(copy).close())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("checksum mismatch")
        .hasMessageContaining(log.toString());
  }

  @Test
  void a_missing_table_file_is_refused() throws Exception {
    Path copy = copyOfRunningStore();
    try (RocksStore store = open(copy)) {
      write(store);
    }
    try (Stream<Path> files = Files.list(copy)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".sst")).toList()) {
        Files.delete(file);
      }
    }
    assertThatThrownBy(() -> open(copy).close()).isInstanceOf(StoreException.class);
  }

  @Test
  void a_closed_store_says_so() {
    RocksStore store = open(directory);
    store.close();
    assertThatThrownBy(() -> store.get(Table.META, Key.bytes("x")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void a_closed_store_is_not_opened_again() {
    RocksStore store = open(directory);
    store.close();
    assertThatThrownBy(store::reopen).isInstanceOf(StoreClosedException.class);
    open(directory).close();
  }

  private static RocksStore open(Path path) {
    return RocksStore.open(path, 4 << 20);
  }

  private static void write(RocksStore store) {
    for (long i = 0; i < WRITES; i++) {
      Batch batch = new Batch(store);
      batch.put(Table.JOURNAL, Key.bytes(i), new byte[100]);
      store.write(batch);
    }
  }

  /// What a power loss at this moment would leave.
  private Path copyOfRunningStore() throws IOException {
    Path copy = directory.resolve("copy");
    try (RocksStore store = open(directory.resolve("running"))) {
      write(store);
      Files.createDirectory(copy);
      try (Stream<Path> files = Files.list(directory.resolve("running"))) {
        for (Path file : files.filter(f -> !f.endsWith("LOCK")).toList()) {
          Files.copy(file, copy.resolve(file.getFileName()));
        }
      }
    }
    return copy;
  }

  private static Path log(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store)) {
      return files.filter(f -> f.toString().endsWith(".log")).findFirst().orElseThrow();
    }
  }
}
