package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// How far the import of a file has come, kept in `FILE.import` beside it, so that the same command
/// goes on there after a crash of either side.
///
/// @param about what is imported into what: file, size, time of its last change, server, app, how
///   columns are read, where rejected lines go; another import does not go on from here
/// @param records of the file that are durable or were rejected
/// @param rejectedBytes length of the file of rejected lines at that point
record ImportState(
    ObjectNode about, long records, long accepted, long rejected, long rejectedBytes) {

  static ObjectNode about(Path file, String into, String reading) throws IOException {
    return Client.object()
        .put("file", file.getFileName().toString())
        .put("size", Files.size(file))
        .put("modified", Files.getLastModifiedTime(file).toString())
        .put("into", into)
        .put("reading", reading);
  }

  static Path path(Path file) {
    return file.resolveSibling(file.getFileName() + ".import");
  }

  /// Whether an earlier run has its rejected lines in this file.
  static boolean isRejectedOf(Path path, String file) throws IOException {
    return Files.exists(path)
        && Client.JSON
            .readTree(Files.readAllBytes(path))
            .path("about")
            .path("rejected")
            .asText()
            .equals(file);
  }

  /// The state of an earlier run, if there is one.
  ///
  /// @throws CliException when that was another import
  static Optional<ImportState> load(Path path, ObjectNode about) throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    JsonNode json = Client.JSON.readTree(Files.readAllBytes(path));
    if (!json.path("about").equals(Client.JSON.readTree(about.toString()))) {
      throw CliException.badUsage(
          path + " is of another import or of the file before it changed; remove it to start anew");
    }
    return Optional.of(
        new ImportState(
            about,
            json.path("records").asLong(),
            json.path("accepted").asLong(),
            json.path("rejected").asLong(),
            json.path("rejectedBytes").asLong()));
  }

  void save(Path path) throws IOException {
    ObjectNode json =
        Client.object()
            .put("records", records)
            .put("accepted", accepted)
            .put("rejected", rejected)
            .put("rejectedBytes", rejectedBytes);
    json.set("about", about);
    Path whole = path.resolveSibling(path.getFileName() + ".new");
    Files.writeString(whole, json + "\n");
    Files.move(whole, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
