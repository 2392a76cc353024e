package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare backup`.
@Command(
    name = "backup",
    description =
        "Backs up a running server, or the data directory of a stopped one: everything that changed"
            + " since the last backup.",
    mixinStandardHelpOptions = true)
public final class BackupCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(
      index = "0",
      paramLabel = "DIR|-",
      description = "A directory of the server's machine, or - for a tar on standard output")
  String directory = "";

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Newest backups that stay in the directory; all when absent")
  @Nullable Integer keep;

  @Option(
      names = "--stopped",
      paramLabel = "DATA",
      description = "Backs up this data directory, which no server has open, to its very end")
  @Nullable Path stopped;

  private final Offline offline;

  /// Backs up a data directory that no server has open.
  @FunctionalInterface
  public interface Offline {
    /// Adds a backup to a directory and returns it as `/v1/backups` tells it.
    ///
    /// @param keep newest backups that stay; 0 for all
    ObjectNode backUp(Path data, Path directory, int keep);
  }

  public BackupCommand(Offline offline) {
    this.offline = offline;
  }

  @Override
  public Integer call() {
    if (keep != null && keep < 1) {
      throw CliException.badUsage("--keep takes a number of backups, at least 1");
    }
    if (stopped != null) {
      makeOf(stopped);
    } else if (directory.equals("-")) {
      stream();
    } else {
      make();
    }
    return 0;
  }

  /// The only command whose output is not text.
  private void stream() {
    connection.open().download("POST", "/v1/backups", "application/x-tar", new StandardOutput());
  }

  private void makeOf(Path data) {
    if (directory.equals("-")) {
      throw CliException.badUsage("--stopped takes a directory to back up into");
    }
    Path to = Path.of(directory).toAbsolutePath().normalize();
    output.print(offline.backUp(data, to, keep == null ? 0 : keep), BackupCommand::describe);
  }

  private void make() {
    Client client = connection.open();
    ObjectNode wanted = Client.object().put("directory", path().toString());
    if (keep != null) {
      wanted.put("keep", keep);
    }
    JsonNode backup = client.post("/v1/backups", wanted);
    String id = backup.path("id").asText();
    while (backup.path("state").asText().equals("running")) {
      pause();
      backup = find(client.get("/v1/backups"), id);
    }
    if (!backup.path("state").asText().equals("done")) {
      throw CliException.failed("there is no backup: " + backup.path("detail").asText());
    }
    output.print(backup, BackupCommand::describe);
  }

  /// Where a path of this machine is one of the server's too, it may be relative.
  private Path path() {
    Path path = Path.of(directory);
    return connection.isLocal() ? path.toAbsolutePath().normalize() : path;
  }

  private static JsonNode find(JsonNode answer, String id) {
    return answer
        .path("backups")
        .valueStream()
        .filter(backup -> backup.path("id").asText().equals(id))
        .findFirst()
        .orElseThrow(() -> CliException.failed("the server was started anew; there is no backup"));
  }

  private static String describe(JsonNode backup) {
    return "backed up to %s (%s): %,d bytes, of them %,d new"
        .formatted(
            backup.path("position").asText(),
            backup.path("time").asText(),
            backup.path("bytes").asLong(),
            backup.path("newBytes").asLong());
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_EVERY);
    } catch (InterruptedException _) {
      throw CliException.interrupted().adding("; the server goes on with the backup");
    }
  }
}
