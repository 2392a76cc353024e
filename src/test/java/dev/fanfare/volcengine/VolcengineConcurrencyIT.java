package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.PackagedServer;
import dev.fanfare.history.Asked;
import dev.fanfare.history.Call;
import dev.fanfare.history.Profile;
import dev.fanfare.history.SerialOrders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Thirty-two callers change the same users through all actions at once. For each user there has to
/// be a serial order of the calls, in which one that had ended comes before one that began later,
/// that explains every answer and the state in the end.
///
/// Every value is written once, so that a read says which writes it saw. Callers go in rounds: each
/// makes one call, then all wait and every user is read. `-Dseed=N` replays the calls, though not
/// their timing; `-Dlong=true` makes ten times as many.
@Timeout(600)
class VolcengineConcurrencyIT {
  private static final int CALLERS = 32;
  private static final int USERS = 12;
  private static final long FIRST_USER = 60_000;
  private static final Set<Profile.Part> SHOWN =
      EnumSet.of(Profile.Part.NICK_NAME, Profile.Part.TAGS);

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final int rounds = Boolean.getBoolean("long") ? 400 : 40;

  @TempDir Path data;

  @Test
  void a_serial_order_explains_every_answer_and_the_state_in_the_end() throws Exception {
    List<Optional<Profile>> states = new ArrayList<>(Collections.nCopies(USERS, Optional.empty()));
    SplittableRandom random = new SplittableRandom(seed);
    try (PackagedServer server = PackagedServer.start(data, "--dev");
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      SignedClient client = new SignedClient(server);
      List<Integer> users = IntStream.range(0, USERS).boxed().toList();
      for (int round = 0; round < rounds; round++) {
        List<Callable<List<Observed>>> calls = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
          calls.add(call(client, random.split(), round * CALLERS + caller));
        }
        List<Observed> seen = new ArrayList<>();
        for (Future<List<Observed>> done : callers.invokeAll(calls)) {
          seen.addAll(done.get());
        }
        JsonNode end = client.result("BatchGetUser", ids(users));
        for (int user : users) {
          Optional<Profile> after = profile(end, user);
          List<Call> own = seen.stream().filter(o -> o.user() == user).map(Observed::call).toList();
          SerialOrders orders = new SerialOrders(own, states.get(user));
          assertThat(orders.ends())
              .as(
                  "seed %s round %s user %s from %s: %s",
                  seed, round, user, states.get(user), orders.trouble())
              .contains(after);
          states.set(user, after);
        }
      }
    }
  }

  /// A call as far as it concerns one user.
  private record Observed(int user, Call call) {}

  /// One call, on one to three users.
  ///
  /// @param number of the call; `v` and this number is what it alone writes
  private static Callable<List<Observed>> call(
      SignedClient client, SplittableRandom random, int number) {
    String value = "v" + number;
    List<Integer> users =
        random.ints(0, USERS).distinct().limit(random.nextInt(1, 4)).boxed().toList();
    int kind = random.nextInt(20);
    boolean named = random.nextBoolean();
    Optional<String> nickName = named ? Optional.of(value) : Optional.empty();
    Optional<String> tag = named ? Optional.empty() : Optional.of(value);
    String older = "v" + random.nextInt(number + 1);
    return () ->
        switch (kind) {
          case 0, 1, 2, 3 -> {
            Asked asked = new Asked.Register(nickName, tag);
            yield observe(client, users, "RegisterUsers", items(users, nickName, tag), asked);
          }
          case 4, 5, 6, 7 -> {
            Asked asked = new Asked.Update(nickName, tag);
            yield observe(client, users, "BatchUpdateUser", items(users, nickName, tag), asked);
          }
          case 8, 9, 10 ->
              observe(
                  client,
                  users,
                  "BatchUpdateUserTags",
                  tags(users, 0, value),
                  new Asked.AddTag(value));
          case 11, 12 ->
              observe(
                  client,
                  users,
                  "BatchUpdateUserTags",
                  tags(users, 1, older),
                  new Asked.RemoveTag(older));
          case 13 -> observe(client, users, "UnRegisterUsers", ids(users), new Asked.Unregister());
          case 14 -> {
            client.result("QueryOnlineStatus", ids(users));
            yield List.of();
          }
          case 15 -> {
            client.result(
                "UserBroadcast",
                "\"Sender\":1,\"MsgType\":1,\"Content\":\"c\",\"MsgTTL\":1,\"Tags\":[\"%s\"]"
                    .formatted(value));
            yield List.of();
          }
          case 16 -> {
            client.result("GetAppToken", "\"UserId\":1,\"ExpireTime\":" + Long.MAX_VALUE / 2);
            yield List.of();
          }
          default -> read(client, users);
        };
  }

  private static List<Observed> observe(
      SignedClient client, List<Integer> users, String action, String fields, Asked asked)
      throws Exception {
    long began = System.nanoTime();
    JsonNode result = client.result(action, fields);
    long ended = System.nanoTime();
    Set<Long> failed = new HashSet<>();
    for (JsonNode info : result.path("FailedInfos")) {
      assertThat(info.path("Code").asText()).isEqualTo("UserNotFound");
      failed.add(info.path("UserId").asLong());
    }
    return users.stream()
        .map(user -> {
          Call.Result found =
              failed.contains(FIRST_USER + user) ? Call.Result.REFUSED : Call.Result.DONE;
          return new Observed(user, new Call(asked, found, began, ended));
        })
        .toList();
  }

  private static List<Observed> read(SignedClient client, List<Integer> users) throws Exception {
    long began = System.nanoTime();
    JsonNode result = client.result("BatchGetUser", ids(users));
    long ended = System.nanoTime();
    return users.stream()
        .map(user -> {
          Asked read = new Asked.Read(profile(result, user), SHOWN);
          return new Observed(user, new Call(read, Call.Result.DONE, began, ended));
        })
        .toList();
  }

  private static Optional<Profile> profile(JsonNode result, int user) {
    for (JsonNode found : result.path("Users")) {
      if (found.path("UserId").asLong() == FIRST_USER + user) {
        List<String> tags = found.path("Tags").valueStream().map(JsonNode::asText).toList();
        return Optional.of(new Profile(found.path("NickName").asText(), tags, Optional.empty()));
      }
    }
    return Optional.empty();
  }

  private static String items(
      List<Integer> users, Optional<String> nickName, Optional<String> tag) {
    String fields =
        nickName.map(name -> ",\"NickName\":\"" + name + "\"").orElse("")
            + tag.map(name -> ",\"Tags\":[\"" + name + "\"]").orElse("");
    return users.stream()
        .map(user -> "{\"UserId\":" + (FIRST_USER + user) + fields + "}")
        .collect(Collectors.joining(",", "\"Users\":[", "]"));
  }

  private static String tags(List<Integer> users, int op, String tag) {
    return ids(users) + ",\"Op\":" + op + ",\"Tags\":[\"" + tag + "\"]";
  }

  private static String ids(List<Integer> users) {
    return users.stream()
        .map(user -> Long.toString(FIRST_USER + user))
        .collect(Collectors.joining(",", "\"UserIds\":[", "]"));
  }
}
