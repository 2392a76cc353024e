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
      "volcengine.lifetime", AppLimit.Origin.DOCUMENTED, 604_800, "Seconds of MsgTTL");

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
