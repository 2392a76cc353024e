package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `fanfare export`.
@Command(
    name = "export",
    description = "Writes all members, or those of an audience, as of one position: JSON a line.",
    mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Option(names = "--audience", paramLabel = "EXPR", defaultValue = "everyone")
  String audience = "everyone";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Standard output when absent; one that ends in .gz is compressed")
  @Nullable Path file;

  ExportCommand() {}

  @Override
  public Integer call() {
    AppClient app = connection.app();
    String path = app.root() + "/members:export?audience=" + Client.value(audience);
    HttpResponse<InputStream> response =
        app.client().stream(HttpRequest.newBuilder(app.client().address(path)).GET());
    String position = response.headers().firstValue("Fanfare-Position").orElse("");
    try (InputStream members = response.body()) {
      Path to = file;
      if (to == null) {
        copy(members, new StandardOutput(), total(app));
        return 0;
      }
      long begun = System.nanoTime();
      // Under another name until it is whole.
      Path part = to.resolveSibling(to.getFileName() + ".part");
      long count;
      try (OutputStream out = open(part, to)) {
        count = copy(members, out, total(app));
      }
      Files.move(part, to, StandardCopyOption.REPLACE_EXISTING);
      double seconds = (System.nanoTime() - begun) / 1e9;
      ObjectNode summary =
          Client.object()
              .put("members", count)
              .put("position", position)
              .put("file", to.toString())
              .put("seconds", Math.round(seconds * 1_000) / 1_000.0);
      output.print(summary, ExportCommand::describe);
      return 0;
    } catch (IOException e) {
      throw CliException.failed("the export was not finished: " + Client.why(e));
    }
  }

  private static OutputStream open(Path part, Path to) throws IOException {
    OutputStream plain = Files.newOutputStream(part);
    return to.toString().endsWith(".gz") ? new GZIPOutputStream(plain, 1 << 16) : plain;
  }

  /// How many members it will be, roughly; for the progress alone.
  private long total(AppClient app) {
    return Progress.errorsGoToTerminal()
        ? app.post("/audience:count", Client.object().put("audience", audience))
            .path("matched")
            .asLong()
        : 0;
  }

  private long copy(InputStream members, OutputStream out, long total) throws IOException {
    long[] count = {0};
    Meter meter =
        new Meter(
            output.command.commandLine().getErr(),
            () -> total == 0 ? -1 : Math.min(1, (double) count[0] / total));
    byte[] buffer = new byte[1 << 16];
    long shown = 0;
    for (int read; (read = members.read(buffer)) >= 0; ) {
      out.write(buffer, 0, read);
      for (int i = 0; i < read; i++) {
        count[0] += buffer[i] == '\n' ? 1 : 0;
      }
      if (count[0] - shown > 10_000) {
        shown = count[0];
        meter.show(shown);
      }
    }
    out.flush();
    meter.end();
    return count[0];
  }

  private static String describe(JsonNode summary) {
    return String.format(
        Locale.ROOT,
        "%s as of %s in %.1f s: %s",
        CountCommand.members(summary.path("members").asLong()),
        summary.path("position").asText(),
        summary.path("seconds").asDouble(),
        summary.path("file").asText());
  }
}
