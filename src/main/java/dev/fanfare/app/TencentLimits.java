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
            "In which a push of the same From_Account, MsgRandom and body is a repetition",
            Origin.CHOSEN,
            AppLimit.number(60, "seconds", 1, 604_800),
            new Field(
                Limits::getTencentWindowSeconds, (l, n) -> l.setTencentWindowSeconds((int) n))),
        new AppLimit(
            "tencentPushIntervalMillis",
            "That two pushes of the app have to be more than apart; 0 is no limit",
            Origin.DOCUMENTED_RATE,
            AppLimit.number(1_000, "milliseconds", 0, 86_400_000),
            new Field(
                Limits::getTencentPushIntervalMillis,
                (l, n) -> l.setTencentPushIntervalMillis((int) n))),
        new AppLimit(
            "tencentDailyPushes",
            "Pushes that the app may have accepted in a day, those to listed accounts not counted;"
                + " 0 is no limit",
            Origin.DOCUMENTED_BUDGET,
            AppLimit.number(100, "pushes a day", 0, 1_000_000),
            new Field(Limits::getTencentDailyPushes, (l, n) -> l.setTencentDailyPushes((int) n))),
        new AppLimit(
            "tencentPush",
            "Whether pushes are on, or every one is refused with 90045",
            Origin.CHOSEN,
            AppLimit.choice("on", "off"),
            new Field(
                limits -> limits.getTencentPushOff() ? 1 : 0,
                (l, n) -> l.setTencentPushOff(n == 1))),
        new AppLimit(
            "tencentPacePerSecond",
            "Members to whom a push is released in a second; 0 releases it to all at once",
            Origin.CHOSEN,
            AppLimit.number(0, "members a second", 0, 10_000_000),
            new Field(Limits::getTencentPace, (l, n) -> l.setTencentPace((int) n))),
        new AppLimit(
            "tencentRevokeInfo",
            "Whether a revocation has to bring OfflinePushInfo, or is refused with 90053",
            Origin.CHOSEN,
            AppLimit.choice("optional", "required"),
            new Field(
                limits -> limits.getTencentRevokeInfoRequired() ? 1 : 0,
                (l, n) -> l.setTencentRevokeInfoRequired(n == 1))),
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
                "multiaccount_import",
                "timpush_add_tag",
                "timpush_clear_all_tags",
                "timpush_get_attr",
                "timpush_get_attr_name",
                "timpush_get_tag",
                "timpush_remove_attr",
                "timpush_remove_tag",
                "timpush_set_attr",
                "timpush_set_attr_name")
            .map(command -> rate(command, 100));
    Stream<AppLimit> more =
        Stream.of("account_import", "kick", "query_online_status")
            .map(command -> rate(command, 200));
    Stream<AppLimit> one =
        Stream.of(
                "timpush_all_member_push_loss",
                "timpush_all_member_push_statistics",
                "timpush_all_member_push_trace",
                "timpush_revoke")
            .map(command -> rate(command, 1));
    return Stream.of(hundred, more, Stream.of(rate("timpush_batch", 10)), one)
        .flatMap(rates -> rates)
        .toList();
  }

  private static AppLimit rate(String command, long perSecond) {
    return AppLimit.rate(command, "for one app", perSecond);
  }
}
