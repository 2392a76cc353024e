package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.PackagedServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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
          List<Observed> own = seen.stream().filter(o -> o.user() == user).toList();
          assertThat(new Search(own).from(states.get(user)))
              .as("seed %s round %s user %s: %s then %s", seed, round, user, states.get(user), own)
              .contains(after);
          states.set(user, after);
        }
      }
    }
  }

  @Test
  void the_search_finds_a_planted_stale_read_and_a_lost_update() {
    Observed write =
        new Observed(1, new Asked.Register(Optional.of("v1"), Optional.empty()), true, 0, 10);
    Observed meanwhile = new Observed(1, new Asked.Read(Optional.empty()), true, 5, 30);
    Observed stale = new Observed(1, new Asked.Read(Optional.empty()), true, 20, 30);
    Optional<Profile> written = Optional.of(new Profile("v1", List.of()));
    assertThat(new Search(List.of(write, meanwhile)).from(Optional.empty()))
        .containsExactly(written);
    assertThat(new Search(List.of(write, stale)).from(Optional.empty())).isEmpty();

    Observed a = new Observed(1, new Asked.AddTag("a"), true, 0, 10);
    Observed b = new Observed(1, new Asked.AddTag("b"), true, 0, 10);
    assertThat(new Search(List.of(a, b)).from(written))
        .containsExactlyInAnyOrder(
            Optional.of(new Profile("v1", List.of("a", "b"))),
            Optional.of(new Profile("v1", List.of("b", "a"))));
  }

  /// What a user has that the calls change.
  private record Profile(String nickName, List<String> tags) {}

  /// What a call asked of one user.
  private sealed interface Asked {
    record Register(Optional<String> nickName, Optional<String> tag) implements Asked {}

    record Update(Optional<String> nickName, Optional<String> tag) implements Asked {}

    record AddTag(String tag) implements Asked {}

    record RemoveTag(String tag) implements Asked {}

    record Unregister() implements Asked {}

    record Read(Optional<Profile> found) implements Asked {}
  }

  /// A call as far as it concerns one user.
  ///
  /// @param done whether it succeeded for this user
  private record Observed(int user, Asked asked, boolean done, long began, long ended) {

    /// The state after it; none when this cannot have been its answer.
    List<Optional<Profile>> after(Optional<Profile> before) {
      boolean possible =
          switch (asked) {
            case Asked.Read(var found) -> found.equals(before);
            case Asked.Register _ -> done;
            case Asked.Update _, Asked.AddTag _, Asked.RemoveTag _, Asked.Unregister _ ->
                done == before.isPresent();
          };
      return possible ? List.of(changed(before)) : List.of();
    }

    private Optional<Profile> changed(Optional<Profile> before) {
      return switch (asked) {
        case Asked.Read _ -> before;
        case Asked.Register(var nickName, var tag) ->
            Optional.of(edited(before.orElse(new Profile("", List.of())), nickName, tag));
        case Asked.Update(var nickName, var tag) -> before.map(p -> edited(p, nickName, tag));
        case Asked.AddTag(var tag) -> before.map(p -> withTag(p, tag));
        case Asked.RemoveTag(var tag) -> before.map(p -> withoutTag(p, tag));
        case Asked.Unregister() -> Optional.empty();
      };
    }

    private static Profile edited(Profile old, Optional<String> nickName, Optional<String> tag) {
      return new Profile(nickName.orElse(old.nickName()), tag.map(List::of).orElse(old.tags()));
    }

    private static Profile withTag(Profile old, String tag) {
      List<String> tags = new ArrayList<>(old.tags());
      if (!tags.contains(tag)) {
        tags.add(tag);
      }
      return new Profile(old.nickName(), List.copyOf(tags));
    }

    private static Profile withoutTag(Profile old, String tag) {
      return new Profile(old.nickName(), old.tags().stream().filter(t -> !t.equals(tag)).toList());
    }
  }

  /// The states that some order of a round's calls leads to. It never looks twice at the same calls
  /// in the same state.
  private static final class Search {
    private final List<Observed> calls;
    private final Set<Node> visited = new HashSet<>();
    private final Set<Optional<Profile>> ends = new HashSet<>();

    private record Node(long placed, Optional<Profile> state) {}

    Search(List<Observed> calls) {
      assertThat(calls).hasSizeLessThan(Long.SIZE);
      this.calls = calls;
    }

    Set<Optional<Profile>> from(Optional<Profile> state) {
      from(0, state);
      return ends;
    }

    private void from(long placed, Optional<Profile> state) {
      if (!visited.add(new Node(placed, state))) {
        return;
      }
      if (Long.bitCount(placed) == calls.size()) {
        ends.add(state);
        return;
      }
      for (int i = 0; i < calls.size(); i++) {
        if ((placed & 1L << i) == 0 && mayBeNext(placed, i)) {
          for (Optional<Profile> next : calls.get(i).after(state)) {
            from(placed | 1L << i, next);
          }
        }
      }
    }

    /// Whether every call that ended before this one began is placed.
    private boolean mayBeNext(long placed, int candidate) {
      for (int i = 0; i < calls.size(); i++) {
        boolean open = (placed & 1L << i) == 0;
        if (open && calls.get(i).ended() < calls.get(candidate).began()) {
          return false;
        }
      }
      return true;
    }
  }

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
        .map(user -> new Observed(user, asked, !failed.contains(FIRST_USER + user), began, ended))
        .toList();
  }

  private static List<Observed> read(SignedClient client, List<Integer> users) throws Exception {
    long began = System.nanoTime();
    JsonNode result = client.result("BatchGetUser", ids(users));
    long ended = System.nanoTime();
    return users.stream()
        .map(user -> new Observed(user, new Asked.Read(profile(result, user)), true, began, ended))
        .toList();
  }

  private static Optional<Profile> profile(JsonNode result, int user) {
    for (JsonNode found : result.path("Users")) {
      if (found.path("UserId").asLong() == FIRST_USER + user) {
        List<String> tags = found.path("Tags").valueStream().map(JsonNode::asText).toList();
        return Optional.of(new Profile(found.path("NickName").asText(), tags));
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
