package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.history.Asked;
import dev.fanfare.volcengine.SignedClient;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/// What callers ask for meanwhile: members, each registered and tagged by calls to any node in any
/// dialect, and broadcasts, of which some are paced. Any thread.
final class ChaosLoad {
  /// What has not taken effect so long after its call never will.
  static final Duration BOUND = Duration.ofSeconds(5);

  private static final int TAGS = 3;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(90);
  private static final long FIRST_MEMBER = 1_000_000_000L;
  private static final int PER_CALLER = 1_000_000;

  private final ClusterNodes nodes;
  private final Duration betweenBroadcasts;
  private final List<List<Dialect>> dialects = new ArrayList<>();
  private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Integer> sent = new ConcurrentHashMap<>();
  private final Map<String, Integer> ids = new ConcurrentHashMap<>();
  private volatile boolean stopping;
  private volatile long giveUpNanos;

  /// A change that was asked for.
  ///
  /// @param tag that it adds; empty when it registers
  /// @param called milliseconds since the epoch
  record Change(String member, String tag, int node, long called, Reply.Answer answer) {
    String key() {
      return member + " " + tag;
    }
  }

  ChaosLoad(ClusterNodes nodes, Duration betweenBroadcasts) {
    this.nodes = nodes;
    this.betweenBroadcasts = betweenBroadcasts;
    for (int node = 0; node < ClusterNodes.COUNT; node++) {
      JsonNode app = nodes.server(node).credentials().path("apps").path(0);
      Api api = nodes.api(node);
      dialects.add(
          List.of(
              new NativeDialect(api),
              new VolcengineDialect(new SignedClient(api::port, app)),
              new TencentDialect(api, app)));
    }
  }

  /// What was asked for, with its answers.
  List<Change> changes() {
    return List.copyOf(changes);
  }

  /// Numbers of the broadcasts to a group, all of which were acknowledged.
  List<Integer> sentTo(int group) {
    return sent.entrySet().stream()
        .filter(entry -> entry.getValue() == group)
        .map(Map.Entry::getKey)
        .sorted()
        .collect(Collectors.toList());
  }

  /// Begins nothing more.
  void stop() {
    giveUpNanos = System.nanoTime() + ANSWERED_WITHIN.toNanos();
    stopping = true;
  }

  /// Registers members of its own, one after the other, and tags them.
  Void register(SplittableRandom random, int caller) throws InterruptedException {
    for (int n = 0; !stopping; n++) {
      String member = Long.toString(FIRST_MEMBER + (long) caller * PER_CALLER + n);
      boolean done = change(random, member, "") == Reply.Answer.DONE;
      for (int tag = 0; done && tag < TAGS && !stopping; tag++) {
        change(random, member, "tag" + tag);
      }
    }
    return null;
  }

  private Reply.Answer change(SplittableRandom random, String member, String tag)
      throws InterruptedException {
    int node = random.nextInt(ClusterNodes.COUNT);
    Dialect dialect = dialects.get(node).get(random.nextInt(3));
    Asked registration =
        dialect instanceof NativeDialect
            ? new Asked.Put("n")
            : new Asked.Register(Optional.of("n"), Optional.empty());
    long called = System.currentTimeMillis();
    Reply.Answer answer =
        dialect.change(member, tag.isEmpty() ? registration : new Asked.AddTag(tag));
    changes.add(new Change(member, tag, node, called, answer));
    Thread.sleep(PAUSE);
    return answer;
  }

  /// Sends broadcasts over one node, by turns to either group, every third at a pace.
  ///
  /// @param pace recipients a second
  Void send(int node, int pace) throws IOException, InterruptedException {
    for (int n = 0; !stopping; n++) {
      int number = node * PER_CALLER + n;
      String body =
          "{\"audience\":\"tag:group%d\",\"ttlSeconds\":7200,\"message\":{\"body\":{\"number\":%d}}%s}"
              .formatted(n % 2, number, n % 3 == 0 ? ",\"pacePerSecond\":" + pace : "");
      String id = Api.JSON.readTree(insist(node, body, "send-" + number)).path("id").asText();
      sent.put(number, n % 2);
      if (ids.put(id, number) != null) {
        throw new AssertionError("two sends have the id " + id);
      }
      Thread.sleep(betweenBroadcasts);
    }
    return null;
  }

  /// Repeats a send until it is acknowledged: nodes die under it and Kafka goes away.
  private String insist(int node, String body, String key) throws InterruptedException {
    while (!stopping || System.nanoTime() < giveUpNanos) {
      try {
        HttpResponse<String> answer =
            nodes.api(node).call("POST", "/broadcasts", body, "Idempotency-Key", key);
        if (answer.statusCode() / 100 == 2) {
          return answer.body();
        }
        if (answer.statusCode() != 503) {
          throw new AssertionError("answered " + answer.statusCode() + " " + answer.body());
        }
      } catch (IOException _) {
        // It is there again soon.
      }
      Thread.sleep(PAUSE);
    }
    throw new AssertionError("node " + node + " does not recover");
  }
}
