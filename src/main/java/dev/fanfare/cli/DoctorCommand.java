package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `fanfare doctor`.
@Command(
    name = "doctor",
    description =
        "Says what is wrong with a running server, or with a data directory or backups that no"
            + " server has open.",
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  private static final int BACKUP_DAYS = 7;
  private static final int ILL = 1;

  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR",
      description = "A data directory or a directory of backups; the running server when absent")
  @Nullable Path directory;

  private final Function<Path, List<String>> examination;

  /// @param examination says what is wrong with a directory, a line each
  public DoctorCommand(Function<Path, List<String>> examination) {
    this.examination = examination;
  }

  @Override
  public Integer call() {
    List<String> findings = directory == null ? server() : examination.apply(directory);
    ObjectNode answer = Client.object();
    ArrayNode list = answer.putArray("findings");
    findings.forEach(list::add);
    output.print(answer, DoctorCommand::describe);
    return findings.isEmpty() ? 0 : ILL;
  }

  private static String describe(JsonNode answer) {
    List<String> lines = answer.path("findings").valueStream().map(JsonNode::asText).toList();
    return lines.isEmpty() ? "nothing is wrong" : String.join(System.lineSeparator(), lines);
  }

  private List<String> server() {
    Client client = connection.open();
    List<String> findings = new ArrayList<>();
    client
        .text("/readyz")
        .lines()
        .filter(line -> !line.equals("ready"))
        .forEach(line -> findings.add("the server is not ready: " + line));
    new CellExamination(client.get("/v1/nodes").path("nodes"), findings::add).run();
    examineBackups(client.get("/v1/backups").path("backups"), findings);
    return findings;
  }

  private static void examineBackups(JsonNode backups, List<String> findings) {
    JsonNode newest = backups.path(0);
    if (newest.isMissingNode()) {
      findings.add("no backup was made: make one (fanfare backup DIR), then regularly");
    } else if (newest.path("state").asText().equals("failed")) {
      findings.add("the last backup failed: " + newest.path("detail").asText());
    } else if (newest.has("endedAt")
        && Instant.parse(newest.path("endedAt").asText())
            .isBefore(Instant.now().minus(Duration.ofDays(BACKUP_DAYS)))) {
      findings.add("the last backup is older than %d days: make one".formatted(BACKUP_DAYS));
    }
  }
}
