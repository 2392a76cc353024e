package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands about broadcasts, in this process and against the packaged server.
final class BroadcastCommandsIT {
  @TempDir Path data;

  private PackagedServer server;
  private String err = "";

  BroadcastCommandsIT() {}

  @BeforeEach
  void start() {
    server = PackagedServer.start(data, "--dev");
    for (int i = 0; i < 4; i++) {
      fanfare(0, "member", "set", "m" + i, "--tag", "t" + i % 2);
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// What a command prints when it ends with this code.
  private String fanfare(int expected, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = data.toString();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(errors, true), all);
    err = errors.toString();
    assertThat(code).as("%s", err).isEqualTo(expected);
    return out.toString();
  }

  private String send(String... more) {
    String[] all = Arrays.copyOf(new String[] {"send", "--text", "hello"}, 3 + more.length);
    System.arraycopy(more, 0, all, 3, more.length);
    return fanfare(0, all).lines().findFirst().orElseThrow();
  }

  @Test
  void broadcast_is_listed_shown_watched_and_recalled() {
    String first = send("--audience", "tag:t0");
    String second = send("--audience", "everyone", "--yes");
    assertThat(fanfare(0, "broadcast", "list").lines())
        .hasSize(2)
        .first()
        .asString()
        .contains(second, "completed", "4 recipients", "to everyone");
    assertThat(fanfare(0, "broadcast", "list", "--limit", "1").lines()).hasSize(1);
    assertThat(fanfare(0, "broadcast", "show", first)).contains("to        tag:t0", "2 released");
    assertThat(fanfare(0, "broadcast", "show", first, "--json").lines()).hasSize(1);
    assertThat(fanfare(0, "broadcast", "recipients", first).lines()).containsExactly("m0", "m2");
    fanfare(0, "member", "remove", "m2");
    assertThat(fanfare(0, "broadcast", "recipients", first, "--status", "unreached").lines())
        .containsExactly("m0", "m2 (removed)");
    assertThat(fanfare(0, "broadcast", "recall", first)).startsWith("recalled: 2 recipients");
    assertThat(fanfare(0, "broadcast", "watch", first).lines())
        .containsExactly("recalled: 2 recipients, 2 released, 0 reached, 0 delivered, 0 read");
    assertThat(fanfare(0, "broadcast", "watch", first, "--json")).contains("\"released\":2");
    fanfare(3, "broadcast", "pause", first);
    assertThat(err).isEqualTo("fanfare: illegal_transition: the broadcast is recalled\n");
    fanfare(3, "broadcast", "show", "b-none");
    assertThat(err).contains("broadcast_not_found");
  }

  @Test
  void scheduled_one_is_paced_and_cancelled() {
    String id = send("--audience", "tag:t0", "--at", "2030-01-01T00:00:00Z", "--ttl", "60");
    assertThat(fanfare(0, "broadcast", "pace", id, "7")).startsWith("scheduled for 2030-01-01");
    assertThat(fanfare(0, "broadcast", "show", id)).contains("pace      7");
    assertThat(fanfare(0, "broadcast", "pace", id, "all")).startsWith("scheduled for 2030-01-01");
    assertThat(fanfare(0, "broadcast", "show", id)).contains("pace      all at once");
    assertThat(fanfare(0, "broadcast", "cancel", id)).startsWith("cancelled");
    assertThat(fanfare(0, "broadcast", "list", "--state", "cancelled")).contains(id);
    fanfare(3, "broadcast", "resume", id);
  }

  @Test
  void everyone_is_asked_for_and_a_repeated_send_is_one() {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("no\n".getBytes(StandardCharsets.UTF_8)));
    try {
      fanfare(1, "send", "--text", "x", "--audience", "everyone");
    } finally {
      System.setIn(before);
    }
    assertThat(err).contains("to 4 members: everyone", "not sent; --yes sends without asking");
    assertThat(fanfare(0, "broadcast", "list")).isEmpty();
    String first = send("--audience", "tag:t1", "--idempotency-key", "k");
    assertThat(send("--audience", "tag:t1", "--idempotency-key", "k")).isEqualTo(first);
  }

  @Test
  void why_and_explain_say_it_in_words() {
    String id = send("--audience", "tag:t0 and not member:m2");
    assertThat(fanfare(0, "why", id, "m0"))
        .contains("The broadcast was released to m0 at ", "no device of this member");
    assertThat(fanfare(0, "why", id, "m2").lines())
        .containsExactly(
            "m2 was registered, but the audience did not select it: it is in the list of members.",
            "  no   all of",
            "  yes    tag:t0",
            "  no     not",
            "  yes      member:m2");
    assertThat(fanfare(0, "why", id, "m0", "--json"))
        .contains("\"answer\":\"released_not_reached\"");
    assertThat(fanfare(0, "count", "tag:t0 or tag:t1", "--explain", "m1").lines())
        .containsExactly(
            "m1 is selected: tag:t0 or tag:t1",
            "  yes  any of",
            "  no     tag:t0",
            "  yes    tag:t1");
    assertThat(fanfare(0, "count", "tag:t0")).isEqualTo("2 members, 0 online: tag:t0\n");
    fanfare(3, "count", "everyone", "--explain", "nobody");
  }

  @Test
  @Timeout(30)
  void connection_is_listed_and_closed() throws InterruptedException {
    assertThat(fanfare(0, "session", "list", "m0")).isEqualTo("m0 is not connected\n");
    Thread device = Thread.ofVirtual().start(() -> watch("m0"));
    try {
      String line = connectionOf("m0");
      String id = line.substring(0, line.indexOf(' '));
      assertThat(line).contains(" since ", "cli-");
      assertThat(fanfare(0, "session", "close", id)).isEqualTo("closed " + id + "\n");
      while (fanfare(0, "session", "list", "m0").contains(id)) {
        Thread.onSpinWait();
      }
      fanfare(3, "session", "close", id);
      assertThat(err).contains("session_not_found");
      fanfare(3, "session", "list", "nobody");
    } finally {
      device.interrupt();
      device.join();
    }
  }

  private void watch(String member) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Main.run(nowhere, nowhere, "watch", member, "--data", data.toString());
  }

  private String connectionOf(String member) {
    String line = "";
    while (!line.contains(" since ")) {
      line = fanfare(0, "session", "list", member);
    }
    return line;
  }
}
