package dev.fanfare.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.schema.BackupFile;
import dev.fanfare.schema.BackupManifest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A manifest comes from wherever backups are kept, and what it names is read and written.
final class ManifestTest {
  private static final Path FILE = Path.of("backup-000001-f");
  private static final String SHA256 = Hashing.of(new byte[0]);

  private static BackupFile file(String name, String sha256) {
    return BackupFile.newBuilder().setName(name).setSha256(sha256).build();
  }

  private static Manifest reread(BackupManifest.Builder manifest) {
    return Manifest.parse(new Manifest(manifest.build()).toBytes(), FILE);
  }

  private static void assertRefused(BackupFile file) {
    for (BackupManifest.Builder manifest :
        List.of(
            BackupManifest.newBuilder().addBase(file("CURRENT", SHA256)).addBase(file),
            BackupManifest.newBuilder().setEntries(file))) {
      assertThatThrownBy(() -> reread(manifest))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining(FILE + " is not a manifest of this version: no file can be");
    }
  }

  @Test
  void files_of_a_store_are_named() {
    for (String name : List.of("CURRENT", "MANIFEST-000005", "OPTIONS-000007", "000012.sst")) {
      BackupFile file = file(name, SHA256);
      assertThat(reread(BackupManifest.newBuilder().addBase(file).setEntries(file)).files())
          .containsExactly(file, file);
    }
  }

  @Test
  void names_that_lead_out_of_a_directory_are_refused() {
    for (String name :
        List.of("../../x", "..", ".", "", "/etc/x", "a/b", "a\\b", ".x", "a\n", "a\0b")) {
      assertRefused(file(name, SHA256));
    }
  }

  @Test
  void hashes_that_are_none_are_refused() {
    for (String sha256 :
        List.of(
            "",
            "../" + SHA256.substring(3),
            SHA256.substring(1),
            SHA256 + "0",
            SHA256.replace('e', 'E'),
            "/" + SHA256.substring(1))) {
      assertRefused(file("CURRENT", sha256));
    }
  }
}
