package dev.fanfare.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The JavaScript client in Node.js, over WebSocket, and its own tests. Before Node 22 there is no
/// WebSocket in Node: npm installs one below `target/`, from its cache when there is no network.
/// Without Node, or without that package, the tests are skipped and say so.
final class NodeClientIT extends DeviceClientContract {
  private static final String WS = "ws@8.18.3";
  private static final Path HOME = Path.of("target", "clients-js").toAbsolutePath();
  private static final Path CLIENT = Path.of("clients", "js").toAbsolutePath();

  @Override
  List<String> command(String collector, Path home) throws Exception {
    return node(collector, home);
  }

  static List<String> node(String collector, Path home) throws Exception {
    assumeNode();
    installWebSocket();
    String script = CLIENT.resolve("test/device.js").toString();
    return List.of(
        "node", script, collector, home.resolve("kept.json").toString(), HOME.toString());
  }

  @Test
  void its_own_tests_pass() throws Exception {
    assumeNode();
    List<String> command =
        List.of(
            "node", "--test", CLIENT + "/test/websocket.test.js", CLIENT + "/test/events.test.js");
    boolean passed = Tool.succeeds(HOME, command);
    assertThat(passed).as(Files.readString(HOME.resolve("tool.log"))).isTrue();
  }

  private static void assumeNode() throws InterruptedException {
    List<String> atLeast20 =
        List.of("node", "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)");
    assumeTrue(Tool.succeeds(HOME, atLeast20), "skipped: there is no Node.js 20 on this machine");
  }

  private static void installWebSocket() throws Exception {
    boolean builtIn = Tool.succeeds(HOME, List.of("node", "-e", "WebSocket"));
    if (builtIn || Files.exists(HOME.resolve("node_modules/ws/package.json"))) {
      return;
    }
    Files.writeString(HOME.resolve("package.json"), "{\"private\":true}\n");
    List<String> install =
        List.of(
            "npm",
            "install",
            "--prefer-offline",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            WS);
    assumeTrue(
        Tool.succeeds(HOME, install), "skipped: npm could not install " + WS + ", see " + HOME);
  }
}
