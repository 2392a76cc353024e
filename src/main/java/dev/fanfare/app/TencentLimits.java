package dev.fanfare.app;

import dev.fanfare.app.AppLimit.Field;
import dev.fanfare.app.AppLimit.Origin;
import dev.fanfare.schema.Limits;
import java.util.List;
import java.util.stream.Stream;

/// The limits of the Tencent dialect that are neither sizes nor shared with others.
final class TencentLimits {
  private TencentLimits() {}

  static List<AppLimit> behaviour() {
    return List.of(
        new AppLimit(
            "tencentWindowSeconds",
            "In which an im_push of the same From_Account, MsgRandom and body is a repetition",
            Origin.CHOSEN,
            AppLimit.number(60, "seconds", 1, 604_800),
            new Field(
                Limits::getTencentWindowSeconds, (l, n) -> l.setTencentWindowSeconds((int) n))),
        new AppLimit(
            "tencentPushIntervalMillis",
            "That two im_push of the app have to be more than apart; 0 is no limit",
            Origin.DOCUMENTED_RATE,
            AppLimit.number(1_000, "milliseconds", 0, 86_400_000),
            new Field(
                Limits::getTencentPushIntervalMillis,
                (l, n) -> l.setTencentPushIntervalMillis((int) n))),
        new AppLimit(
            "tencentDailyPushes",
            "im_push that the app may have accepted in a day; 0 is no limit",
            Origin.DOCUMENTED_BUDGET,
            AppLimit.number(100, "pushes a day", 0, 1_000_000),
            new Field(Limits::getTencentDailyPushes, (l, n) -> l.setTencentDailyPushes((int) n))),
        new AppLimit(
            "tencentPush",
            "Whether im_push is on, or every one is refused with 90045",
            Origin.CHOSEN,
            AppLimit.choice("on", "off"),
            new Field(
                limits -> limits.getTencentPushOff() ? 1 : 0,
                (l, n) -> l.setTencentPushOff(n == 1))),
        new AppLimit(
            "tencentAutoImport",
            "Whether tags and attributes for an unknown account register it",
            Origin.CHOSEN,
            AppLimit.choice("false", "true"),
            new Field(
                limits -> limits.getTencentAutoImport() ? 1 : 0,
                (l, n) -> l.setTencentAutoImport(n == 1))));
  }

  /// Calls in a second by all administrators of an app together.
  static List<AppLimit> rates() {
    Stream<AppLimit> hundred =
        Stream.of(
                "account_check",
                "account_delete",
                "im_add_tag",
                "im_get_attr",
                "im_get_attr_name",
                "im_get_tag",
                "im_remove_all_tags",
                "im_remove_attr",
                "im_remove_tag",
                "im_set_attr",
                "im_set_attr_name",
                "multiaccount_import")
            .map(command -> rate(command, 100));
    Stream<AppLimit> more =
        Stream.of("account_import", "kick", "query_online_status")
            .map(command -> rate(command, 200));
    return Stream.concat(hundred, more).toList();
  }

  private static AppLimit rate(String command, long perSecond) {
    return AppLimit.rate(command, "for one app", perSecond);
  }
}
