package dev.fanfare.app;

import dev.fanfare.schema.Limits;
import dev.fanfare.schema.RateLimit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// One limit in an app's record: its name, what it may be and where its default comes from.
///
/// The names are durable: commands in the journal carry them.
///
/// @param name `camelCase`; rates are `rates.ACTION`, sizes of a dialect `DIALECT.WHAT`
/// @param meaning one line for the documentation
public record AppLimit(String name, String meaning, Origin origin, Value value, Field field) {

  /// Ten years.
  private static final long MOST_KEPT_SECONDS = 315_360_000;

  /// Every limit, in the order shown.
  public static final List<AppLimit> ALL = all();

  /// Where a number comes from, and so which profiles enforce it.
  public enum Origin {
    /// Ours; every profile has it.
    CHOSEN,
    /// The vendor's; every profile has it.
    DOCUMENTED,
    /// A rate of the vendor's; `open` does without.
    DOCUMENTED_RATE,
    /// A daily budget of the vendor's; only `strict` enforces it.
    DOCUMENTED_BUDGET
  }

  /// What the limit may be. With words it is a choice, and a number is the place of one of them.
  ///
  /// @param standard the documented value, or the chosen one
  /// @param unit empty for a choice
  /// @param least the least allowed, and `most` the most
  public record Value(long standard, String unit, long least, long most, List<String> words) {
    public Value {
      words = List.copyOf(words);
    }

    /// The number for people and programs: a word where there are some.
    public String text(long number) {
      return words.isEmpty() ? Long.toString(number) : words.get((int) number);
    }

    boolean isNumber() {
      return words.isEmpty();
    }
  }

  /// Where a limit stands in the record.
  record Field(ToLongFunction<Limits> get, ObjLongConsumer<Limits.Builder> set) {}

  /// The limit with this name.
  public static Optional<AppLimit> named(String name) {
    return ALL.stream().filter(limit -> limit.name().equals(name)).findFirst();
  }

  /// What an app has.
  public long get(Limits limits) {
    return field.get().applyAsLong(limits);
  }

  public void set(Limits.Builder limits, long number) {
    field.set().accept(limits, number);
  }

  /// Whether a number may be set.
  public boolean allows(long number) {
    return number >= value.least() && number <= value.most();
  }

  /// Whether the standard value is the vendor's.
  public boolean documented() {
    return origin != Origin.CHOSEN;
  }

  private static List<AppLimit> all() {
    List<AppLimit> all = new ArrayList<>(sizes());
    all.addAll(nativeApi());
    all.addAll(credentials());
    all.addAll(volcengine());
    all.addAll(TencentLimits.behaviour());
    Stream.of(Size.values()).map(Size::limit).forEach(all::add);
    all.add(rate("BatchGetUser", 100));
    all.add(rate("BatchUpdateUser", 50));
    all.add(rate("BatchUpdateUserTags", 50));
    all.add(rate("GetAppToken", 50));
    all.add(rate("QueryOnlineStatus", 100));
    all.add(rate("RegisterUsers", 50));
    all.add(rate("UnRegisterUsers", 50));
    all.addAll(TencentLimits.rates());
    return List.copyOf(all);
  }

  private static List<AppLimit> sizes() {
    return List.of(
        new AppLimit(
            "tagsPerMember",
            "Tags that one member may have",
            Origin.CHOSEN,
            number(100, "tags", 1, 1_000),
            new Field(Limits::getTagsPerMember, (l, n) -> l.setTagsPerMember((int) n))),
        new AppLimit(
            "members",
            "Members that the app may have; 0 is no limit",
            Origin.CHOSEN,
            number(0, "members", 0, 2_000_000_000),
            new Field(Limits::getMembers, (l, n) -> l.setMembers((int) n))),
        new AppLimit(
            "robots",
            "Members that may be robots",
            Origin.DOCUMENTED,
            number(5_000, "members", 0, 10_000_000),
            new Field(Limits::getRobots, (l, n) -> l.setRobots((int) n))),
        new AppLimit(
            "terms",
            "Distinct tags and attribute values that some member has",
            Origin.CHOSEN,
            number(1_000_000, "terms", 1, 10_000_000),
            new Field(Limits::getTerms, (l, n) -> l.setTerms((int) n))),
        new AppLimit(
            "liveBroadcasts",
            "Broadcasts whose lifetime has not ended",
            Origin.CHOSEN,
            number(1_000, "broadcasts", 1, 10_000),
            new Field(Limits::getLiveBroadcasts, (l, n) -> l.setLiveBroadcasts((int) n))),
        new AppLimit(
            "progressStreams",
            "Streams of a broadcast's progress at a time, on one node",
            Origin.CHOSEN,
            number(100, "streams", 0, 10_000),
            new Field(Limits::getProgressStreams, (l, n) -> l.setProgressStreams((int) n))),
        new AppLimit(
            "idempotencySeconds",
            "How long an Idempotency-Key is remembered",
            Origin.CHOSEN,
            number(604_800, "seconds", 0, 2_592_000),
            new Field(Limits::getIdempotencySeconds, (l, n) -> l.setIdempotencySeconds((int) n))),
        new AppLimit(
            "broadcastSeconds",
            "How long record and counters of a broadcast are kept after the last moment at which it"
                + " can be recalled, or repeated",
            Origin.CHOSEN,
            number(7_776_000, "seconds", 1, MOST_KEPT_SECONDS),
            new Field(Limits::getBroadcastSeconds, (l, n) -> l.setBroadcastSeconds((int) n))),
        new AppLimit(
            "receiptSeconds",
            "How long after that moment its recipients and receipts are kept, and how long removed"
                + " members are known",
            Origin.CHOSEN,
            number(604_800, "seconds", 1, MOST_KEPT_SECONDS),
            new Field(Limits::getReceiptSeconds, (l, n) -> l.setReceiptSeconds((int) n))),
        new AppLimit(
            "unreachedSeconds",
            "After its release, when webhooks are told of recipients who were not reached",
            Origin.CHOSEN,
            number(10, "seconds", 1, 86_400),
            new Field(Limits::getUnreachedSeconds, (l, n) -> l.setUnreachedSeconds((int) n))),
        new AppLimit(
            "dayOffsetSeconds",
            "Added to UTC to know the calendar day of a daily budget; 28800 is UTC+8",
            Origin.CHOSEN,
            number(28_800, "seconds", -43_200, 50_400),
            new Field(Limits::getDayOffsetSeconds, (l, n) -> l.setDayOffsetSeconds((int) n))));
  }

  private static List<AppLimit> nativeApi() {
    return List.of(
        new AppLimit(
            "requestsPerSecond",
            "Calls of /v1 by one key on one node; 0 is no limit",
            Origin.CHOSEN,
            number(1_000, "calls a second", 0, 1_000_000),
            new Field(Limits::getRequestsPerSecond, (l, n) -> l.setRequestsPerSecond((int) n))),
        new AppLimit(
            "bodyBytes",
            "Body of a call of /v1, apart from an import",
            Origin.CHOSEN,
            number(1_000_000, "bytes", 1_000, 1_000_000),
            new Field(Limits::getBodyBytes, (l, n) -> l.setBodyBytes((int) n))),
        new AppLimit(
            "messageBytes",
            "Message of a broadcast sent over /v1",
            Origin.CHOSEN,
            number(32_768, "bytes", 100, 262_144),
            new Field(Limits::getMessageBytes, (l, n) -> l.setMessageBytes((int) n))),
        new AppLimit(
            "runningScans",
            "Scans of members that are neither read to the end nor expired",
            Origin.CHOSEN,
            number(10, "scans", 1, 1_000),
            new Field(Limits::getRunningScans, (l, n) -> l.setRunningScans((int) n))),
        new AppLimit(
            "scanSeconds",
            "How long the pages of a scan can be read",
            Origin.CHOSEN,
            number(3_600, "seconds", 1, 86_400),
            new Field(Limits::getScanSeconds, (l, n) -> l.setScanSeconds((int) n))),
        new AppLimit(
            "tagRemovals",
            "Tags that were taken from everyone while records are still being rewritten",
            Origin.CHOSEN,
            number(100, "tags", 1, 1_000),
            new Field(Limits::getTagRemovals, (l, n) -> l.setTagRemovals((int) n))),
        new AppLimit(
            "auditEntries",
            "Entries that the audit keeps, the newest ones",
            Origin.CHOSEN,
            number(10_000, "entries", 1, 1_000_000),
            new Field(Limits::getAuditEntries, (l, n) -> l.setAuditEntries((int) n))));
  }

  private static List<AppLimit> credentials() {
    return List.of(
        new AppLimit(
            "credentialAgeSeconds",
            "How old a UserSig may be that registers its member, and how long the credentials that"
                + " a removed member had stay refused",
            Origin.CHOSEN,
            number(15_552_000, "seconds", 1, 1_576_800_000),
            new Field(
                Limits::getCredentialAgeSeconds, (l, n) -> l.setCredentialAgeSeconds((int) n))),
        new AppLimit(
            "tombstones",
            "Removed members whose credentials stay refused; the oldest are dropped",
            Origin.CHOSEN,
            number(1_000_000, "members", 0, 10_000_000),
            new Field(Limits::getTombstones, (l, n) -> l.setTombstones((int) n))),
        new AppLimit(
            "loginRegistrationsPerSecond",
            "Members that may register by logging in with a UserSig on one node; 0 is no limit",
            Origin.CHOSEN,
            number(200, "members a second", 0, 1_000_000),
            new Field(
                Limits::getLoginRegistrationsPerSecond,
                (l, n) -> l.setLoginRegistrationsPerSecond((int) n))));
  }

  private static List<AppLimit> volcengine() {
    return List.of(
        new AppLimit(
            "bodyWindowSeconds",
            "In which an equal UserBroadcast is a repetition; 0 turns that off",
            Origin.CHOSEN,
            number(60, "seconds", 0, 86_400),
            new Field(Limits::getBodyWindowSeconds, (l, n) -> l.setBodyWindowSeconds((int) n))),
        new AppLimit(
            "accessKeyDailyBroadcasts",
            "UserBroadcast calls a day that an access key made for this app may have accepted; each"
                + " key keeps its own; 0 is no limit",
            Origin.DOCUMENTED_BUDGET,
            number(20, "broadcasts a day", 0, 1_000_000),
            new Field(
                Limits::getAccessKeyDailyBroadcasts,
                (l, n) -> l.setAccessKeyDailyBroadcasts((int) n))),
        new AppLimit(
            "volcengineEmptyTagsRefused",
            "Whether an empty list of tags in UserBroadcast is refused instead of meaning everyone",
            Origin.CHOSEN,
            choice("false", "true"),
            new Field(
                limits -> limits.getVolcengineEmptyTagsRefused() ? 1 : 0,
                (l, n) -> l.setVolcengineEmptyTagsRefused(n == 1))),
        new AppLimit(
            "registerFailedUserId",
            "How RegisterUsers writes UserId in FailedInfos; auto is a number for the Go SDK and a"
                + " string, as documented, for others",
            Origin.CHOSEN,
            choice("auto", "string", "number"),
            new Field(
                Limits::getRegisterFailedUserIdValue,
                (l, n) -> l.setRegisterFailedUserIdValue((int) n))));
  }

  static Value number(long standard, String unit, long least, long most) {
    return new Value(standard, unit, least, most, List.of());
  }

  static Value choice(String... words) {
    return new Value(0, "", 0, words.length - 1L, List.of(words));
  }

  private static AppLimit rate(String action, long perSecond) {
    return rate(action, "by one access key", perSecond);
  }

  /// @param counted whose calls are counted together
  static AppLimit rate(String action, String counted, long perSecond) {
    return new AppLimit(
        "rates." + action,
        "Calls of " + action + " " + counted + " on one node; 0 is no limit",
        Origin.DOCUMENTED_RATE,
        number(perSecond, "calls a second", 0, 1_000_000),
        new Field(limits -> rate(limits, action), (l, n) -> setRate(l, action, (int) n)));
  }

  private static long rate(Limits limits, String action) {
    return limits.getRatesList().stream()
        .filter(rate -> rate.getAction().equals(action))
        .mapToLong(RateLimit::getPerSecond)
        .findFirst()
        .orElse(0);
  }

  private static void setRate(Limits.Builder limits, String action, int perSecond) {
    List<RateLimit> rates = new ArrayList<>(limits.getRatesList());
    rates.removeIf(rate -> rate.getAction().equals(action));
    if (perSecond != 0) {
      rates.add(RateLimit.newBuilder().setAction(action).setPerSecond(perSecond).build());
    }
    rates.sort(Comparator.comparing(RateLimit::getAction));
    limits.clearRates().addAllRates(rates);
  }
}
