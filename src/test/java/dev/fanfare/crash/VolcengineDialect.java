package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.crash.Reply.Answer;
import dev.fanfare.history.Asked;
import dev.fanfare.history.Profile;
import dev.fanfare.volcengine.SignedClient;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// Members over the Volcengine dialect, which shows neither attributes nor members whose id is no
/// number.
record VolcengineDialect(SignedClient client) implements Dialect {
  @Override
  public List<Asked> changes(String value, String older) {
    return List.of(
        new Asked.Register(Optional.of(value), Optional.empty()),
        new Asked.Register(Optional.empty(), Optional.of(value)),
        new Asked.Update(Optional.of(value), Optional.empty()),
        new Asked.Update(Optional.empty(), Optional.of(value)),
        new Asked.AddTag(value),
        new Asked.RemoveTag(older),
        new Asked.Unregister());
  }

  @Override
  public Answer change(String member, Asked asked) throws InterruptedException {
    return switch (asked) {
      case Asked.Register(var name, var tag) -> call("RegisterUsers", user(member, name, tag));
      case Asked.Update(var name, var tag) -> call("BatchUpdateUser", user(member, name, tag));
      case Asked.AddTag(var tag) -> call("BatchUpdateUserTags", tags(member, 0, tag));
      case Asked.RemoveTag(var tag) -> call("BatchUpdateUserTags", tags(member, 1, tag));
      case Asked.Unregister() -> call("UnRegisterUsers", ids(member));
      case Asked.Put _, Asked.SetAttribute _, Asked.Read _ ->
          throw new IllegalArgumentException("" + asked);
    };
  }

  private Answer call(String action, String fields) throws InterruptedException {
    return send(action, fields).answer();
  }

  private Reply send(String action, String fields) throws InterruptedException {
    String body = "{\"AppId\":%d,%s}".formatted(client.appId(), fields);
    return Reply.to(() -> client.send(action, body), VolcengineDialect::judge);
  }

  @Override
  public Optional<Asked.Read> read(String member) throws InterruptedException {
    Reply reply = send("BatchGetUser", ids(member));
    if (!reply.shows()) {
      return Optional.empty();
    }
    Optional<Profile> found =
        reply.body().at("/Result/Users").valueStream().findFirst().map(VolcengineDialect::profile);
    return Optional.of(
        new Asked.Read(found, EnumSet.of(Profile.Part.NICK_NAME, Profile.Part.TAGS)));
  }

  private static Profile profile(JsonNode user) {
    return new Profile(
        user.path("NickName").asText(),
        user.path("Tags").valueStream().map(JsonNode::asText).toList(),
        Optional.empty());
  }

  private static String user(String member, Optional<String> name, Optional<String> tag) {
    return "\"Users\":[{\"UserId\":%s%s%s}]"
        .formatted(
            member,
            name.map(",\"NickName\":\"%s\""::formatted).orElse(""),
            tag.map(",\"Tags\":[\"%s\"]"::formatted).orElse(""));
  }

  private static String tags(String member, int op, String tag) {
    return "%s,\"Op\":%d,\"Tags\":[\"%s\"]".formatted(ids(member), op, tag);
  }

  private static String ids(String member) {
    return "\"UserIds\":[" + member + "]";
  }

  private static Answer judge(int status, JsonNode body) {
    if (status == 503) {
      return Answer.NOTHING_DONE;
    }
    if (status != 200 || !body.has("Result")) {
      throw new AssertionError("the Volcengine dialect answered " + status + " " + body);
    }
    return body.at("/Result/FailedInfos").isEmpty() ? Answer.DONE : Answer.NOT_FOUND;
  }
}
