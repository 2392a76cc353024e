import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A running server on this machine, as its data directory describes it: addresses from
/// `ready.json`, keys of the first app from `credentials.json`.
///
/// @param volcengineApp the number by which the Volcengine dialect knows the app
record Node(
    String host,
    int port,
    String app,
    String apiKey,
    String deviceKey,
    long volcengineApp,
    String accessKey,
    String secretKey) {

  static Node read(Path data) throws IOException {
    String ready = Files.readString(data.resolve("ready.json"));
    String credentials = Files.readString(data.resolve("credentials.json"));
    Matcher api = find(ready, "\"api\"\\s*:\\s*\"http://([^\"/]+):([0-9]+)\"");
    String volcengine = find(credentials, "\"volcengine\"\\s*:\\s*(\\{[^}]*})").group(1);
    return new Node(
        api.group(1),
        Integer.parseInt(api.group(2)),
        text(credentials, "id"),
        text(credentials, "apiKey"),
        text(credentials, "deviceKey"),
        Long.parseLong(find(volcengine, "\"appId\"\\s*:\\s*([0-9]+)").group(1)),
        text(volcengine, "accessKey"),
        text(volcengine, "secretKey"));
  }

  Connection connect() throws IOException {
    return new Connection(host, port);
  }

  /// The header by which the native API knows who calls.
  String authorization() {
    return "Authorization: Bearer " + apiKey + "\r\n";
  }

  /// Calls the native API and returns the body of the answer.
  ///
  /// @param path below the app, such as `members:batch`
  /// @throws IllegalStateException when it was refused
  String call(Connection connection, String method, String path, String json) throws IOException {
    Connection.Answer answer =
        connection.call(
            method,
            "/v1/apps/" + app + "/" + path,
            authorization(),
            json.getBytes(StandardCharsets.UTF_8));
    if (answer.status() / 100 != 2) {
      throw new IllegalStateException(method + " " + path + " was refused: " + answer);
    }
    return answer.body();
  }

  /// How many members an audience matches now.
  ///
  /// @param audience JSON
  long count(Connection connection, String audience) throws IOException {
    String answer = call(connection, "POST", "audience:count", "{\"audience\":" + audience + "}");
    return Long.parseLong(find(answer, "\"matched\"\\s*:\\s*([0-9]+)").group(1));
  }

  private static String text(String json, String name) {
    return find(json, "\"" + name + "\"\\s*:\\s*\"([^\"\\\\]+)\"").group(1);
  }

  private static Matcher find(String json, String expression) {
    Matcher matcher = Pattern.compile(expression).matcher(json);
    if (!matcher.find()) {
      throw new IllegalStateException("nothing matches " + expression);
    }
    return matcher;
  }
}
