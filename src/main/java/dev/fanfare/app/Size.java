package dev.fanfare.app;

import dev.fanfare.schema.Limits;
import dev.fanfare.schema.SizeLimit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What one request of a dialect may hold at most, as the app's record has it. The faces enforce
/// these; a record keeps those that differ from the standard.
public enum Size {
  VOLCENGINE_REGISTER_USERS(
      "volcengine.registerUsers", AppLimit.Origin.DOCUMENTED, 20, "Users of one RegisterUsers"),
  VOLCENGINE_UN_REGISTER_USERS(
      "volcengine.unRegisterUsers", AppLimit.Origin.DOCUMENTED, 10, "UserIds of UnRegisterUsers"),
  VOLCENGINE_BATCH_GET_USER(
      "volcengine.batchGetUser", AppLimit.Origin.DOCUMENTED, 50, "UserIds of one BatchGetUser"),
  VOLCENGINE_BATCH_UPDATE_USER(
      "volcengine.batchUpdateUser", AppLimit.Origin.DOCUMENTED, 10, "Users of BatchUpdateUser"),
  VOLCENGINE_TAGGED_USERS(
      "volcengine.taggedUsers", AppLimit.Origin.CHOSEN, 50, "UserIds of BatchUpdateUserTags"),
  VOLCENGINE_CHANGED_TAGS(
      "volcengine.changedTags", AppLimit.Origin.CHOSEN, 100, "Tags of one BatchUpdateUserTags"),
  VOLCENGINE_ONLINE_STATUS(
      "volcengine.onlineStatus", AppLimit.Origin.DOCUMENTED, 100, "UserIds of QueryOnlineStatus"),
  VOLCENGINE_NICK_NAME(
      "volcengine.nickName", AppLimit.Origin.DOCUMENTED, 100, "Characters of NickName"),
  VOLCENGINE_PORTRAIT(
      "volcengine.portrait", AppLimit.Origin.DOCUMENTED, 500, "Characters of Portrait"),
  VOLCENGINE_TAG("volcengine.tag", AppLimit.Origin.CHOSEN, 256, "UTF-8 bytes of one tag"),
  VOLCENGINE_EXT("volcengine.ext", AppLimit.Origin.DOCUMENTED, 20, "Entries of a user's Ext"),
  VOLCENGINE_EXT_KEY(
      "volcengine.extKey", AppLimit.Origin.DOCUMENTED, 50, "UTF-8 bytes of a key of a user's Ext"),
  VOLCENGINE_EXT_VALUE(
      "volcengine.extValue", AppLimit.Origin.DOCUMENTED, 500, "UTF-8 bytes of a value there"),
  VOLCENGINE_BROADCAST_TAGS(
      "volcengine.broadcastTags", AppLimit.Origin.CHOSEN, 1_000, "Tags of one UserBroadcast"),
  VOLCENGINE_CONTENT(
      "volcengine.content", AppLimit.Origin.CHOSEN, 32_768, "UTF-8 bytes of a message's Content"),
  VOLCENGINE_BROADCAST_EXT(
      "volcengine.broadcastExt", AppLimit.Origin.CHOSEN, 100, "Entries of a message's Ext"),
  VOLCENGINE_LIFETIME(
      "volcengine.lifetime", AppLimit.Origin.DOCUMENTED, 604_800, "Seconds of MsgTTL"),
  TENCENT_IMPORTED_ACCOUNTS(
      "tencent.importedAccounts", AppLimit.Origin.DOCUMENTED, 100, "Accounts of one import"),
  TENCENT_DELETED_ACCOUNTS(
      "tencent.deletedAccounts", AppLimit.Origin.DOCUMENTED, 100, "Accounts of account_delete"),
  TENCENT_CHECKED_ACCOUNTS(
      "tencent.checkedAccounts", AppLimit.Origin.DOCUMENTED, 100, "Accounts of account_check"),
  TENCENT_ONLINE_STATUS(
      "tencent.onlineStatus", AppLimit.Origin.DOCUMENTED, 500, "Accounts of query_online_status"),
  TENCENT_ACCOUNTS(
      "tencent.accounts",
      AppLimit.Origin.DOCUMENTED,
      100,
      "Accounts of one request for tags or attributes"),
  TENCENT_ADDED_TAGS(
      "tencent.addedTags", AppLimit.Origin.DOCUMENTED, 10, "Tags of an account in im_add_tag"),
  TENCENT_REPLACED_TAGS(
      "tencent.replacedTags",
      AppLimit.Origin.DOCUMENTED,
      100,
      "Tags of an account in add_tag that replaces"),
  TENCENT_REMOVED_TAGS(
      "tencent.removedTags", AppLimit.Origin.CHOSEN, 100, "Tags of an account in im_remove_tag"),
  TENCENT_CONDITION_TAGS(
      "tencent.conditionTags",
      AppLimit.Origin.DOCUMENTED,
      10,
      "Tags of TagsOr, of TagsAnd, of TagsNot"),
  TENCENT_TAG("tencent.tag", AppLimit.Origin.DOCUMENTED, 50, "UTF-8 bytes of one tag"),
  TENCENT_ATTRIBUTE_NAME(
      "tencent.attributeName",
      AppLimit.Origin.DOCUMENTED,
      50,
      "UTF-8 bytes of an attribute's name"),
  TENCENT_ATTRIBUTE_VALUE(
      "tencent.attributeValue",
      AppLimit.Origin.DOCUMENTED,
      50,
      "UTF-8 bytes of an attribute's value"),
  TENCENT_USER_ID(
      "tencent.userId",
      AppLimit.Origin.DOCUMENTED,
      32,
      "UTF-8 bytes of a UserID; more than 64 are never taken"),
  TENCENT_PROFILE(
      "tencent.profile", AppLimit.Origin.DOCUMENTED, 500, "UTF-8 bytes of Nick, and of FaceUrl"),
  TENCENT_PUSH_BODY(
      "tencent.pushBody", AppLimit.Origin.DOCUMENTED, 10_240, "UTF-8 bytes of a push to all"),
  TENCENT_BATCH_BODY(
      "tencent.batchBody", AppLimit.Origin.CHOSEN, 65_536, "UTF-8 bytes of a push to a list"),
  TENCENT_BATCH_ACCOUNTS(
      "tencent.batchAccounts", AppLimit.Origin.DOCUMENTED, 500, "Accounts of a push to a list"),
  TENCENT_DATA_ID("tencent.dataId", AppLimit.Origin.DOCUMENTED, 64, "UTF-8 bytes of DataId"),
  TENCENT_STATISTICS_TASKS(
      "tencent.statisticsTasks",
      AppLimit.Origin.DOCUMENTED,
      5,
      "TaskIDs of one request for statistics or losses"),
  TENCENT_STATISTICS_DAYS(
      "tencent.statisticsDays", AppLimit.Origin.DOCUMENTED, 30, "Days that statistics cover"),
  TENCENT_LOSS_DAYS(
      "tencent.lossDays",
      AppLimit.Origin.DOCUMENTED,
      7,
      "Days that losses cover, and a trace looks back"),
  TENCENT_COUNTED_TASKS(
      "tencent.countedTasks",
      AppLimit.Origin.CHOSEN,
      50_000,
      "Broadcasts that overall statistics look at, newest first"),
  TENCENT_CUSTOM_ELEMENTS(
      "tencent.customElements", AppLimit.Origin.DOCUMENTED, 1, "TIMCustomElem of one message"),
  TENCENT_LIFETIME(
      "tencent.lifetime", AppLimit.Origin.DOCUMENTED, 604_800, "Seconds of MsgLifeTime");

  /// A request's body ends long before this many of anything.
  private static final long MOST = 1_000_000;

  private final String text;
  private final AppLimit.Origin origin;
  private final int standard;
  private final String meaning;

  Size(String text, AppLimit.Origin origin, int standard, String meaning) {
    this.text = text;
    this.origin = origin;
    this.standard = standard;
    this.meaning = meaning;
  }

  /// What an app has.
  public int of(Limits limits) {
    for (SizeLimit size : limits.getSizesList()) {
      if (size.getName().equals(text)) {
        return (int) size.getValue();
      }
    }
    return standard;
  }

  /// The same as one of the app's limits.
  public AppLimit limit() {
    return new AppLimit(
        text,
        meaning,
        origin,
        new AppLimit.Value(standard, "at most", 1, MOST, List.of()),
        new AppLimit.Field(this::of, this::set));
  }

  private void set(Limits.Builder limits, long value) {
    List<SizeLimit> sizes = new ArrayList<>(limits.getSizesList());
    sizes.removeIf(size -> size.getName().equals(text));
    if (value != standard) {
      sizes.add(SizeLimit.newBuilder().setName(text).setValue(value).build());
    }
    sizes.sort(Comparator.comparing(SizeLimit::getName));
    limits.clearSizes().addAllSizes(sizes);
  }
}
