package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare app`.
@Command(
    name = "app",
    description = "Shows, makes and changes apps; needs the admin key.",
    mixinStandardHelpOptions = true,
    subcommands = {AppCommand.Create.class, AppCommand.Set.class})
public final class AppCommand {

  AppCommand() {}

  @Command(name = "list", description = "Lists the apps.", mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection, @Mixin Output output) {
    output.print(
        connection.open().get("/v1/apps"),
        answer ->
            answer
                .path("apps")
                .valueStream()
                .map(AppCommand::line)
                .collect(Collectors.joining(System.lineSeparator())));
    return 0;
  }

  private static String line(JsonNode app) {
    return "%-40s volcengine %-10s tencent %-10s%s"
        .formatted(
            app.path("id").asText(),
            app.at("/volcengine/appId").asText("-"),
            app.at("/tencent/sdkAppId").asText("-"),
            app.path("disabled").asBoolean() ? " disabled" : "");
  }

  @Command(
      name = "show",
      description = "Shows an app and its limits.",
      mixinStandardHelpOptions = true)
  int show(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "APP") String app) {
    output.print(connection.open().get(path(app)), AppCommand::describe);
    return 0;
  }

  @Command(
      name = "disable",
      description = "Refuses every call to an app and every new connection.",
      mixinStandardHelpOptions = true)
  int disable(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "APP") String app) {
    return disabled(connection, output, app, true);
  }

  @Command(name = "enable", description = "Ends that.", mixinStandardHelpOptions = true)
  int enable(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "APP") String app) {
    return disabled(connection, output, app, false);
  }

  private static int disabled(Connection connection, Output output, String app, boolean disabled) {
    ObjectNode change = Client.object().put("disabled", disabled);
    output.print(connection.open().patch(path(app), change), AppCommand::line);
    return 0;
  }

  private static String path(String app) {
    return "/v1/apps/" + Client.segment(app);
  }

  private static String describe(JsonNode app) {
    StringBuilder text = new StringBuilder(app.path("id").asText());
    field(text, "disabled", app.path("disabled").asText());
    field(text, "volcengine app id", app.at("/volcengine/appId").asText());
    app.at("/volcengine/accessKeys")
        .forEach(key -> {
          field(text, "access key", key.path("accessKey").asText());
          field(text, "secret key", key.path("secretKey").asText());
        });
    field(text, "tencent sdkappid", app.at("/tencent/sdkAppId").asText());
    field(text, "tencent secret", app.at("/tencent/secretKey").asText());
    field(
        text,
        "administrators",
        app.at("/tencent/administrators")
            .valueStream()
            .map(JsonNode::asText)
            .collect(Collectors.joining(", ")));
    field(
        text,
        "origins",
        app.path("origins").valueStream().map(JsonNode::asText).collect(Collectors.joining(", ")));
    field(
        text,
        "tencent callers",
        app.at("/tencent/callers")
            .valueStream()
            .map(JsonNode::asText)
            .collect(Collectors.joining(", ")));
    field(text, "api key", app.path("apiKey").asText());
    field(text, "device key", app.path("deviceKey").asText());
    app.path("limits").properties().forEach(limit -> limit(text, limit.getKey(), limit.getValue()));
    return text.toString();
  }

  private static void limit(StringBuilder text, String name, JsonNode value) {
    if (value.isObject()) {
      value.properties().forEach(part -> limit(text, name + "." + part.getKey(), part.getValue()));
    } else {
      field(text, name, value.asText());
    }
  }

  private static void field(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(System.lineSeparator()).append("  %-27s ".formatted(name)).append(value);
    }
  }

  /// What the vendors know an app by.
  static final class Numbers {
    @Option(names = "--volcengine-app-id", paramLabel = "N", description = "Volcengine AppId")
    @Nullable Long volcengineAppId;

    @Option(names = "--tencent-sdkappid", paramLabel = "N", description = "Tencent SDKAppID")
    @Nullable Long tencentSdkAppId;

    @Option(
        names = "--administrator",
        paramLabel = "NAME",
        description = "Tencent administrator; repeatable")
    List<String> administrators = List.of();

    @Option(
        names = "--tencent-caller",
        paramLabel = "NETWORK",
        description = "Address or network that may call the Tencent dialect, or any; repeatable")
    List<String> tencentCallers = List.of();

    @Option(
        names = "--limits-profile",
        paramLabel = "PROFILE",
        description = "documented, strict or open")
    @Nullable String limitsProfile;

    @Option(
        names = "--origin",
        paramLabel = "ORIGIN",
        description =
            "Web origin whose pages may connect devices, such as https://app.example.com; * is any;"
                + " repeatable, replaces all; none takes all away")
    List<String> origins = List.of();

    Numbers() {}

    ObjectNode body() {
      ObjectNode body = Client.object();
      if (volcengineAppId != null) {
        body.withObject("/volcengine").put("appId", volcengineAppId);
      }
      if (tencentSdkAppId != null) {
        body.withObject("/tencent").put("sdkAppId", tencentSdkAppId);
      }
      if (!administrators.isEmpty()) {
        ArrayNode list = body.withObject("/tencent").putArray("administrators");
        administrators.forEach(list::add);
      }
      if (!tencentCallers.isEmpty()) {
        ArrayNode list = body.withObject("/tencent").putArray("callers");
        tencentCallers.stream().filter(network -> !network.equals("any")).forEach(list::add);
      }
      if (limitsProfile != null) {
        body.put("limitsProfile", limitsProfile);
      }
      if (!origins.isEmpty()) {
        ArrayNode list = body.putArray("origins");
        origins.stream().filter(origin -> !origin.equals("none")).forEach(list::add);
      }
      return body;
    }
  }

  @Command(
      name = "create",
      description = "Makes an app and shows its secrets, once. What is not given is made.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin Connection connection = new Connection();
    @Mixin Output output = new Output();
    @Mixin Numbers numbers = new Numbers();

    @Parameters(paramLabel = "APP", description = "a-z, 0-9 and -")
    String id = "";

    @Option(names = "--access-key", paramLabel = "AK", description = "With --secret-key-file")
    @Nullable String accessKey;

    @Option(names = "--secret-key-file", paramLabel = "FILE", description = "Its secret key")
    @Nullable String secretKeyFile;

    @Option(names = "--tencent-secret-file", paramLabel = "FILE", description = "Its secret key")
    @Nullable String tencentSecretFile;

    Create() {}

    @Override
    public Integer call() {
      ObjectNode body = numbers.body().put("id", id);
      if ((accessKey == null) != (secretKeyFile == null)) {
        throw CliException.badUsage("--access-key and --secret-key-file go together");
      }
      if (accessKey != null && secretKeyFile != null) {
        body.withObject("/volcengine")
            .putArray("accessKeys")
            .addObject()
            .put("accessKey", accessKey)
            .put("secretKey", SecretFile.read(secretKeyFile));
      }
      if (tencentSecretFile != null) {
        body.withObject("/tencent").put("secretKey", SecretFile.read(tencentSecretFile));
      }
      output.print(connection.open().post("/v1/apps", body), AppCommand::describe);
      return 0;
    }
  }

  @Command(
      name = "set",
      description = "Changes what is given about an app.",
      mixinStandardHelpOptions = true)
  static final class Set implements Callable<Integer> {
    @Mixin Connection connection = new Connection();
    @Mixin Output output = new Output();
    @Mixin Numbers numbers = new Numbers();

    @Parameters(paramLabel = "APP")
    String id = "";

    @Option(
        names = "--limit",
        paramLabel = "NAME=VALUE",
        description = "Such as robots=100 or rates.RegisterUsers=0; repeatable")
    Map<String, String> limits = new LinkedHashMap<>();

    Set() {}

    @Override
    public Integer call() {
      Client client = connection.open();
      ObjectNode change = limits();
      JsonNode app = client.patch(path(id), numbers.body());
      if (!change.isEmpty()) {
        client.patch(path(id) + "/limits", change);
        app = client.get(path(id));
      }
      output.print(app, AppCommand::describe);
      return 0;
    }

    private ObjectNode limits() {
      ObjectNode body = Client.object();
      limits.forEach((name, value) -> {
        int dot = name.indexOf('.');
        ObjectNode object =
            dot < 0 ? body : body.withObject("/" + name.substring(0, dot).replace("/", "~1"));
        object.set(name.substring(dot + 1), Client.scalar(value));
      });
      return body;
    }
  }
}
