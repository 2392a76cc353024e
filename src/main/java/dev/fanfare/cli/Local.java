package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a node on this machine left in its data directory for the commands.
record Local(Path data) {
  private static final ObjectMapper JSON = new ObjectMapper();

  Optional<String> api() {
    return text("ready.json", "api");
  }

  Optional<String> gateway() {
    return text("ready.json", "gateway");
  }

  Optional<String> key() {
    return text("credentials.json", "adminKey");
  }

  /// The PEM files whose certificates the node serves, as far as they can be read here.
  List<String> certificates() {
    List<String> files = new ArrayList<>();
    json("ready.json")
        .ifPresent(json -> json.path("certificates").forEach(file -> files.add(file.asText())));
    files.removeIf(file -> !Files.isReadable(Path.of(file)));
    return files;
  }

  private Optional<String> text(String file, String field) {
    return json(file).map(json -> json.path(field).textValue());
  }

  private Optional<JsonNode> json(String file) {
    Path path = data.resolve(file);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(Files.readAllBytes(path)));
    } catch (IOException e) {
      throw CliException.failed("cannot read " + path + ": " + Client.why(e));
    }
  }
}
