package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The action QueryOnlineStatus: the connections of some users, those who are online only.
///
/// Numbers that this server does not have are 0: ClientVersion always, DeviceId when the device did
/// not name itself by a number. What a user has on another node is one entry for each platform.
final class OnlineStatus {
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,18}");

  private final State state;

  OnlineStatus(State state) {
    this.state = state;
  }

  ObjectNode query(Call call) {
    List<Member> members =
        call.body().userIds(call.most(Size.VOLCENGINE_ONLINE_STATUS)).stream()
            .flatMap(id -> state.member(call.app(), Long.toString(id)).stream())
            .toList();
    List<Presence.Connection> connections =
        members.isEmpty() ? List.of() : state.connections(call.app(), members);
    ObjectNode result =
        JsonNodeFactory.instance.objectNode().put("AppId", call.app().volcengineAppId());
    ObjectNode online = result.putObject("QueryOnlineResults");
    for (Member member : members) {
      connections.stream()
          .filter(connection -> connection.member().equals(member.id()))
          .forEach(connection -> online.withArrayProperty(member.id()).add(describe(connection)));
    }
    return result;
  }

  private static ObjectNode describe(Presence.Connection connection) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("ClientVersion", 0)
        .put("ConnId", connection.id())
        .put("DeviceId", deviceId(connection.device()))
        .put("Platform", platform(connection.platform()))
        .put("UserId", Long.parseLong(connection.member()));
  }

  private static long deviceId(String device) {
    if (!NUMBER.matcher(device).matches()) {
      return 0;
    }
    BigInteger number = new BigInteger(device);
    return number.bitLength() < Long.SIZE ? number.longValue() : 0;
  }

  /// The three names that the document knows, in its spelling, and any other as the device gave it.
  private static String platform(String name) {
    return Stream.of("Android", "iOS", "Web")
        .filter(known -> known.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(name);
  }
}
