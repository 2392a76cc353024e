package dev.fanfare.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.app.Cell;
import dev.fanfare.journal.Position;
import dev.fanfare.schema.BackupFile;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What comes out of backups is what the journal says up to the target, and nothing else.
final class RestoreTest {
  @TempDir Path root;
  private BackupFixture fixture;

  @BeforeEach
  void open() {
    fixture = new BackupFixture(root);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Target at(String position) {
    return new Target.At(Position.parse(position).orElseThrow());
  }

  private void assertReached(BackupFixture.Result result, SortedMap<Long, Entry> journal) {
    long upTo = result.report().position().offset();
    try (RocksStore store = result.open()) {
      BackupFixture.assertFollows(store, journal, upTo);
      Cell cell = Cell.load(store).orElseThrow();
      if (result.report().epoch().isPresent()) {
        assertThat(cell.epochs().getLast())
            .isEqualTo(new Cell.Epoch(result.report().epoch().get(), upTo + 1));
      }
    }
  }

  @Test
  void to_the_end_is_the_last_backup_in_a_new_epoch() throws IOException {
    fixture.register("1", "2");
    fixture.backUp();
    fixture.register("3");
    Backup last = fixture.backUp();
    fixture.register("4");

    BackupFixture.Result result = fixture.restore(new Target.End());
    assertThat(result.report().position()).isEqualTo(BackupFixture.end(last).position());
    assertThat(result.report().entries()).isZero();
    assertThat(result.report().epoch())
        .hasValueSatisfying(epoch -> assertThat(epoch).matches("2[A-Za-z0-9]{6}"));
    assertReached(result, fixture.journal());
  }

  @Test
  void to_each_position_is_the_state_right_after_its_entry() throws IOException {
    fixture.register("1", "2");
    long first = BackupFixture.end(fixture.backUp()).position().offset();
    fixture.register("3", "4", "5");
    fixture.backUp();
    fixture.register("6");
    long last = BackupFixture.end(fixture.backUp()).position().offset();
    SortedMap<Long, Entry> journal = fixture.journal();

    for (long offset = first; offset <= last; offset++) {
      BackupFixture.Result result = fixture.restore(at("1abcdef-" + offset));
      assertThat(result.report().position()).hasToString("1abcdef-" + offset);
      assertReached(result, journal);
    }
    assertThatThrownBy(() -> fixture.restore(at("1abcdef-" + (first - 1))))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("nothing is known of 1abcdef-" + (first - 1));
    assertThatThrownBy(() -> fixture.restore(at("1abcdef-" + (last + 1))))
        .hasMessageContaining("nothing is known of");
    assertThatThrownBy(() -> fixture.restore(at("9zzzzzz-" + first)))
        .hasMessageContaining("nothing is known of");
  }

  @Test
  void to_a_time_has_all_entries_up_to_it() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2");
    Instant chosen = fixture.clock().instant().plusMillis(500);
    long offset = fixture.node().replica().position().offset();
    fixture.register("3");
    fixture.backUp();
    SortedMap<Long, Entry> journal = fixture.journal();

    BackupFixture.Result result = fixture.restore(new Target.Time(chosen));
    assertThat(result.report().position().offset()).isEqualTo(offset);
    assertReached(result, journal);

    assertThatThrownBy(() -> fixture.restore(new Target.Time(Instant.EPOCH)))
        .hasMessageContaining(
            "nothing is known of 1970-01-01T00:00:00Z: the next one is of 1abcdef-");
    BackupFixture.Result end =
        fixture.restore(new Target.Time(fixture.clock().instant().plusSeconds(60)));
    assertThat(end.report().position()).isEqualTo(fixture.manifests().getLast().position());
  }

  @Test
  void with_the_lost_journal_nothing_is_lost_and_the_epoch_goes_on() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2", "3");
    String end = fixture.position();
    SortedMap<Long, Entry> journal = fixture.journal();
    Path copy = copyOf(fixture.data());

    BackupFixture.Result result = fixture.restore(new Target.End(), Optional.of(copy));
    assertThat(result.report().position()).hasToString(end);
    assertThat(result.report().journaled()).isEqualTo(3).isEqualTo(result.report().entries());
    assertThat(result.report().epoch()).isEmpty();
    assertReached(result, journal);
  }

  @Test
  void with_the_lost_journal_up_to_an_earlier_place_history_is_lost() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2", "3");
    long head = fixture.node().replica().position().offset();
    SortedMap<Long, Entry> journal = fixture.journal();
    Path copy = copyOf(fixture.data());

    BackupFixture.Result result = fixture.restore(at("1abcdef-" + (head - 1)), Optional.of(copy));
    assertThat(result.report().position().offset()).isEqualTo(head - 1);
    assertThat(result.report().epoch()).isPresent();
    assertReached(result, journal);

    BackupFixture.Result whole = fixture.restore(at("1abcdef-" + head), Optional.of(copy));
    assertThat(whole.report().epoch()).as("the very end").isEmpty();
    assertThatThrownBy(() -> fixture.restore(at("1abcdef-" + (head + 1)), Optional.of(copy)))
        .hasMessageContaining("is not there: the journal ends at 1abcdef-" + head);
    assertThatThrownBy(() -> fixture.restore(at("1zzzzzz-" + head), Optional.of(copy)))
        .hasMessageContaining("is not there");
  }

  @Test
  void lost_journal_is_read_without_changing_a_file() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2");
    Path copy = copyOf(fixture.data());
    var before = contents(copy);
    fixture.restore(new Target.End(), Optional.of(copy));
    assertThat(contents(copy)).isEqualTo(before);
  }

  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (var files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.toString(), Hashing.of(file));
      }
    }
    return contents;
  }

  /// As a killed process leaves it: nothing is flushed or closed.
  private Path copyOf(Path data) throws IOException {
    Path copy = root.resolve("copy");
    try (var files = Files.walk(data)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(data.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    return copy;
  }

  @Test
  void lost_journal_of_another_history_is_refused() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2", "3");
    fixture.backUp();
    fixture.register("4");
    BackupFixture.Result earlier = fixture.restore(at("1abcdef-3"));
    assertThatThrownBy(() -> fixture.restore(new Target.End(), Optional.of(earlier.data())))
        .hasMessageContaining("does not go on from");
  }

  @Test
  void purged_entries_of_the_lost_journal_are_missed() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2", "3", "4");
    fixture.purge(fixture.node().replica().position().offset() - 1);
    Path copy = copyOf(fixture.data());
    assertThatThrownBy(() -> fixture.restore(new Target.End(), Optional.of(copy)))
        .hasMessageContaining("entries are missing");
  }

  @Test
  void lost_journal_that_has_forgotten_all_entries_after_the_backup_loses_history()
      throws IOException {
    fixture.register("1");
    long backedUp = BackupFixture.end(fixture.backUp()).position().offset();
    fixture.register("2", "3");
    SortedMap<Long, Entry> journal = fixture.journal();
    long head = fixture.node().replica().position().offset();
    fixture.purge(head);
    Path copy = copyOf(fixture.data());

    for (Target target : List.of(new Target.End(), at("1abcdef-" + backedUp))) {
      BackupFixture.Result result = fixture.restore(target, Optional.of(copy));
      assertThat(result.report().position().offset()).isEqualTo(backedUp);
      assertThat(result.report().missing()).isEqualTo(head - backedUp);
      assertThat(result.report().epoch()).isPresent();
      assertReached(result, journal);
    }
  }

  @Test
  void nothing_is_known_between_a_base_alone_and_the_backup_before() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2", "3");
    long hole = fixture.node().replica().position().offset();
    Instant time = fixture.clock().instant();
    fixture.register("4");
    fixture.purge(hole);
    fixture.backUp();

    assertThatThrownBy(() -> fixture.restore(at("1abcdef-" + hole)))
        .hasMessageContaining("nothing is known of");
    assertThatThrownBy(() -> fixture.restore(new Target.Time(time)))
        .hasMessageContaining("a backup ends at 1abcdef-");
  }

  @Test
  void backups_go_on_after_a_restore_and_both_histories_can_be_restored() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2", "3");
    fixture.backUp();
    SortedMap<Long, Entry> old = fixture.journal();
    long end = fixture.manifests().getLast().offset();
    BackupFixture.Result earlier = fixture.restore(at("1abcdef-" + (end - 1)));

    fixture.clock().advance(Duration.ofMinutes(1));
    fixture.moveTo(earlier.data());
    fixture.register("4", "5");
    fixture.backUp();
    fixture.register("6");
    fixture.backUp();
    assertThat(fixture.manifests())
        .extracting(manifest -> manifest.schema().hasAfter())
        .as("the lost end is not where the new history goes on")
        .containsExactly(false, true, false, true);

    assertReached(fixture.restore(at("1abcdef-" + end)), old);
    String epoch = earlier.report().epoch().orElseThrow();
    long begun = fixture.manifests().get(2).offset();
    assertReached(fixture.restore(at(epoch + "-" + (begun + 1))), fixture.journal());
    assertReached(fixture.restore(new Target.End()), fixture.journal());
  }

  @Test
  void restored_node_goes_on_in_the_directory_where_its_history_ends() throws IOException {
    fixture.register("1");
    fixture.backUp();
    BackupFixture.Result result = fixture.restore(new Target.End());
    fixture.moveTo(result.data());
    fixture.register("2");
    fixture.backUp();
    assertThat(fixture.manifests().getLast().schema().hasAfter()).isTrue();
    assertThat(fixture.node().replica().member(fixture.node().app(), "2")).isPresent();
  }

  @Test
  void damage_in_any_file_that_is_needed_is_refused_naming_it() throws IOException {
    fixture.register("1", "2");
    fixture.backUp();
    fixture.register("3");
    long target = fixture.node().replica().position().offset();
    fixture.register("4");
    fixture.backUp();
    BackupDirectory directory = new BackupDirectory(fixture.directory());
    List<Path> needed = new ArrayList<>(directory.manifestFiles());
    for (BackupFile file : fixture.manifests().getFirst().files()) {
      needed.add(directory.file(file));
    }
    needed.add(directory.file(fixture.manifests().getLast().schema().getEntries()));
    for (Path file : needed) {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length > 0) {
        byte[] flipped = bytes.clone();
        flipped[bytes.length / 3] ^= 16;
        Files.write(file, flipped);
        assertThatThrownBy(() -> fixture.restore(at("1abcdef-" + target)))
            .as("flipped")
            .isInstanceOf(BackupException.class)
            .hasMessageContaining(file.toString());
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> fixture.restore(at("1abcdef-" + target)))
            .as("truncated")
            .isInstanceOf(BackupException.class)
            .hasMessageContaining(file.toString());
        Files.write(file, bytes);
      }
    }
    assertReached(fixture.restore(at("1abcdef-" + target)), fixture.journal());
  }

  @Test
  void directory_without_a_finished_backup_is_refused() throws IOException {
    Files.createDirectories(fixture.directory());
    assertThatThrownBy(() -> fixture.restore(new Target.End()))
        .hasMessageContaining("no backup that was finished");
  }
}
