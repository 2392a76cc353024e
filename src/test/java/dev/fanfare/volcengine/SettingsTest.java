package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.app.LimitsProfile;
import dev.fanfare.http.Request;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an operator may set for an app.
class SettingsTest {
  private static final String ONE_FAILS =
      Bodies.users("{\"UserId\":7,\"NickName\":\"" + "n".repeat(101) + "\"}");

  private final FakeServer server = new FakeServer();

  @ParameterizedTest
  @CsvSource({
    "AUTO, false, '\"7\"'",
    "AUTO, true, 7",
    "STRING, false, '\"7\"'",
    "STRING, true, '\"7\"'",
    "NUMBER, false, 7",
    "NUMBER, true, 7"
  })
  void the_failed_user_id_of_a_registration_has_the_type_that_is_set(
      Settings.FailedUserId type, boolean golang, String expected) {
    server.settings = FakeServer.settings(false, type);
    Request request = FakeServer.signed("RegisterUsers", ONE_FAILS);
    Request sent = golang ? FakeServer.with(request, "x-im-sdk-version", "Golang-V1.0.1") : request;
    assertThat(FakeServer.text(server.face().answer(sent)))
        .contains("\"FailedInfos\":[{\"UserId\":" + expected + ",");
  }

  @ParameterizedTest
  @CsvSource({"BatchUpdateUser", "BatchUpdateUserTags", "UnRegisterUsers"})
  void the_other_actions_name_failed_users_by_number_whatever_is_set(String action) {
    server.settings = FakeServer.settings(false, Settings.FailedUserId.STRING);
    server.outcomes =
        command -> new Outcome.Members(List.of(Optional.of(new Refusal.MemberNotFound())));
    assertThat(server.result(action, Bodies.batch(action, 1)))
        .startsWith("{\"FailedInfos\":[{\"UserId\":1,");
  }

  @Test
  void a_user_over_the_cap_of_members_fails_alone() {
    server.outcomes =
        command -> new Outcome.Members(List.of(Optional.of(new Refusal.TooManyMembers(5))));
    assertThat(server.result("RegisterUsers", Bodies.batch("RegisterUsers", 1)))
        .contains("\"Code\":\"InvalidParam\"")
        .contains("more than 5 users");
  }

  @Test
  void empty_tags_are_everyone_unless_they_are_refused() {
    String empty = Bodies.broadcast("Tags", "[]");
    assertThat(server.result("UserBroadcast", empty)).isEqualTo("{}");
    assertThat(server.start().getAudience().hasEveryone()).isTrue();
    server.proposed.clear();
    server.settings = FakeServer.settings(true, Settings.FailedUserId.AUTO);
    assertThat(server.error("UserBroadcast", empty))
        .isEqualTo(
            "400 200002 InvalidParam: Tags must not be empty; leave them out to reach everyone.");
    assertThat(server.proposed).isEmpty();
    for (String absent :
        new String[] {Bodies.broadcast("Tags", "null"), Bodies.broadcast("InboxType", "0")}) {
      assertThat(server.result("UserBroadcast", absent)).isEqualTo("{}");
      assertThat(server.start().getAudience().hasEveryone()).isTrue();
      server.proposed.clear();
    }
    assertThat(server.result("UserBroadcast", Bodies.broadcast("Tags", "[\"a\"]"))).isEqualTo("{}");
  }

  @ParameterizedTest
  @CsvSource({"10, , true", "11, , false", "19, 60, true", "20, 60, true", "21, 60, false"})
  void a_signature_is_as_long_valid_as_the_node_is_told(
      int age, @Nullable Integer expires, boolean valid) {
    VolcengineFace.Rules rules =
        new VolcengineFace.Rules(1_000, Duration.ofSeconds(10), Duration.ofSeconds(20));
    Map<String, String> query = FakeServer.query("BatchGetUser");
    if (expires != null) {
      query.put("X-Expires", expires.toString());
    }
    Instant then = FakeServer.NOW.minusSeconds(age);
    Request request = FakeServer.SIGNER.request(query, Bodies.batch("BatchGetUser", 1), then);
    assertThat(FakeServer.text(server.face(rules).answer(request)).contains("InvalidTimestamp"))
        .isEqualTo(!valid);
  }

  @Test
  void defaults_are_those_of_the_documents() {
    Limits documented = LimitsProfile.DOCUMENTED.limits();
    assertThat(documented.getVolcengineEmptyTagsRefused()).isFalse();
    assertThat(documented.getRegisterFailedUserId()).isEqualTo(Limits.FailedUserId.AUTO);
    assertThat(Account.UNLIMITED).isEqualTo(new Account("", Set.of(), Map.of()));
  }
}
