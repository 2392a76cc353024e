package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.crash.ChaosLoad.Change;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.TopicRecord;
import dev.fanfare.schema.MemberChange;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Holds what callers were told against the journal and against the state of every node.
record ChaosAudit(ChaosLoad load, ChaosFaults faults) {
  /// For the way from a caller to a node, on a machine that has too much to do.
  private static final Duration ON_THE_WAY = Duration.ofSeconds(2);

  private static final Duration READ_WITHIN = Duration.ofMinutes(1);

  /// The entries that took effect: which change, and when the broker stamped them.
  private static Map<String, List<Long>> effects(KafkaBrokers brokers, String topic) {
    Map<String, List<Long>> effects = new HashMap<>();
    TopicRecord.each(
        brokers,
        topic,
        record -> {
          if (record.takesEffect()) {
            for (MemberChange change : record.command().getChangeMembers().getChangesList()) {
              String tags = String.join(",", change.getUpdate().getAddTagsList());
              String key = change.getId() + " " + tags;
              effects.computeIfAbsent(key, _ -> new ArrayList<>()).add(record.stamp());
            }
          }
        });
    return effects;
  }

  /// What all nodes show, which has to be the same.
  static Set<String> state(ClusterNodes nodes) throws IOException, InterruptedException {
    String first = export(nodes.api(0));
    for (int node = 1; node < ClusterNodes.COUNT; node++) {
      List<String> lines = export(nodes.api(node)).lines().toList();
      assertThat(lines).as("node %d", node).isEqualTo(first.lines().toList());
    }
    Set<String> keys = new HashSet<>();
    for (String line : first.lines().toList()) {
      JsonNode member = Api.JSON.readTree(line);
      keys.add(member.path("id").asText() + " ");
      for (JsonNode tag : member.path("tags")) {
        keys.add(member.path("id").asText() + " " + tag.asText());
      }
    }
    return keys;
  }

  /// All members that a node knows, as soon as it is sure to know all.
  private static String export(Api api) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READ_WITHIN.toNanos();
    HttpResponse<String> answer = api.call("GET", "/members:export", "");
    while (answer.statusCode() != 200 || answer.headers().map().containsKey("fanfare-reads")) {
      assertThat(System.nanoTime()).as("a node recovers").isLessThan(deadline);
      Thread.sleep(100);
      answer = api.call("GET", "/members:export", "");
    }
    return answer.body();
  }

  /// What was acknowledged happened once, what was refused did not happen, and what was not
  /// answered happened within its bound or not at all.
  void check(KafkaBrokers brokers, String topic, Set<String> state) {
    Map<String, List<Long>> effects = effects(brokers, topic);
    int late = 0;
    for (Change change : load.changes()) {
      List<Long> stamps = effects.getOrDefault(change.key(), List.of());
      assertThat(state.contains(change.key()))
          .as("%s, in the journal %s, is in the state", change, stamps)
          .isEqualTo(!stamps.isEmpty());
      switch (change.answer()) {
        case DONE -> assertThat(stamps).as("%s", change).hasSize(1);
        case NOTHING_DONE -> assertThat(stamps).as("%s", change).isEmpty();
        case UNKNOWN -> assertThat(stamps).as("%s", change).hasSizeLessThan(2);
        case NOT_FOUND -> throw new AssertionError("a member has gone: " + change);
      }
      long bound =
          faults.readBy(change.node(), change.called())
              + ChaosLoad.BOUND.plus(ON_THE_WAY).toMillis();
      assertThat(stamps).as("%s has to be before %d", change, bound).allMatch(at -> at <= bound);
      late += change.answer() == Reply.Answer.UNKNOWN && !stamps.isEmpty() ? 1 : 0;
    }
    System.out.printf("ClusterChaosIT: %d unanswered changes took effect%n", late);
  }
}
