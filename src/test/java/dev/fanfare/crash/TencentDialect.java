package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.tencentyun.TLSSigAPIv2;
import dev.fanfare.crash.Reply.Answer;
import dev.fanfare.history.Asked;
import dev.fanfare.history.Profile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Members over the Tencent dialect. It shows tags and attributes by calls of their own, which take
/// turns here.
final class TencentDialect implements Dialect {
  private static final int NO_SUCH_ACCOUNT = 70_107;
  private static final int NO_SUCH_ACCOUNTS = 90_048;

  private final Api api;
  private final String query;
  private final AtomicInteger reads = new AtomicInteger();

  /// @param app as `credentials.json` has it
  TencentDialect(Api api, JsonNode app) {
    this.api = api;
    JsonNode tencent = app.path("tencent");
    long number = tencent.path("sdkAppId").asLong();
    String administrator = tencent.path("administrator").asText();
    this.query =
        "?sdkappid=%d&identifier=%s&usersig=%s"
            .formatted(
                number,
                administrator,
                new TLSSigAPIv2(number, tencent.path("secretKey").asText())
                    .genUserSig(administrator, 86_400));
  }

  @Override
  public List<Asked> changes(String value, String older) {
    return List.of(
        new Asked.Register(Optional.of(value), Optional.empty()),
        new Asked.AddTag(value),
        new Asked.RemoveTag(older),
        new Asked.SetAttribute(value),
        new Asked.Unregister());
  }

  @Override
  public Answer change(String member, Asked asked) throws InterruptedException {
    return switch (asked) {
      case Asked.Register(var name, _) ->
          account(
              "account_import",
              "{\"UserID\":\"%s\",\"Nick\":\"%s\"}".formatted(member, name.orElseThrow()));
      case Asked.AddTag(var tag) -> push("im_add_tag", tags(member, tag));
      case Asked.RemoveTag(var tag) -> push("im_remove_tag", tags(member, tag));
      case Asked.SetAttribute(var value) ->
          push(
              "im_set_attr",
              "{\"UserAttrs\":[{\"To_Account\":\"%s\",\"Attrs\":{\"%s\":\"%s\"}}]}"
                  .formatted(member, Dialect.ATTRIBUTE, value));
      case Asked.Unregister() ->
          account("account_delete", "{\"DeleteItem\":[{\"UserID\":\"%s\"}]}".formatted(member));
      case Asked.Put _, Asked.Update _, Asked.Read _ ->
          throw new IllegalArgumentException("" + asked);
    };
  }

  private Answer account(String command, String body) throws InterruptedException {
    return send("im_open_login_svc/" + command, body).answer();
  }

  private Answer push(String command, String body) throws InterruptedException {
    return send("all_member_push/" + command, body).answer();
  }

  @Override
  public Optional<Asked.Read> read(String member) throws InterruptedException {
    boolean tags = reads.incrementAndGet() % 2 == 0;
    Reply reply =
        send(
            "all_member_push/" + (tags ? "im_get_tag" : "im_get_attr"),
            "{\"To_Account\":[\"%s\"]}".formatted(member));
    if (!reply.shows()) {
      return Optional.empty();
    }
    Optional<Profile> found =
        reply.answer() == Answer.DONE ? Optional.of(profile(reply.body())) : Optional.empty();
    return Optional.of(
        new Asked.Read(found, EnumSet.of(tags ? Profile.Part.TAGS : Profile.Part.ATTRIBUTE)));
  }

  private static Profile profile(JsonNode body) {
    return new Profile(
        "",
        body.at("/UserTags/0/Tags").valueStream().map(JsonNode::asText).toList(),
        body.at("/UserAttrs/0/Attrs/" + Dialect.ATTRIBUTE).asOptional().map(JsonNode::asText));
  }

  private static String tags(String member, String tag) {
    return "{\"UserTags\":[{\"To_Account\":\"%s\",\"Tags\":[\"%s\"]}]}".formatted(member, tag);
  }

  private Reply send(String command, String body) throws InterruptedException {
    return Reply.to(() -> post(command, body), TencentDialect::judge);
  }

  private HttpResponse<String> post(String command, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(api.root() + "/v4/" + command + query))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return api.http().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static Answer judge(int status, JsonNode body) {
    int code = body.path("ErrorCode").asInt(-1);
    return switch (code) {
      case 0 ->
          body.at("/ResultItem/0/ResultCode").asInt() == NO_SUCH_ACCOUNT
              ? Answer.NOT_FOUND
              : Answer.DONE;
      case NO_SUCH_ACCOUNT, NO_SUCH_ACCOUNTS -> Answer.NOT_FOUND;
      case 91_000, 70_169 ->
          body.path("ErrorInfo").asText().equals("outcome_unknown")
              ? Answer.UNKNOWN
              : Answer.NOTHING_DONE;
      default -> throw new AssertionError("the Tencent dialect answered " + status + " " + body);
    };
  }
}
