package dev.fanfare.tencent;

import java.util.Arrays;
import java.util.Optional;

/// The commands that this server knows.
enum Action {
  ACCOUNT_IMPORT(Service.ACCOUNTS, "account_import"),
  MULTIACCOUNT_IMPORT(Service.ACCOUNTS, "multiaccount_import"),
  ACCOUNT_DELETE(Service.ACCOUNTS, "account_delete"),
  ACCOUNT_CHECK(Service.ACCOUNTS, "account_check"),
  KICK(Service.ACCOUNTS, "kick"),
  QUERY_ONLINE_STATUS(Service.ONLINE, "query_online_status"),
  /// The older name of the same.
  QUERYSTATE(Service.ONLINE, "querystate"),
  IM_SET_ATTR_NAME(Service.PUSH, "im_set_attr_name"),
  IM_GET_ATTR_NAME(Service.PUSH, "im_get_attr_name"),
  IM_SET_ATTR(Service.PUSH, "im_set_attr"),
  IM_GET_ATTR(Service.PUSH, "im_get_attr"),
  IM_REMOVE_ATTR(Service.PUSH, "im_remove_attr"),
  IM_ADD_TAG(Service.PUSH, "im_add_tag"),
  IM_GET_TAG(Service.PUSH, "im_get_tag"),
  IM_REMOVE_TAG(Service.PUSH, "im_remove_tag"),
  IM_REMOVE_ALL_TAGS(Service.PUSH, "im_remove_all_tags"),
  IM_PUSH(Service.PUSH, "im_push"),
  SET_ATTR_NAME(Service.TIMPUSH, "set_attr_name"),
  GET_ATTR_NAME(Service.TIMPUSH, "get_attr_name"),
  SET_ATTR(Service.TIMPUSH, "set_attr"),
  GET_ATTR(Service.TIMPUSH, "get_attr"),
  REMOVE_ATTR(Service.TIMPUSH, "remove_attr"),
  ADD_TAG(Service.TIMPUSH, "add_tag"),
  GET_TAG(Service.TIMPUSH, "get_tag"),
  REMOVE_TAG(Service.TIMPUSH, "remove_tag"),
  CLEAR_ALL_TAGS(Service.TIMPUSH, "clear_all_tags"),
  PUSH(Service.TIMPUSH, "push"),
  BATCH(Service.TIMPUSH, "batch"),
  REVOKE(Service.TIMPUSH, "revoke"),
  STATISTICS(Service.TIMPUSH, "all_member_push_statistics"),
  LOSS(Service.TIMPUSH, "all_member_push_loss"),
  TRACE(Service.TIMPUSH, "all_member_push_trace");

  private final Service service;
  private final String command;

  Action(Service service, String command) {
    this.service = service;
    this.command = command;
  }

  Service service() {
    return service;
  }

  /// The name that its rate has among the app's limits.
  String rate() {
    String name = this == QUERYSTATE ? QUERY_ONLINE_STATUS.command : command;
    return service == Service.TIMPUSH ? service.path() + "_" + name : name;
  }

  /// What a call over the rate is refused with.
  TencentError overRate() {
    return this == REVOKE ? TencentError.REVOKED_TOO_OFTEN : TencentError.OVER_RATE;
  }

  /// What a body over the node's cap is refused with.
  TencentError tooLarge() {
    return switch (this) {
      case IM_PUSH, PUSH, BATCH -> TencentError.PUSH_TOO_LARGE;
      default -> service.badJson();
    };
  }

  /// The raw path of its requests.
  String path() {
    return "/v4/" + service.path() + "/" + command;
  }

  static Optional<Action> at(String path) {
    return Arrays.stream(values()).filter(action -> action.path().equals(path)).findFirst();
  }
}
