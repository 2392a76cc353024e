package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare watch`: a device in the terminal, until it is interrupted.
@Command(
    name = "watch",
    description = "Is a device of a member: shows and acknowledges what it gets.",
    mixinStandardHelpOptions = true)
public final class WatchCommand implements Callable<Integer> {
  private static final Duration ACKNOWLEDGE_EVERY = Duration.ofMillis(200);
  private static final int RESTARTING = 1012;
  private static final int CREDENTIALS_OVER = 4001;
  private static final long RESTART_MILLIS = 5_000;
  private static final long MOST_BACK_OFF_MILLIS = 15_000;

  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(paramLabel = "MEMBER")
  String member = "";

  @Option(names = "--after", paramLabel = "POSITION", description = "What followed this position")
  @Nullable String after;

  @Option(names = "--gateway", paramLabel = "URL", description = "Such as ws://127.0.0.1:8081")
  @Nullable String gateway;

  private final String id =
      "cli-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
  private long backOffMillis;
  private Optional<String> unsent = Optional.empty();
  private long acknowledgedAt = System.nanoTime() - ACKNOWLEDGE_EVERY.toNanos();
  private boolean connected;

  WatchCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Client client = connection.open();
    String app = connection.appName(client);
    Device device = new Device(Optional.ofNullable(after));
    while (true) {
      Thread.sleep(watchOnce(client, app, device));
    }
  }

  /// Stays connected as long as it can.
  ///
  /// @return milliseconds to wait before the next attempt
  /// @throws CliException when there must not be one
  private long watchOnce(Client client, String app, Device device) throws InterruptedException {
    Optional<String> token = token(client, app);
    if (token.isEmpty()) {
      return backOff();
    }
    try (DeviceSocket socket = DeviceSocket.connect(client.http(), uri(app, device), token.get())) {
      if (socket == null) {
        note("no connection to " + gateway());
        return backOff();
      }
      return listen(socket, device);
    }
  }

  /// A fresh token; empty when a server that was there before is away.
  private Optional<String> token(Client client, String app) {
    JsonNode body = Client.object().put("member", member);
    try {
      JsonNode answer = client.post("/v1/apps/" + Client.segment(app) + "/tokens", body);
      return Optional.of(answer.path("token").asText());
    } catch (CliException e) {
      if (!connected || e.exitCode() != CliException.FAILED) {
        throw e;
      }
      note("the server is away");
      return Optional.empty();
    }
  }

  private long listen(DeviceSocket socket, Device device) throws InterruptedException {
    unsent = Optional.empty();
    boolean heard = false;
    while (true) {
      Duration patience = unsent.isPresent() ? ACKNOWLEDGE_EVERY : DeviceSocket.SILENCE;
      switch (socket.next(patience)) {
        case DeviceEvent.Quiet _ -> {
          if (unsent.isEmpty()) {
            note("the connection broke");
            return backOff();
          }
          acknowledge(socket);
        }
        case DeviceEvent.Frame(String text) -> {
          backOffMillis = 0;
          connected = true;
          heard = true;
          take(Device.parse(text), socket, device);
        }
        case DeviceEvent.Ping _ -> {}
        case DeviceEvent.Broken _ -> {
          note("the connection broke");
          return backOff();
        }
        case DeviceEvent.Closed(int code) -> {
          return closed(code, heard);
        }
      }
    }
  }

  private void take(JsonNode frame, DeviceSocket socket, Device device) {
    Optional<String> line = device.take(frame);
    if (output.json) {
      output.line(frame.toString());
    } else {
      line.ifPresent(output::line);
    }
    if (Device.moves(frame)) {
      unsent = Optional.of(frame.path("position").asText());
      if (System.nanoTime() - acknowledgedAt >= ACKNOWLEDGE_EVERY.toNanos()) {
        acknowledge(socket);
      }
    }
  }

  /// An acknowledgement covers all before it, so a few a second are enough; the gateway takes 20.
  private void acknowledge(DeviceSocket socket) {
    unsent.ifPresent(
        position -> socket.send(Client.object().put("type", "ack").put("position", position)));
    unsent = Optional.empty();
    acknowledgedAt = System.nanoTime();
  }

  /// What a close code asks for.
  ///
  /// @param heard whether the connection was good before
  private long closed(int code, boolean heard) {
    if (code == CREDENTIALS_OVER && heard) {
      // A token ends after a day.
      note("the credentials are no longer valid, asking for others");
      return backOff();
    }
    return switch (code) {
      case 4000 -> throw CliException.failed("the gateway did not understand a frame");
      case CREDENTIALS_OVER -> throw CliException.refused("the credentials are no longer valid");
      case 4009 -> throw CliException.refused("another connection of this device replaced it");
      case 4010 -> throw CliException.refused("the member has too many devices");
      case RESTARTING -> {
        note("the server restarts");
        yield ThreadLocalRandom.current().nextLong(RESTART_MILLIS);
      }
      default -> {
        note("closed with code " + code);
        yield backOff();
      }
    };
  }

  /// Doubles from half a second, with jitter.
  private long backOff() {
    backOffMillis = Math.clamp(backOffMillis * 2, 500, MOST_BACK_OFF_MILLIS);
    return backOffMillis / 2 + ThreadLocalRandom.current().nextLong(backOffMillis / 2);
  }

  private URI uri(String app, Device device) {
    String query = "?app=" + Client.segment(app) + "&device=" + id + "&platform=Terminal";
    String cursor = device.position().map(p -> "&after=" + Client.segment(p)).orElse("");
    return URI.create(gateway() + "/ws" + query + cursor);
  }

  private String gateway() {
    String url =
        Optional.ofNullable(gateway)
            .or(() -> connection.local().gateway())
            .orElseThrow(() -> CliException.badUsage("where is the gateway? pass --gateway"));
    if (!url.matches("wss?://.+")) {
      throw CliException.badUsage("not a ws URL: " + url);
    }
    return url.replaceAll("/+$", "");
  }

  private void note(String text) {
    output.command.commandLine().getErr().println(text);
  }
}
