package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.PackagedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The official Node SDK against the packaged server, every action once. npm installs it below
/// `target/`, from its cache when there is no network; without Node and npm, or when the SDK cannot
/// be had, the test is skipped and says so.
@Timeout(240)
class VolcengineNodeSdkIT {
  private static final String SDK = "@volcengine/openapi@1.36.2";
  private static final Path HOME = Path.of("target", "volcengine-node-sdk").toAbsolutePath();
  private static final Path SCRIPT =
      Path.of("src/test/resources/dev/fanfare/volcengine/node-client.cjs").toAbsolutePath();
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path data;

  @Test
  void every_action_of_the_node_sdk() throws Exception {
    Path sdk = installed();
    try (PackagedServer server = PackagedServer.start(data)) {
      for (String sessionToken : List.of("", "ignored")) {
        JsonNode answers = run(server, sdk, sessionToken);
        assertThat(answers).hasSize(11);
        for (int i = 0; i < 9; i++) {
          assertThat(answers.get(i).has("Result")).as("%s", answers.get(i)).isTrue();
          assertThat(answers.get(i).at("/ResponseMetadata").has("Error")).isFalse();
        }
        check(answers);
      }
    }
  }

  private static void check(JsonNode answers) {
    JsonNode failed = answers.at("/0/Result/FailedInfos");
    assertThat(failed).hasSize(1);
    assertThat(failed.at("/0/UserId").textValue()).isEqualTo("20002");
    assertThat(failed.at("/0/Code").asText()).isEqualTo("InvalidParam");
    assertThat(answers.at("/1/Result/Users/0/NickName").asText()).isEqualTo("用户 😀");
    assertThat(answers.at("/1/Result/Users/0/Ext/key").asText()).isEqualTo("值");
    assertThat(answers.at("/1/Result/NotFoundUsers/0").asLong()).isEqualTo(20_002);
    assertThat(answers.at("/2/Result/FailedInfos")).isEmpty();
    assertThat(answers.at("/3/Result")).isEmpty();
    assertThat(answers.at("/4/Result")).isEmpty();
    assertThat(answers.at("/5/Result/Token").asText()).contains(".");
    assertThat(answers.at("/6/Result/QueryOnlineResults")).isEmpty();
    assertThat(answers.at("/7/Result/Users/0/NickName").asText()).isEqualTo("new");
    assertThat(answers.at("/7/Result/Users/0/Tags").toString()).isEqualTo("[\"node\",\"more\"]");
    assertThat(answers.at("/8/Result/FailedInfos/0/Code").asText()).isEqualTo("UserNotFound");
    assertThat(answers.at("/9/ResponseMetadata/Error/Code").asText()).isEqualTo("InvalidParam");
    assertThat(answers.at("/10/ResponseMetadata/Error/CodeN").asInt()).isEqualTo(100_010);
  }

  private JsonNode run(PackagedServer server, Path sdk, String sessionToken) throws Exception {
    SignedClient client = new SignedClient(server);
    Path answers = data.resolve("answers.json");
    Path errors = data.resolve("errors.txt");
    Process node =
        new ProcessBuilder(
                "node",
                SCRIPT.toString(),
                sdk.toString(),
                "127.0.0.1:" + server.apiPort(),
                client.signer().accessKey(),
                client.signer().secretKey(),
                Integer.toString(client.appId()),
                sessionToken)
            .redirectOutput(answers.toFile())
            .redirectError(errors.toFile())
            .start();
    assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(node.exitValue()).as(Files.readString(errors)).isZero();
    return JSON.readTree(Files.readAllBytes(answers));
  }

  /// The directory of the SDK.
  private static Path installed() throws Exception {
    assumeTrue(succeeds("node", "--version"), "skipped: there is no Node.js on this machine");
    assumeTrue(succeeds("npm", "--version"), "skipped: there is no npm on this machine");
    Path sdk = HOME.resolve("node_modules/@volcengine/openapi");
    if (!Files.exists(sdk.resolve("lib/index.js"))) {
      Files.createDirectories(HOME);
      Files.writeString(HOME.resolve("package.json"), "{\"private\":true}\n");
      boolean had =
          succeeds(
              "npm",
              "install",
              "--prefer-offline",
              "--ignore-scripts",
              "--no-audit",
              "--no-fund",
              SDK);
      assumeTrue(had, "skipped: npm could not install " + SDK + ", see " + HOME.resolve("npm.log"));
    }
    return sdk;
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Files.createDirectories(HOME);
      Process process =
          new ProcessBuilder(command)
              .directory(HOME.toFile())
              .redirectErrorStream(true)
              .redirectOutput(HOME.resolve("npm.log").toFile())
              .start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
