package dev.fanfare.backup;

import dev.fanfare.schema.BackupFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Compares every file of a directory of backups with its checksum.
record Verification(BackupDirectory directory) {

  /// What is wrong, a line each with what to do.
  List<String> findings() {
    List<String> findings = new ArrayList<>();
    Map<String, BackupFile> files = new LinkedHashMap<>();
    List<Path> manifests = directory.manifestFiles();
    if (manifests.isEmpty()) {
      findings.add("no backup in it was finished: make one");
    }
    for (Path manifest : manifests) {
      try {
        directory.read(manifest).files().forEach(file -> files.put(file.getSha256(), file));
      } catch (BackupException e) {
        findings.add(e.getMessage() + ": remove that file; the backup is lost, others are not");
      }
    }
    for (BackupFile file : files.values()) {
      try {
        directory.verify(file);
      } catch (BackupException e) {
        findings.add(e.getMessage() + ": begin a new directory; backups that need it are lost");
      }
    }
    return findings;
  }
}
