package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Standing;
import dev.fanfare.member.Member;
import dev.fanfare.schema.Format;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// The commands about what became of pushes: counters, losses, and one account's trace.
///
/// All of it is read from the counters and bits that every broadcast has. Everything is an online
/// push without a vendor's platform.
final class PushStatistics {
  private static final int ONLINE_PUSH = 2;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private final State state;
  private final Clock wall;

  /// @param wall judges the age of a task
  PushStatistics(State state, Clock wall) {
    this.state = state;
    this.wall = wall;
  }

  /// How many accounts the tasks were for, how many were reached, acknowledged and opened.
  Answer counters(Call call) {
    return results(call, Size.TENCENT_STATISTICS_DAYS, PushStatistics::count);
  }

  /// How many accounts the tasks lost on the way, and why.
  Answer losses(Call call) {
    return results(call, Size.TENCENT_LOSS_DAYS, PushStatistics::lose);
  }

  /// One result for each task that was asked for and started in the time; without a task one for
  /// all of them together.
  private Answer results(Call call, Size days, BiConsumer<ObjectNode, Counts> describe) {
    Period period = Period.of(call, days);
    List<String> tasks = tasks(call);
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode results = result.putArray("Results");
    if (tasks.isEmpty()) {
      describe.accept(results.addObject().put("TaskID", ""), overall(call, period));
    }
    for (String task : tasks) {
      Task.find(state.broadcasts(), call.app(), task)
          .filter(sent -> period.contains(sent.started()))
          .ifPresent(
              sent -> describe.accept(results.addObject().put("TaskID", task), Counts.of(sent)));
    }
    return Answer.ok(result);
  }

  private static List<String> tasks(Call call) {
    List<JsonNode> asked =
        call.body().has("TaskID") ? call.body().array("TaskID", TencentError.BAD_JSON) : List.of();
    int most = call.most(Size.TENCENT_STATISTICS_TASKS);
    if (asked.size() > most) {
      throw TencentError.BAD_JSON.with("TaskID must have at most " + most + " elements");
    }
    return TagRules.texts("TaskID", asked);
  }

  /// What all tasks that were sent in this dialect in a time come to together.
  private Counts overall(Call call, Period period) {
    int most = call.most(Size.TENCENT_COUNTED_TASKS);
    List<Counts> counted = new ArrayList<>();
    int[] seen = {0};
    state
        .broadcasts()
        .newest(
            call.app().number(),
            Long.MAX_VALUE,
            sent -> {
              if (sent.created() < period.fromMillis()) {
                return false;
              }
              if (++seen[0] > most) {
                throw TencentError.BAD_JSON.with("there are more than " + most + " tasks since");
              }
              if (sent.format() == Format.TENCENT && period.contains(sent.started())) {
                counted.add(Counts.of(sent));
              }
              return true;
            });
    return counted.stream().reduce(new Counts(0, 0, 0, 0, 0), Counts::plus);
  }

  /// How far tasks came, in accounts.
  private record Counts(long recipients, long released, long reached, long delivered, long read) {

    static Counts of(Broadcast sent) {
      Broadcast.Counters counters = sent.counters();
      return new Counts(
          counters.recipients(),
          counters.released(),
          counters.reached(),
          counters.delivered(),
          counters.read());
    }

    Counts plus(Counts other) {
      return new Counts(
          recipients + other.recipients,
          released + other.released,
          reached + other.reached,
          delivered + other.delivered,
          read + other.read);
    }
  }

  private static void count(ObjectNode result, Counts counts) {
    putCounts(result, counts);
    putCounts(onPlatform(result.putArray("PlatformStatistics")), counts);
  }

  private static void putCounts(ObjectNode result, Counts counts) {
    result
        .put("TotalCount", counts.recipients())
        .put("SentCount", counts.reached())
        .put("DeliveredCount", counts.delivered())
        .put("ClickCount", counts.read());
  }

  private static ObjectNode onPlatform(ArrayNode platforms) {
    return platforms.addObject().put("EventType", ONLINE_PUSH).put("PushPlatform", 0);
  }

  private static void lose(ObjectNode result, Counts counts) {
    List<Loss> before =
        List.of(
            new Loss("-1", counts.released() - counts.reached(), "not connected"),
            new Loss("-2", counts.recipients() - counts.released(), "not released"));
    List<Loss> after =
        List.of(new Loss("-3", counts.reached() - counts.delivered(), "not acknowledged"));
    before.forEach(loss -> loss.put(result.withArray("ReadyToSendLoss")));
    after.forEach(loss -> loss.put(result.withArray("PostSendDeliveredLoss")));
    before.forEach(loss -> loss.putOnPlatform(result.withArray("PlatformReadyToSendLoss")));
    after.forEach(loss -> loss.putOnPlatform(result.withArray("PlatformPostSendDeliveredLoss")));
  }

  /// Accounts that a task did not get further with, for one reason.
  private record Loss(String code, long accounts, String why) {
    void put(ArrayNode losses) {
      if (accounts > 0) {
        describe(losses.addObject());
      }
    }

    void putOnPlatform(ArrayNode losses) {
      if (accounts > 0) {
        describe(onPlatform(losses));
      }
    }

    private void describe(ObjectNode loss) {
      loss.put("ErrCode", code).put("ErrCount", accounts).put("ErrInfo", why);
    }
  }

  /// How far a task came with one account: nothing while it was not reached. There is one entry for
  /// all its devices.
  Answer trace(Call call) {
    String taskId = call.body().requiredText("TaskID", TencentError.BAD_JSON);
    String account = call.body().requiredText("UserID", TencentError.BAD_JSON);
    Duration back = Duration.ofDays(call.most(Size.TENCENT_LOSS_DAYS));
    Broadcast sent =
        Task.find(state.broadcasts(), call.app(), taskId)
            .filter(found -> found.started() > 0)
            .filter(found -> found.started() >= wall.instant().minus(back).toEpochMilli())
            .orElseThrow(() ->
                TencentError.NO_SUCH_TASK.with(
                    "no task of the last " + back.toDays() + " days has this TaskID"));
    Optional<Member> member =
        call.canName(account) ? state.member(call.app(), account) : Optional.empty();
    int ordinal =
        member
            .map(Member::ordinal)
            .orElseThrow(() -> TencentError.NO_SUCH_ACCOUNTS.with("the account does not exist"));
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode traces = result.putArray("InstanceTrace");
    Standing standing = state.broadcasts().standing(sent.number(), ordinal);
    if (standing.reached()) {
      ZoneOffset zone = ZoneOffset.ofTotalSeconds(call.app().limits().getDayOffsetSeconds());
      Instant started = Instant.ofEpochMilli(sent.started());
      traces
          .addObject()
          .put("InstanceId", "")
          .put("PushTime", TIME.format(started.atOffset(zone)))
          .put("EventType", ONLINE_PUSH)
          .put("PushPlatform", 0)
          .put("PushStage", standing.read() ? 3 : standing.delivered() ? 2 : 1);
    }
    return Answer.ok(result);
  }

  /// A time that a request asks about, both ends included, to the second.
  private record Period(long fromMillis, long toMillis) {
    private static final long MOST_SECONDS = 1L << 40;

    /// @param days how long it may be
    static Period of(Call call, Size days) {
      long from = seconds(call.body(), "StartTime");
      long to = seconds(call.body(), "EndTime");
      int most = call.most(days);
      if (to < from || to - from > Duration.ofDays(most).toSeconds()) {
        throw TencentError.BAD_JSON.with(
            "EndTime must be after StartTime, by at most " + most + " days");
      }
      return new Period(from * 1_000, to * 1_000 + 999);
    }

    private static long seconds(Fields body, String name) {
      return body.field(name)
          .filter(JsonNode::isIntegralNumber)
          .filter(JsonNode::canConvertToLong)
          .map(JsonNode::longValue)
          .filter(value -> value >= 0 && value <= MOST_SECONDS)
          .orElseThrow(() -> TencentError.BAD_JSON.with(name + " must be seconds since the epoch"));
    }

    /// @param millis since the epoch, 0 for never
    boolean contains(long millis) {
      return millis > 0 && fromMillis <= millis && millis <= toMillis;
    }
  }
}
