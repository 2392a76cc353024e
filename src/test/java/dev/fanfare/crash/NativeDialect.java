package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.crash.Reply.Answer;
import dev.fanfare.history.Asked;
import dev.fanfare.history.Profile;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// Members over `/v1`.
record NativeDialect(Api api) implements Dialect {
  @Override
  public List<Asked> changes(String value, String older) {
    return List.of(
        new Asked.Put(value),
        new Asked.Update(Optional.of(value), Optional.empty()),
        new Asked.AddTag(value),
        new Asked.RemoveTag(older),
        new Asked.SetAttribute(value),
        new Asked.Unregister());
  }

  @Override
  public Answer change(String member, Asked asked) throws InterruptedException {
    return switch (asked) {
      case Asked.Put(var name) -> call("PUT", member, "{\"nickName\":\"%s\"}".formatted(name));
      case Asked.Update(var name, _) ->
          call("PATCH", member, "{\"nickName\":\"%s\"}".formatted(name.orElseThrow()));
      case Asked.AddTag(var tag) ->
          call("PATCH", member, "{\"tags\":{\"add\":[\"%s\"]}}".formatted(tag));
      case Asked.RemoveTag(var tag) ->
          call("PATCH", member, "{\"tags\":{\"remove\":[\"%s\"]}}".formatted(tag));
      case Asked.SetAttribute(var value) ->
          call(
              "PATCH",
              member,
              "{\"attributes\":{\"%s\":\"%s\"}}".formatted(Dialect.ATTRIBUTE, value));
      case Asked.Unregister() -> call("DELETE", member, "");
      case Asked.Register _, Asked.Read _ -> throw new IllegalArgumentException("" + asked);
    };
  }

  private Answer call(String method, String member, String body) throws InterruptedException {
    return Reply.to(() -> api.call(method, "/members/" + member, body), NativeDialect::judge)
        .answer();
  }

  @Override
  public Optional<Asked.Read> read(String member) throws InterruptedException {
    Reply reply = look(member);
    return reply.shows() ? Optional.of(shown(reply)) : Optional.empty();
  }

  /// The same, also when it may be out of date.
  Asked.Read readLocally(String member) throws InterruptedException {
    return shown(look(member));
  }

  private Reply look(String member) throws InterruptedException {
    return Reply.to(() -> api.call("GET", "/members/" + member, ""), NativeDialect::judge);
  }

  private static Asked.Read shown(Reply reply) {
    Optional<Profile> found =
        reply.answer() == Answer.DONE ? Optional.of(profile(reply.body())) : Optional.empty();
    return new Asked.Read(found, EnumSet.allOf(Profile.Part.class));
  }

  private static Profile profile(JsonNode member) {
    return new Profile(
        member.path("nickName").asText(),
        member.path("tags").valueStream().map(JsonNode::asText).toList(),
        member.path("attributes").path(Dialect.ATTRIBUTE).asOptional().map(JsonNode::asText));
  }

  private static Answer judge(int status, JsonNode body) {
    return switch (status) {
      case 200, 201, 204 -> Answer.DONE;
      case 404 -> Answer.NOT_FOUND;
      case 503 ->
          body.path("code").asText().equals("outcome_unknown")
              ? Answer.UNKNOWN
              : Answer.NOTHING_DONE;
      default -> throw new AssertionError("/v1 answered " + status + " " + body);
    };
  }
}
