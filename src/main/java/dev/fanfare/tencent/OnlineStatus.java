package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The command query_online_status: which accounts have a connection, and from what platforms.
///
/// Nobody is ever PushOnline, because nothing is pushed through phone vendors.
final class OnlineStatus {
  private static final String DEFAULT_PLATFORM = "Web";
  private static final Map<String, String> PLATFORMS =
      Map.of(
          "iphone", "iPhone", "ios", "iPhone", "ipad", "iPad", "android", "Android", "mac", "Mac",
          "macos", "Mac", "pc", "PC", "windows", "PC", "linux", "PC");

  private final State state;

  OnlineStatus(State state) {
    this.state = state;
  }

  Answer query(Call call) {
    Set<String> accounts =
        ToAccounts.texts(
            call.body()
                .list(
                    "To_Account",
                    call.most(Size.TENCENT_ONLINE_STATUS),
                    TencentError.BAD_JSON,
                    TencentError.TOO_MANY_STATUSES));
    boolean detailed = call.body().flag("IsNeedDetail");
    Map<String, Optional<Member>> found = new LinkedHashMap<>();
    AccountReport report = new Profiles(state, call).read(accounts, found::put);
    List<Member> members = found.values().stream().flatMap(Optional::stream).toList();
    List<Presence.Connection> connections =
        members.isEmpty() ? List.of() : state.connections(call.app(), members);
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode statuses = result.putArray("QueryResult");
    for (String account : found.keySet()) {
      Set<String> platforms = new TreeSet<>();
      connections.stream()
          .filter(connection -> connection.member().equals(account))
          .forEach(connection -> platforms.add(platform(connection.platform())));
      describe(statuses.addObject().put("To_Account", account), platforms, detailed);
    }
    return report.answer(result);
  }

  private static void describe(ObjectNode status, Set<String> platforms, boolean detailed) {
    status.put("Status", platforms.isEmpty() ? "Offline" : "Online");
    if (detailed) {
      ArrayNode details = status.putArray("Detail");
      platforms.forEach(
          platform -> details.addObject().put("Platform", platform).put("Status", "Online"));
    }
  }

  /// One of the vendor's platforms; a device that names none of them is a web page.
  private static String platform(String name) {
    return PLATFORMS.getOrDefault(name.toLowerCase(Locale.ROOT), DEFAULT_PLATFORM);
  }
}
