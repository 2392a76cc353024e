package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.app.Size;
import dev.fanfare.member.Member;
import dev.fanfare.schema.AppKey;
import java.time.Instant;
import java.util.Optional;

/// The actions that change nothing.
final class UserReads {
  private final State state;

  UserReads(State state) {
    this.state = state;
  }

  /// BatchGetUser: the profiles in the order of the request, and the ids that nobody has.
  ObjectNode batchGet(Call call) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode users = result.putArray("Users");
    ArrayNode notFound = result.putArray("NotFoundUsers");
    for (long userId : call.body().userIds(call.most(Size.VOLCENGINE_BATCH_GET_USER))) {
      Optional<Member> member = state.member(call.app(), Long.toString(userId));
      if (member.isPresent()) {
        describe(member.get(), users.addObject().put("AppId", call.app().volcengineAppId()));
      } else {
        notFound.add(userId);
      }
    }
    return result;
  }

  private static void describe(Member member, ObjectNode user) {
    user.put("UserId", Long.parseLong(member.id()));
    user.put("NickName", member.nickName());
    user.put("Portrait", member.portrait());
    ArrayNode tags = user.putArray("Tags");
    member.tags().forEach(tags::add);
    ObjectNode ext = user.putObject("Ext");
    member.ext().forEach(ext::put);
    user.put("CreateTime", member.created());
    user.put("ModifyTime", member.modified());
    user.put("IsRobot", member.robot());
  }

  /// GetAppToken: a device token, also for a user who is not registered yet.
  ObjectNode appToken(Call call, Instant now) {
    long userId = call.body().integer("UserId", 1, Long.MAX_VALUE);
    long expireTime = call.body().integer("ExpireTime", 1, Long.MAX_VALUE);
    if (expireTime <= now.toEpochMilli()) {
      throw VolcengineError.INVALID_PARAM.with("ExpireTime must be in the future.");
    }
    if (call.app().keys(AppKey.Kind.DEVICE_KEY, now).isEmpty()) {
      throw VolcengineError.INVALID_PARAM.with("The app has no valid device key.");
    }
    String member = Long.toString(userId);
    DeviceTokens.Claims claims =
        DeviceTokens.Claims.of(
            member,
            new DeviceTokens.Lifetime(now.getEpochSecond(), expireTime / 1_000),
            state.credentialsNotBefore(call.app(), member, now));
    return JsonNodeFactory.instance
        .objectNode()
        .put("AppId", call.app().volcengineAppId())
        .put("UserId", userId)
        .put("Token", DeviceTokens.mint(call.app(), claims));
  }
}
