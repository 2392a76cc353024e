package dev.fanfare.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say which server a command talks to, and as whom: options over environment over
/// what a local node left in its data directory.
final class Connection {
  @Option(names = "--server", paramLabel = "URL", description = "Or FANFARE_SERVER")
  @Nullable String server;

  @Option(names = "--key", paramLabel = "KEY", description = "Or FANFARE_KEY")
  @Nullable String key;

  @Option(names = "--app", paramLabel = "APP", description = "Needed when there are several")
  @Nullable String app;

  @Option(names = "--data", paramLabel = "DIR", description = "Of a local server; ./data")
  @Nullable String data;

  @Option(names = "--ca", paramLabel = "FILE", description = "PEM to trust; or FANFARE_CA")
  @Nullable String ca;

  private final Map<String, String> environment;

  Connection() {
    this(System.getenv());
  }

  Connection(Map<String, String> environment) {
    this.environment = environment;
  }

  Client open() {
    return new Client(server(), key(), trusted());
  }

  /// The app that the options name, or the only one there is.
  AppClient app() {
    Client client = open();
    return new AppClient(client, appPath(client));
  }

  /// The path of the app's resources, `/v1/apps/{app}`.
  String appPath(Client client) {
    return "/v1/apps/" + Client.segment(first(app, "FANFARE_APP", () -> client.onlyApp()));
  }

  /// The name of the app.
  String appName(Client client) {
    return first(app, "FANFARE_APP", () -> client.onlyApp());
  }

  Local local() {
    return new Local(Path.of(first(data, "FANFARE_DATA", () -> "data")));
  }

  URI server() {
    String url =
        first(
            server,
            "FANFARE_SERVER",
            () ->
                local()
                    .api()
                    .orElseThrow(() ->
                        CliException.badUsage(
                            "no server runs on "
                                + local().data()
                                + ": pass --server or --data, or set FANFARE_SERVER")));
    try {
      URI uri = URI.create(url.replaceAll("/+$", ""));
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw CliException.badUsage("not a URL: " + url);
    }
    throw CliException.badUsage("not an http URL: " + url);
  }

  private @Nullable SSLContext trusted() {
    String file = ca != null ? ca : environment.get("FANFARE_CA");
    if (file != null) {
      return new CertificateAuthority(file).context();
    }
    boolean named = server != null || environment.get("FANFARE_SERVER") != null;
    List<String> served = named ? List.of() : local().certificates();
    return served.isEmpty() ? null : LocalCertificates.context(served);
  }

  /// Whether the server is on this machine.
  boolean isLocal() {
    return server().getHost().matches("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
  }

  /// The key. The one of a local node goes to this machine only.
  private String key() {
    return first(
        key,
        "FANFARE_KEY",
        () ->
            Optional.of(isLocal())
                .filter(local -> local)
                .flatMap(_ -> local().key())
                .orElseThrow(() -> CliException.badUsage("no key: pass --key or set FANFARE_KEY")));
  }

  private String first(@Nullable String option, String variable, Supplier<String> otherwise) {
    if (option != null) {
      return option;
    }
    String value = environment.get(variable);
    return value != null ? value : otherwise.get();
  }
}
