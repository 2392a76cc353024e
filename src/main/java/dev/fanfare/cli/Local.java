package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private Optional<String> text(String file, String field) {
    Path path = data.resolve(file);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(path));
      return Optional.ofNullable(json.path(field).textValue());
    } catch (IOException e) {
      throw CliException.failed("cannot read " + path + ": " + Client.why(e));
    }
  }
}
