package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.GoldenFile;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Networks;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.store.BitmapBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

/// Recorded requests and what they are answered with, byte for byte.
///
/// A file has a line that says what it is, lines `# given:` for what is unusual about the server,
/// the request, a line `---`, and the answer. Each is replayed on a fresh server with the accounts
/// `xiaojun012` and `xiaojun013`, the account `full` with 100 tags, the account `long` with a tag
/// over the limit, and the attributes sex, city and country; what fails must have changed nothing.
/// `-Dgolden=write` writes the answers anew, to be read before they are kept.
class TencentGoldenTest {
  static final String LONG_TAG = "标签".repeat(9);
  private static final Path FILES = Path.of("src/test/resources/golden/tencent");

  static List<String> names() {
    return GoldenFile.names(FILES);
  }

  @ParameterizedTest
  @MethodSource("names")
  void a_recorded_request_is_answered_as_recorded(String name) {
    GoldenFile golden = GoldenFile.read(FILES.resolve(name + ".txt"));
    try (TencentServer server = new TencentServer()) {
      prepare(server);
      TencentFace face = prepared(server, golden);
      Map<String, String> before = GoldenFile.contents(server.memory);
      String answer = GoldenFile.text(answered(face, request(golden.request())));
      golden.writeIfAsked(answer);
      assertThat(answer).isEqualTo(golden.answer());
      if (answer.contains("\"ActionStatus\":\"FAIL\"")) {
        assertThat(GoldenFile.contents(server.memory))
            .as("what fails changes nothing")
            .isEqualTo(before);
      }
    }
  }

  private static void prepare(TencentServer server) {
    server.push(
        "im_set_attr_name", "{\"AttrNames\":{\"0\":\"sex\",\"1\":\"city\",\"2\":\"country\"}}");
    server.accounts("xiaojun012", "xiaojun013", "full", "long");
    server.push(
        "im_add_tag", "{\"UserTags\":[{\"To_Account\":\"xiaojun012\",\"Tags\":[\"a\",\"b\"]}]}");
    server.push(
        "im_set_attr",
        "{\"UserAttrs\":[{\"To_Account\":\"xiaojun012\",\"Attrs\":{\"sex\":\"f\",\"city\":\"ny\"}}]}");
    MemberEdit.Builder hundred = MemberEdit.newBuilder();
    IntStream.range(0, 100).forEach(i -> hundred.addAddTags("t" + i));
    server
        .node()
        .propose(
            dev.fanfare.TestNode.change(
                MemberChange.newBuilder().setId("full").setUpdate(hundred),
                MemberChange.newBuilder()
                    .setId("long")
                    .setUpdate(MemberEdit.newBuilder().addAddTags(LONG_TAG))));
  }

  /// Makes the server as unusual as the recording wants it.
  private static TencentFace prepared(TencentServer server, GoldenFile golden) {
    TencentFace.Settings settings = TencentServer.SETTINGS;
    Journal journal = server.journal();
    boolean spent = false;
    for (String given : golden.givens()) {
      String[] words = given.split(" ", 3);
      switch (words[0]) {
        case "limit" -> server.limit(words[1], words[2]);
        case "before" ->
            assertThat(server.answer(words[1], words[2])).as(given).contains("\"ErrorCode\":0");
        case "disabled" -> server.change(ChangeApp.newBuilder().setDisabled(true));
        case "callers" ->
            server.change(
                ChangeApp.newBuilder()
                    .setTencentCallers(Networks.newBuilder().addNetworks(words[1])));
        case "online" ->
            server.connections.add(
                new Presence.Connection(words[1], "18c2a-7", "7", words[2], TencentServer.NOW));
        case "full-disk" -> {
          server.memory.setFreeBytes(0);
          server.restart();
          journal = server.journal();
        }
        case "later" -> server.clock.advance(Duration.ofSeconds(Long.parseLong(words[1])));
        case "receipts" -> report(server, words[1], words[2]);
        case "secret" -> server.useAnotherSecret();
        case "spent" -> spent = true;
        case "unknown" ->
            journal = PlantedJournal.failing(() -> new OutcomeUnknownException("Kafka is away"));
        case "bug" -> journal = PlantedJournal.failing(() -> new IllegalStateException("a bug"));
        case "badSignatures" ->
            settings = new TencentFace.Settings(1 << 20, Integer.parseInt(words[1]));
        default -> throw new IllegalArgumentException(given);
      }
    }
    TencentFace face = server.face(journal, settings);
    if (spent) {
      assertThat(GoldenFile.text(face.answer(request(golden.request()))))
          .contains("\"ErrorCode\":0");
    }
    for (int i = 0; i < settings.badSignatures(); i++) {
      Response refused =
          face.answer(
              TencentServer.request(
                  request(golden.request()).path(),
                  TencentServer.query().replace("eJw1", "eJw2"),
                  "{}"));
      assertThat(GoldenFile.text(refused)).contains("7000");
    }
    return face;
  }

  /// Has a member's device report the newest broadcast.
  private static void report(TencentServer server, String account, String what) {
    int ordinal = server.member(server.app(), account).orElseThrow().ordinal();
    ByteString bits = ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.bitmapOf(ordinal)));
    ReceiptChunk.Builder chunk = ReceiptChunk.newBuilder().setReached(bits);
    server
        .broadcasts()
        .newest(
            server.app().number(),
            Long.MAX_VALUE,
            sent -> {
              chunk.setBroadcast(sent.number());
              return false;
            });
    switch (what) {
      case "reached" -> {}
      case "delivered" -> chunk.setDelivered(bits);
      case "read" -> chunk.setRead(bits);
      default -> throw new IllegalArgumentException(what);
    }
    Receipts receipts = Receipts.newBuilder().addChunks(chunk).build();
    server.node().propose(Command.newBuilder().setApp(1).setReceipts(receipts).build());
  }

  /// As the edge does it: what a face throws, it answers itself.
  private static Response answered(TencentFace face, Request request) {
    try {
      return face.answer(request);
    } catch (RuntimeException e) {
      return face.failure(request, e);
    }
  }

  private static Request request(List<String> lines) {
    String[] line = lines.getFirst().split("[ ?]", -1);
    String body = String.join("\n", lines.subList(2, lines.size()));
    return new Request(
        line[0],
        line[1],
        line.length > 2 ? line[2] : "",
        Map.of(),
        body.getBytes(StandardCharsets.UTF_8),
        "127.0.0.1");
  }
}
