package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.backup.Backup;
import dev.fanfare.backup.Backups;
import dev.fanfare.http.Response;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Backups of the whole cell, while it runs.
record BackupCalls(Backups backups) {
  private static final String TAR = "application/x-tar";
  private static final int PATH_BYTES = 4_096;
  private static final int KEEP_AT_MOST = 10_000;

  List<Operation> operations() {
    return List.of(
        Operation.inCell(
            "GET",
            "/v1/backups",
            _ -> list(),
            Description.of(
                    "Lists the backup that is being made, the last 100 that were, and those that"
                        + " failed since the node started, newest first.")
                .answers(200, "Backups")),
        Operation.inCell(
            "POST",
            "/v1/backups",
            this::make,
            Description.of(
                    "Begins a backup into a directory of the server's machine; the list tells when"
                        + " it is done. With Accept: application/x-tar the answer is a whole backup"
                        + " as a tar instead, and there is no body.")
                .header("Accept", "application/x-tar for a tar")
                .takes("NewBackup", "{'directory': '/var/backups/fanfare', 'keep': 30}")
                .answers(202, "Backup")));
  }

  private Response list() {
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("backups");
    backups.list().forEach(backup -> list.add(write(backup)));
    return Answers.json(200, answer);
  }

  private Response make(CellCall call) {
    boolean streamed =
        call.request().header("Accept").filter(accepted -> accepted.contains(TAR)).isPresent();
    return streamed ? stream(call) : begin(call);
  }

  private Response begin(CellCall call) {
    Fields body = call.body().only(Set.of("directory", "keep"));
    body.required("directory");
    Path directory = directory(body);
    int keep = body.has("keep") ? (int) body.number("keep", 1, KEEP_AT_MOST, 0) : 0;
    return switch (backups.begin(directory, keep, call.caller().actor())) {
      case Backups.Begun.Started(Backup backup) -> Answers.json(202, write(backup));
      case Backups.Begun.Refused(Backups.Refusal refusal) -> throw problem(refusal).raise();
    };
  }

  private static Path directory(Fields body) {
    String text = body.text("directory", 1, PATH_BYTES);
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw Problem.invalid("/directory", "is not a path: " + e.getReason()).raise();
    }
    throw Problem.invalid("/directory", "has to be an absolute path").raise();
  }

  private Response stream(CellCall call) {
    if (call.request().body().length > 0) {
      call.body().only(Set.of());
    }
    return switch (backups.stream(call.caller().actor())) {
      case Backups.Opened.Stream(Backups.Tar tar) -> Response.streaming(200, TAR, tar::writeTo);
      case Backups.Opened.Refused(Backups.Refusal refusal) -> throw problem(refusal).raise();
    };
  }

  private static Problem problem(Backups.Refusal refusal) {
    return switch (refusal) {
      case Backups.Refusal.Busy(String id) ->
          Problem.of(409, "backup_running", "the backup " + id + " is being made");
      case Backups.Refusal.Unusable(String why) ->
          new Problem(422, "unusable_directory", why, "/directory");
    };
  }

  private static ObjectNode write(Backup backup) {
    ObjectNode json =
        Json.object()
            .put("id", backup.id())
            .put("state", backup.state().name().toLowerCase(Locale.ROOT));
    if (!backup.directory().isEmpty()) {
      json.put("directory", backup.directory());
    }
    json.put("startedAt", backup.started().toString());
    if (backup.ended() != null) {
      json.put("endedAt", backup.ended().toString());
    }
    Backup.End end = backup.end();
    if (end != null) {
      json.put("position", end.position().toString())
          .put("time", end.time().toString())
          .put("bytes", end.bytes())
          .put("newBytes", end.newBytes());
    }
    return backup.failure().isEmpty() ? json : json.put("detail", backup.failure());
  }
}
