package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare pull`.
@Command(
    name = "pull",
    description = {
      "Copies members from a vendor by its own API, at the rate that it documents.",
      "What differed goes to IDS.differences. The same command goes on after a crash."
    },
    mixinStandardHelpOptions = true)
public final class PullCommand implements Callable<Integer> {
  private static final int TRIES = 10;

  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(paramLabel = "volcengine|tencent")
  String vendorName = "";

  @Option(names = "--ids", required = true, paramLabel = "FILE", description = "An id a line")
  Path ids = Path.of("");

  @Option(
      names = "--vendor-key",
      required = true,
      paramLabel = "FILE",
      description =
          "JSON: appId, accessKey, secretKey, region; or sdkAppId, secretKey, administrator")
  String keyFile = "";

  @Option(names = "--vendor-url", paramLabel = "URL", description = "The vendor's public address")
  @Nullable String vendorUrl;

  @Option(names = "--dry-run", description = "Tells what differs and changes nothing")
  boolean dryRun;

  PullCommand() {}

  @Override
  public Integer call() {
    Vendor vendor = vendor();
    AppClient app = connection.app();
    try {
      return run(vendor, app);
    } catch (IOException e) {
      throw CliException.failed("cannot go on: " + Client.why(e));
    }
  }

  private Vendor vendor() {
    JsonNode key;
    try {
      key = Client.JSON.readTree(SecretFile.read(keyFile));
    } catch (IOException e) {
      throw CliException.badUsage(keyFile + " is not JSON");
    }
    String url = vendorUrl;
    return switch (vendorName) {
      case "volcengine" ->
          new VolcengineVendor(
              VendorHttp.to(url == null ? VolcengineVendor.URL : url),
              VolcengineVendor.Key.read(key),
              Clock.systemUTC());
      case "tencent" ->
          new TencentVendor(
              VendorHttp.to(url == null ? TencentVendor.URL : url),
              TencentVendor.Key.read(key),
              Clock.systemUTC());
      default -> throw CliException.badUsage("the vendor is volcengine or tencent");
    };
  }

  /// How far the pull of a file of ids has come.
  private record State(long lines, long changed, long refused, long reportBytes) {
    State after(int batch, PullBatch.Result result, long bytes) {
      return new State(
          lines + batch, changed + result.changed(), refused + result.refused(), bytes);
    }

    ObjectNode json() {
      return Client.object().put("ids", lines).put("changed", changed).put("refused", refused);
    }
  }

  private int run(Vendor vendor, AppClient app) throws IOException {
    Path statePath = ids.resolveSibling(ids.getFileName() + ".pull");
    Path report = ids.resolveSibling(ids.getFileName() + ".differences");
    String into = vendorName + " " + vendorUrl + " " + connection.server() + app.root() + dryRun;
    ObjectNode about = ImportState.about(ids, into, "ids");
    State state = load(statePath, about);
    PullBatch pull = new PullBatch(app, !dryRun);
    Duration apart = Duration.ofSeconds(1).dividedBy(vendor.perSecond());
    Meter meter = new Meter(output.command.commandLine().getErr(), () -> -1);
    try (BufferedReader lines = Files.newBufferedReader(ids);
        SideFile differences = new SideFile(report, state.reportBytes())) {
      for (long skip = state.lines(); skip > 0 && lines.readLine() != null; skip--) {
        // Done before.
      }
      List<String> batch = read(lines, vendor.most());
      while (!batch.isEmpty()) {
        long until = System.nanoTime() + apart.toNanos();
        List<String> asked = batch.stream().filter(id -> !id.isBlank()).distinct().toList();
        PullBatch.Result result = pull.bring(asked, members(vendor, asked));
        for (ObjectNode difference : result.differences()) {
          differences.add(difference);
        }
        state = state.after(batch.size(), result, differences.length());
        save(statePath, about, state);
        meter.show(state.lines());
        sleep(until - System.nanoTime());
        batch = read(lines, vendor.most());
      }
    } finally {
      meter.end();
    }
    Files.deleteIfExists(statePath);
    output.print(state.json(), PullCommand::describe);
    return state.refused() == 0 ? 0 : CliException.REFUSED;
  }

  private static List<String> read(BufferedReader lines, int most) throws IOException {
    List<String> batch = new ArrayList<>();
    for (String line; batch.size() < most && (line = lines.readLine()) != null; ) {
      batch.add(line.strip());
    }
    return batch;
  }

  /// Asks again while the vendor says that it is busy.
  private static Map<String, ObjectNode> members(Vendor vendor, List<String> asked) {
    for (int tries = 1; ; tries++) {
      try {
        return vendor.members(asked);
      } catch (Vendor.VendorException e) {
        if (!e.isPassing() || tries == TRIES) {
          String line = "the vendor: " + e.getMessage() + "; the same command goes on from here";
          throw e.isPassing() ? CliException.failed(line) : CliException.refused(line);
        }
        sleep(Duration.ofSeconds(1).toNanos());
      }
    }
  }

  private static void sleep(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(Math.max(nanos, 0)));
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  private static State load(Path path, ObjectNode about) throws IOException {
    return ImportState.load(path, about)
        .map(known ->
            new State(known.records(), known.accepted(), known.rejected(), known.rejectedBytes()))
        .orElse(new State(0, 0, 0, 0));
  }

  private static void save(Path path, ObjectNode about, State state) throws IOException {
    new ImportState(about, state.lines(), state.changed(), state.refused(), state.reportBytes())
        .save(path);
  }

  private static String describe(JsonNode summary) {
    return "%,d ids: %,d changed, %,d refused; IDS.differences tells more"
        .formatted(
            summary.path("ids").asLong(),
            summary.path("changed").asLong(),
            summary.path("refused").asLong());
  }
}
