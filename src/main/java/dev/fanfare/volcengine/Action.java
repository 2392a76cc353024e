package dev.fanfare.volcengine;

import java.util.Arrays;
import java.util.Optional;

/// The actions of version `2020-12-01` that this server knows.
enum Action {
  REGISTER_USERS("RegisterUsers"),
  UN_REGISTER_USERS("UnRegisterUsers"),
  BATCH_GET_USER("BatchGetUser"),
  BATCH_UPDATE_USER("BatchUpdateUser"),
  BATCH_UPDATE_USER_TAGS("BatchUpdateUserTags"),
  USER_BROADCAST("UserBroadcast"),
  GET_APP_TOKEN("GetAppToken"),
  QUERY_ONLINE_STATUS("QueryOnlineStatus");

  static final String VERSION = "2020-12-01";

  private final String text;

  Action(String text) {
    this.text = text;
  }

  /// The name as the query has it.
  String text() {
    return text;
  }

  static Optional<Action> named(String name, String version) {
    return Arrays.stream(values())
        .filter(action -> action.text.equals(name) && version.equals(VERSION))
        .findFirst();
  }
}
