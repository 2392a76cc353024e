package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare import`.
@Command(
    name = "import",
    description = {
      "Registers or replaces the members in a file, CSV or a JSON object a line, plain, gzip or zstd.",
      "Lines that were rejected go to FILE.rejected. The same command goes on after a crash."
    },
    mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(paramLabel = "FILE", description = "- is standard input")
  String name = "";

  @Option(
      names = "--map",
      split = ",",
      paramLabel = "COLUMN=FIELD",
      description =
          "Fields of columns: id, nickName, portrait, tags, robot, attributes.NAME, ext.KEY; - for"
              + " none")
  Map<String, String> map = new LinkedHashMap<>();

  @Option(
      names = "--tag-separator",
      paramLabel = "TEXT",
      defaultValue = "|",
      description = "Between the tags of a cell; |")
  String tagSeparator = "|";

  @Option(names = "--format", paramLabel = "csv|ndjson", description = "What the name tells")
  @Nullable String format;

  @Option(
      names = "--rejected",
      paramLabel = "FILE",
      description =
          "For lines that were rejected; FILE.rejected, stdin.rejected, of a dry run"
              + " FILE.dry-run.rejected")
  @Nullable Path rejected;

  @Option(names = "--dry-run", description = "Judges every line and changes nothing")
  boolean dryRun;

  ImportCommand() {}

  @Override
  public Integer call() {
    if (format != null && !format.matches("csv|ndjson")) {
      throw CliException.badUsage("--format is csv or ndjson");
    }
    AppClient app = connection.app();
    try (ImportSource source = new ImportSource(name)) {
      return run(app, source);
    } catch (IOException e) {
      throw CliException.failed("cannot read " + name + ": " + Client.why(e));
    }
  }

  private int run(AppClient app, ImportSource source) throws IOException {
    boolean csv = format == null ? source.looksLikeCsv() : format.equals("csv");
    if (!csv && !map.isEmpty()) {
      throw CliException.badUsage("--map is for CSV");
    }
    String reading = csv ? "csv " + map + " " + tagSeparator : "ndjson";
    String into = connection.server() + app.root();
    Path rejectedPath = rejectedPath(source);
    String rejectedFile = rejectedPath.toAbsolutePath().normalize().toString();
    ObjectNode about =
        source.file().isPresent()
            ? ImportState.about(source.file().get(), into, reading).put("rejected", rejectedFile)
            : Client.object();
    if (dryRun && source.file().isPresent()) {
      requireFree(ImportState.path(source.file().get()), rejectedFile);
    }
    Optional<Path> statePath = source.file().filter(_ -> !dryRun).map(ImportState::path);
    ImportState begun = new ImportState(about, 0, 0, 0, 0);
    if (statePath.isPresent()) {
      begun = ImportState.load(statePath.get(), about).orElse(begun);
    }
    ImportRecords records =
        csv ? new CsvRecords(source.content(), map, tagSeparator) : new JsonLines(source.content());
    records.skip(begun.records());
    Meter meter = new Meter(output.command.commandLine().getErr(), source::read);
    ImportState done;
    try (SideFile rejects = new SideFile(rejectedPath, begun.rejectedBytes())) {
      done =
          send(new Sending(new ImportRun(app, dryRun), records, rejects), begun, statePath, meter);
    } finally {
      meter.end();
    }
    if (statePath.isPresent()) {
      Files.deleteIfExists(statePath.get());
    }
    report(begun, done, meter.seconds(), rejectedPath);
    return done.rejected() == 0 ? 0 : CliException.REFUSED;
  }

  private Path rejectedPath(ImportSource source) {
    if (rejected != null) {
      return rejected;
    }
    String ending = dryRun ? ".dry-run.rejected" : ".rejected";
    return source
        .file()
        .map(file -> file.resolveSibling(file.getFileName() + ending))
        .orElse(Path.of("stdin" + ending));
  }

  /// An import that was interrupted goes on with its own rejected lines.
  private static void requireFree(Path statePath, String rejectedFile) throws IOException {
    if (ImportState.isRejectedOf(statePath, rejectedFile)) {
      throw CliException.badUsage(
          rejectedFile + " is of an import that was interrupted; pass another --rejected");
    }
  }

  private record Sending(ImportRun run, ImportRecords records, SideFile rejects) {}

  /// Sends everything; the next portion is read while one is sent.
  private static ImportState send(
      Sending sending, ImportState begun, Optional<Path> statePath, Meter meter)
      throws IOException {
    ImportState state = begun;
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      ImportPortion portion = sending.records().next();
      while (portion != null) {
        Future<@Nullable ImportPortion> next = reader.submit(sending.records()::next);
        try {
          ImportRun.Result result = sending.run().send(portion);
          for (JsonNode line : result.rejected()) {
            sending.rejects().add(line);
          }
          state =
              new ImportState(
                  begun.about(),
                  state.records() + portion.records(),
                  state.accepted() + result.accepted(),
                  state.rejected() + result.rejected().size(),
                  sending.rejects().length());
          if (statePath.isPresent()) {
            state.save(statePath.get());
          }
        } catch (CliException e) {
          throw stopped(e, state, statePath);
        }
        meter.show(state.accepted() - begun.accepted());
        portion = await(next);
      }
    }
    return state;
  }

  private static CliException stopped(
      CliException cause, ImportState state, Optional<Path> statePath) {
    return cause.adding(
        statePath.isPresent()
            ? "; %,d records are done, the same command goes on after them"
                .formatted(state.records())
            : "; %,d records are done".formatted(state.records()));
  }

  private static @Nullable ImportPortion await(Future<@Nullable ImportPortion> next)
      throws IOException {
    try {
      return next.get();
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException broken -> throw broken;
        case RuntimeException broken -> throw broken;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  private void report(ImportState begun, ImportState done, double seconds, Path rejects) {
    ObjectNode summary =
        Client.object()
            .put("accepted", done.accepted())
            .put("rejected", done.rejected())
            .put("skipped", begun.records())
            .put("seconds", Math.round(seconds * 1_000) / 1_000.0)
            .put("dryRun", dryRun);
    if (done.rejected() > 0) {
      summary.put("rejectedFile", rejects.toString());
    }
    output.print(summary, ImportCommand::describe);
  }

  private static String describe(JsonNode summary) {
    long accepted = summary.path("accepted").asLong();
    double seconds = summary.path("seconds").asDouble();
    String verb = summary.path("dryRun").asBoolean() ? "would be taken" : "imported";
    String text =
        String.format(
            Locale.ROOT, "%s %s in %.1f s", CountCommand.members(accepted), verb, seconds);
    if (summary.path("skipped").asLong() > 0) {
      text += ", %,d records of an earlier run".formatted(summary.path("skipped").asLong());
    }
    if (summary.has("rejectedFile")) {
      text +=
          ", %,d rejected: see %s"
              .formatted(summary.path("rejected").asLong(), summary.path("rejectedFile").asText());
    }
    return text;
  }
}
