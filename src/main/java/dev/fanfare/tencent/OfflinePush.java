package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The rules for OfflinePushInfo: its documented members have their types, others are passed on.
final class OfflinePush {
  private static final String FIELD = "OfflinePushInfo";
  private static final List<String> TEXTS = List.of("Title", "Desc", "Ext");
  private static final List<String> ANDROID_TEXTS =
      List.of(
          "Sound",
          "HuaWeiChannelID",
          "XiaoMiChannelID",
          "OPPOChannelID",
          "GoogleChannelID",
          "HuaWeiImportance",
          "HuaWeiCategory");
  private static final List<String> ANDROID_NUMBERS =
      List.of("VIVOClassification", "ExtAsHuaweiIntentParam");
  private static final List<String> APNS_TEXTS = List.of("Sound", "Title", "SubTitle", "Image");
  private static final List<String> APNS_NUMBERS = List.of("BadgeMode", "MutableContent");

  private OfflinePush() {}

  static Optional<JsonNode> of(Call call) {
    Optional<JsonNode> info = call.body().field(FIELD);
    info.ifPresent(OfflinePush::check);
    return info;
  }

  private static void check(JsonNode info) {
    object(FIELD, info);
    each(FIELD, info, List.of("PushFlag"), JsonNode::isIntegralNumber);
    each(FIELD, info, TEXTS, JsonNode::isTextual);
    JsonNode android = info.path("AndroidInfo");
    if (!isAbsent(android)) {
      object(FIELD + ".AndroidInfo", android);
      each(FIELD + ".AndroidInfo", android, ANDROID_TEXTS, JsonNode::isTextual);
      each(FIELD + ".AndroidInfo", android, ANDROID_NUMBERS, JsonNode::isIntegralNumber);
    }
    JsonNode apns = info.path("ApnsInfo");
    if (!isAbsent(apns)) {
      object(FIELD + ".ApnsInfo", apns);
      each(FIELD + ".ApnsInfo", apns, APNS_TEXTS, JsonNode::isTextual);
      each(FIELD + ".ApnsInfo", apns, APNS_NUMBERS, JsonNode::isIntegralNumber);
    }
  }

  private static void object(String place, JsonNode value) {
    if (!value.isObject()) {
      throw TencentError.BAD_OFFLINE_PUSH.with(place + " must be an object");
    }
  }

  private static void each(
      String place, JsonNode object, List<String> names, Predicate<JsonNode> good) {
    for (String name : names) {
      JsonNode value = object.path(name);
      if (!isAbsent(value) && !good.test(value)) {
        throw TencentError.BAD_OFFLINE_PUSH.with(place + "." + name + " has the wrong type");
      }
    }
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }
}
