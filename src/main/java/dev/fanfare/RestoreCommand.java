package dev.fanfare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Mint;
import dev.fanfare.backup.BackupException;
import dev.fanfare.backup.Restore;
import dev.fanfare.backup.Target;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.store.DirectoryLock;
import dev.fanfare.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes a data directory from backups. No server takes part.
@Command(
    name = "restore",
    description = "Makes a data directory from backups, up to their end or to a chosen place.",
    mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "DIR", description = "The directory of backups")
  Path backups = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "NEW",
      required = true,
      description = "The data directory to make; absent or empty")
  Path data = Path.of("");

  @Option(
      names = "--journal",
      paramLabel = "OLDDATA",
      description = "The data directory that was lost, for what came after the last backup")
  @Nullable Path journal;

  @Option(
      names = "--until",
      paramLabel = "TIME|POSITION",
      description = "Where to stop, such as 2026-12-01T09:00:00Z; the end when absent")
  @Nullable String until;

  @Option(names = "--json", description = "Prints JSON")
  boolean json;

  RestoreCommand() {}

  @Override
  public Integer call() {
    Restore restore = new Restore(backups, Optional.ofNullable(journal).map(this::lost), target());
    try (DataDirectory directory = DataDirectory.openEmpty(data)) {
      Restore.Report report =
          restore.into(
              directory.restoring(),
              new Restore.World(Clock.systemUTC(), new Mint(new SecureRandom())));
      directory.restored();
      print(report);
      return 0;
    } catch (BackupException | StoreException | UnknownEntryException e) {
      throw new ConfigException(
          "nothing was restored; remove "
              + data
              + ": "
              + Optional.ofNullable(e.getMessage()).orElse(""));
    }
  }

  private Target target() {
    return until == null
        ? new Target.End()
        : Target.parse(until)
            .orElseThrow(() ->
                new ParameterException(
                    spec.commandLine(),
                    "--until takes a time, such as 2026-12-01T09:00:00Z, or a position"));
  }

  private Path lost(Path directory) {
    try {
      if (DirectoryLock.isHeld(directory)) {
        throw new ConfigException("another process uses the data directory " + directory);
      }
    } catch (IOException e) {
      throw new ConfigException("cannot look at " + directory + ": " + e.getMessage());
    }
    Path store = directory.resolve("store");
    if (!Files.isDirectory(store)) {
      throw new ConfigException(directory + " is no data directory");
    }
    return store;
  }

  private void print(Restore.Report report) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode line =
          JsonNodeFactory.instance
              .objectNode()
              .put("data", data.toString())
              .put("base", report.base().toString())
              .put("entries", report.entries())
              .put("entriesOfJournal", report.journaled())
              .put("position", report.position().toString())
              .put("time", report.time().toString());
      if (report.missing() > 0) {
        line.put("entriesMissing", report.missing());
      }
      report.epoch().ifPresent(epoch -> line.put("epoch", epoch));
      out.println(line);
    } else {
      out.printf(
          "restored %s: the base at %s and %,d entries, %,d of them from the lost journal%n",
          data, report.base(), report.entries(), report.journaled());
      out.printf("up to %s (%s)%n", report.position(), report.time());
      if (report.missing() > 0) {
        out.printf("the lost journal no longer has the %,d entries after that%n", report.missing());
      }
      out.println(
          report
              .epoch()
              .map(epoch -> "a new epoch begins, " + epoch + ": what came later is not there")
              .orElse("nothing is lost: the epoch goes on"));
    }
  }
}
