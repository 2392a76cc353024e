package dev.fanfare.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.schema.BackupFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in a directory of backups, whatever happens while one is made.
final class BackupsTest {
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

  private static Set<String> contents(Manifest manifest) {
    Set<String> contents = new HashSet<>();
    manifest.files().forEach(file -> contents.add(file.getSha256()));
    return contents;
  }

  private Set<String> files() throws IOException {
    try (Stream<Path> files = Files.list(fixture.directory().resolve("files"))) {
      return new HashSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }

  private void assertUnusable(Path directory, String why) {
    assertThat(fixture.backups().begin(directory, 0, "admin"))
        .isInstanceOfSatisfying(
            Backups.Begun.Refused.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Backups.Refusal.Unusable.class,
                        unusable -> assertThat(unusable.why()).contains(why)));
  }

  @Test
  void second_backup_holds_the_entries_since_the_first_and_shares_its_files() throws IOException {
    fixture.register("1", "2");
    Backup first = fixture.backUp();
    fixture.register("3");
    Backup second = fixture.backUp();

    List<Manifest> manifests = fixture.manifests();
    assertThat(manifests).extracting(Manifest::number).containsExactly(1, 2);
    assertThat(manifests.getFirst().schema().hasAfter()).isFalse();
    assertThat(manifests.getLast().schema().getAfter()).isEqualTo(manifests.getFirst().offset());
    assertThat(manifests.getLast().position()).isEqualTo(BackupFixture.end(second).position());
    Set<String> shared = contents(manifests.getFirst());
    shared.retainAll(contents(manifests.getLast()));
    assertThat(shared).isNotEmpty();
    assertThat(BackupFixture.end(first).newBytes()).isEqualTo(BackupFixture.end(first).bytes());
    assertThat(BackupFixture.end(second).newBytes()).isLessThan(BackupFixture.end(second).bytes());
    assertThat(files()).isEqualTo(union(manifests));
    assertThat(fixture.data().resolve("backing-up")).doesNotExist();
  }

  private static Set<String> union(List<Manifest> manifests) {
    Set<String> all = new HashSet<>();
    manifests.forEach(manifest -> all.addAll(contents(manifest)));
    return all;
  }

  @Test
  void backup_that_was_cut_off_is_none_and_the_next_one_goes_on() throws IOException {
    fixture.register("1");
    fixture.backUp();
    fixture.register("2");
    fixture.backUp();
    Path directory = fixture.directory();
    Path last = new BackupDirectory(directory).manifestFiles().getLast();
    Files.delete(last);
    Files.write(directory.resolve("files/000123.sst.draft"), new byte[100]);
    Files.write(directory.resolve(last.getFileName() + ".draft"), new byte[10]);
    assertThat(fixture.manifests()).hasSize(1);

    fixture.register("3");
    fixture.backUp();

    List<Manifest> manifests = fixture.manifests();
    assertThat(manifests).extracting(Manifest::number).containsExactly(1, 2);
    assertThat(manifests.getLast().schema().getAfter()).isEqualTo(manifests.getFirst().offset());
    assertThat(files()).isEqualTo(union(manifests));
    try (Stream<Path> all = Files.list(directory)) {
      assertThat(all).noneMatch(path -> path.toString().endsWith(".draft"));
    }
  }

  @Test
  void first_backup_that_was_cut_off_leaves_a_directory_that_can_be_used() throws IOException {
    Path directory = fixture.directory();
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("cell.draft"), "1a");
    assertThat(fixture.backUp().state()).isEqualTo(Backup.State.DONE);
  }

  @Test
  void what_a_backup_writes_only_its_owner_may_read() throws IOException {
    fixture.register("1");
    Path draft = Files.createDirectories(fixture.directory().resolve("files"));
    Files.writeString(draft.resolve("CURRENT.draft"), "left");
    Files.writeString(fixture.directory().resolve("cell"), "1abcdef\n");
    Files.setPosixFilePermissions(
        draft.resolve("CURRENT.draft"), PosixFilePermissions.fromString("rw-r--r--"));
    fixture.backUp();
    List<Path> written = new ArrayList<>(new BackupDirectory(fixture.directory()).manifestFiles());
    fixture.manifests().getFirst().files().stream()
        .map(new BackupDirectory(fixture.directory())::file)
        .forEach(written::add);
    assertThat(written)
        .hasSizeGreaterThan(1)
        .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
  }

  @Test
  void only_the_owner_may_look_at_the_snapshot_that_a_backup_is_made_of() throws IOException {
    Path scratch = fixture.data().resolve("backing-up");
    Set<String> seen = new HashSet<>();
    ((Backups.Opened.Stream) fixture.backups().stream("admin"))
        .tar()
        .writeTo(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                seen.add(permissions(scratch));
              }
            });
    assertThat(seen).containsExactly("rwx------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void purged_entries_make_the_next_backup_a_base_alone() {
    fixture.register("1", "2");
    fixture.backUp();
    fixture.register("3", "4");
    fixture.purge(fixture.manifests().getFirst().offset() + 1);
    fixture.backUp();
    fixture.register("5");
    fixture.backUp();

    assertThat(fixture.manifests())
        .extracting(manifest -> manifest.schema().hasAfter())
        .containsExactly(false, false, true);
  }

  @Test
  void entries_that_were_backed_up_may_be_purged() {
    fixture.register("1", "2");
    fixture.backUp();
    fixture.purge(fixture.manifests().getFirst().offset());
    fixture.register("3");
    fixture.backUp();
    assertThat(fixture.manifests().getLast().schema().hasAfter()).isTrue();
  }

  @Test
  void only_the_newest_backups_are_kept_if_that_is_asked_for() throws IOException {
    for (int i = 0; i < 4; i++) {
      fixture.register("m" + i);
      fixture.backUp(fixture.directory(), 2);
    }
    List<Manifest> manifests = fixture.manifests();
    assertThat(manifests).extracting(Manifest::number).containsExactly(3, 4);
    assertThat(files()).isEqualTo(union(manifests));
  }

  @Test
  void directories_that_cannot_take_a_backup_are_refused() throws IOException {
    Path other = Files.createDirectories(root.resolve("other"));
    Files.writeString(other.resolve("notes.txt"), "mine");
    assertUnusable(other, "is not empty");
    assertThat(other.resolve("files")).doesNotExist();

    assertUnusable(fixture.data().resolve("inside"), "inside of the data directory");
    assertUnusable(root.resolve("x/../data/inside"), "inside of the data directory");
    Path link = Files.createSymbolicLink(root.resolve("link"), fixture.data());
    assertUnusable(link.resolve("inside"), "inside of the data directory");

    Path foreign = Files.createDirectories(root.resolve("foreign"));
    Files.writeString(foreign.resolve("cell"), "1zzzzzz\n");
    assertUnusable(foreign, "another cell, 1zzzzzz");

    Files.writeString(root.resolve("file"), "");
    assertUnusable(root.resolve("file"), "cannot use");
    assertThat(fixture.backups().list()).isEmpty();
    assertThat(fixture.backUp().state())
        .as("none of them is still begun")
        .isEqualTo(Backup.State.DONE);
  }

  @Test
  void damaged_manifest_stops_the_next_backup() throws IOException {
    fixture.backUp();
    Path manifest = new BackupDirectory(fixture.directory()).manifestFiles().getFirst();
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(manifest, bytes);
    assertUnusable(fixture.directory(), manifest + " is damaged");
  }

  @Test
  void one_backup_is_made_at_a_time() throws IOException {
    Backups.Opened opened = fixture.backups().stream("admin");
    assertThat(fixture.backups().begin(fixture.directory(), 0, "admin"))
        .isInstanceOfSatisfying(
            Backups.Begun.Refused.class,
            refused -> assertThat(refused.refusal()).isInstanceOf(Backups.Refusal.Busy.class));
    ((Backups.Opened.Stream) opened).tar().writeTo(new ByteArrayOutputStream());
    assertThat(fixture.backUp().state()).isEqualTo(Backup.State.DONE);
  }

  @Test
  void damage_in_the_store_is_not_backed_up() throws IOException {
    fixture.register("1", "2", "3");
    fixture.flush();
    Path table;
    try (Stream<Path> files = Files.list(fixture.data().resolve("store"))) {
      table =
          files
              .filter(file -> file.toString().endsWith(".sst"))
              .max(Comparator.naturalOrder())
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(table);
    bytes[10] ^= 1;
    Files.write(table, bytes);

    Backup backup = fixture.backUp();
    assertThat(backup.state()).isEqualTo(Backup.State.FAILED);
    assertThat(backup.failure()).contains(table.getFileName().toString()).contains("damaged");
    assertThat(fixture.manifests()).isEmpty();
  }

  @Test
  void backups_are_noted_in_the_journal_and_survive_a_restart() {
    fixture.register("1");
    Backup backup = fixture.backUp();
    fixture.moveTo(fixture.data());
    assertThat(fixture.backups().list()).extracting(Backup::id).containsExactly(backup.id());
    assertThat(fixture.backups().list().getFirst().end()).isEqualTo(backup.end());
    assertThat(fixture.node().replica().audit().list(List.of(0), Long.MAX_VALUE, 10))
        .anyMatch(entry -> entry.action().equals("backup.make") && entry.actor().equals("admin"));
  }

  @Test
  void tar_unpacks_to_a_directory_of_backups() throws IOException {
    fixture.register("1", "2");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String position = fixture.position();
    ((Backups.Opened.Stream) fixture.backups().stream("admin")).tar().writeTo(out);

    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = fixture.directory().resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, tar.readAllBytes());
      }
    }
    BackupDirectory directory = new BackupDirectory(fixture.directory());
    Manifest manifest = directory.manifests().getFirst();
    assertThat(manifest.position()).hasToString(position);
    manifest.files().forEach(directory::verify);
    fixture.register("3");
    assertThat(fixture.backUp().state()).isEqualTo(Backup.State.DONE);
    assertThat(fixture.manifests().getLast().schema().hasAfter()).isTrue();
  }

  @Test
  void tar_whose_reader_leaves_is_a_failed_backup() {
    Backups.Tar tar = ((Backups.Opened.Stream) fixture.backups().stream("admin")).tar();
    assertThatThrownBy(() ->
            tar.writeTo(
                new OutputStream() {
                  @Override
                  public void write(int b) throws IOException {
                    throw new IOException("gone");
                  }
                }))
        .isInstanceOf(IOException.class);
    assertThat(fixture.backups().list())
        .singleElement()
        .satisfies(backup -> assertThat(backup.state()).isEqualTo(Backup.State.FAILED));
    assertThat(fixture.backUp().state()).isEqualTo(Backup.State.DONE);
  }

  @Test
  void snapshot_that_a_killed_process_left_is_removed() throws IOException {
    Path left = Files.createDirectories(fixture.data().resolve("backing-up/snapshot"));
    Files.writeString(left.resolve("x"), "x");
    fixture.moveTo(fixture.data());
    assertThat(fixture.data().resolve("backing-up")).doesNotExist();
  }

  @Test
  void each_file_that_a_backup_needs_is_found_when_it_is_damaged() throws IOException {
    fixture.register("1", "2");
    fixture.backUp();
    fixture.register("3");
    fixture.backUp();
    BackupDirectory directory = new BackupDirectory(fixture.directory());
    for (BackupFile file : fixture.manifests().getLast().files()) {
      Path stored = directory.file(file);
      byte[] bytes = Files.readAllBytes(stored);
      if (bytes.length > 0) {
        bytes[bytes.length / 2] ^= 4;
        Files.write(stored, bytes);
        assertThatThrownBy(() -> directory.verify(file)).hasMessageContaining(stored.toString());
        bytes[bytes.length / 2] ^= 4;
        Files.write(stored, bytes);
      }
      directory.verify(file);
    }
  }
}
