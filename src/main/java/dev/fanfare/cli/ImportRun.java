package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Sends portions of an import, one after the other, so that of two lines about one member the
/// later wins. Owned by one thread.
final class ImportRun {
  private static final Duration ANSWER = Duration.ofMinutes(5);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  /// For half a minute the server may be unable to take anything. Of problems that pass by
  /// themselves. Lines may be sent again.
  private static final Set<String> PASSING = Set.of("try_again", "outcome_unknown");

  private static final int TRIES = 30;

  private final AppClient app;
  private final String path;

  ImportRun(AppClient app, boolean dryRun) {
    this.app = app;
    this.path = app.root() + "/members:import" + (dryRun ? "?dryRun=true" : "");
  }

  /// What became of a portion.
  ///
  /// @param rejected lines of the source and why, as JSON
  record Result(long accepted, List<JsonNode> rejected) {}

  /// Sends a portion until all of it is durable or rejected.
  ///
  /// @throws CliException when the server refuses it, or cannot be reached
  Result send(ImportPortion portion) {
    List<JsonNode> rejected = new ArrayList<>();
    long accepted = 0;
    long settled = 0;
    int tries = 0;
    while (true) {
      Answer answer = ask(portion, settled, rejected);
      accepted += answer.last().path("accepted").asLong();
      long progress = answer.last().path("line").asLong();
      settled += progress;
      if (answer.last().path("type").asText().equals("end")) {
        return new Result(accepted, rejected);
      }
      tries = progress > 0 ? 0 : tries + 1;
      requireWorthTrying(answer.last(), tries);
    }
  }

  private static void requireWorthTrying(JsonNode problem, int tries) {
    String line = problem.path("code").asText() + ": " + problem.path("detail").asText();
    if (!PASSING.contains(problem.path("code").asText())) {
      throw CliException.refused(line);
    }
    if (tries == TRIES) {
      throw CliException.failed(line);
    }
    try {
      Thread.sleep(TRY_AGAIN);
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  /// @param last what ended the answer
  private record Answer(JsonNode last) {}

  private Answer ask(ImportPortion portion, long settled, List<JsonNode> rejected) {
    int from = portion.start(settled + 1);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(app.client().address(path))
            .timeout(ANSWER)
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofByteArray(portion.bytes(), from, portion.length() - from));
    HttpResponse<InputStream> response = app.client().stream(request);
    List<ObjectNode> refused = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        ObjectNode told = (ObjectNode) Client.JSON.readTree(line);
        switch (told.path("type").asText()) {
          case "rejected" -> refused.add(told);
          case "end", "problem" -> {
            keep(portion, settled, told.path("line").asLong(), refused, rejected);
            return new Answer(told);
          }
          default -> {
            // Progress, which the end tells as well.
          }
        }
      }
    } catch (IOException | ClassCastException e) {
      throw CliException.failed("the server did not finish its answer: " + Client.why(e));
    }
    throw CliException.failed("the server did not finish its answer");
  }

  /// Keeps the rejections that hold: lines after the last that was settled come again.
  private static void keep(
      ImportPortion portion,
      long settled,
      long upTo,
      List<ObjectNode> refused,
      List<JsonNode> rejected) {
    for (ObjectNode one : refused) {
      long line = one.path("line").asLong();
      if (line <= upTo) {
        one.remove("type");
        rejected.add(one.put("line", portion.source().applyAsLong((int) (settled + line))));
      }
    }
  }
}
