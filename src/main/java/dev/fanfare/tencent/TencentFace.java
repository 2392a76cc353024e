package dev.fanfare.tencent;

import dev.fanfare.app.App;
import dev.fanfare.http.Face;
import dev.fanfare.http.RateLimits;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.RateLimit;
import java.time.Clock;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Tencent IM REST API as its clients know it: POSTs under `/v4/`, the caller and a UserSig in
/// the query.
///
/// Any number of threads may call it; the only state of its own is what was spent of rates and how
/// many bad signatures came from where.
public final class TencentFace implements Face {
  private static final Logger LOG = LoggerFactory.getLogger(TencentFace.class);

  private final State state;
  private final Accounts accounts;
  private final OnlineStatus online;
  private final UserAttributes attributes;
  private final UserTags tags;
  private final Pushes pushes;
  private final Revocation revocation;
  private final PushStatistics statistics;
  private final RateLimits rates;
  private final Authentication.Signatures signatures;
  private final Settings settings;

  /// The parts of a node that this face stands on.
  public record Node(Replica replica, Journal journal, Presence presence) {}

  /// What holds for the whole node, before the app is known.
  ///
  /// @param maxBodyBytes of any request
  /// @param badSignatures that one address may send in a minute; 0 for no limit
  public record Settings(int maxBodyBytes, int badSignatures) {}

  /// @param wall judges the age of signatures
  /// @param nanoTime monotonic nanoseconds, measure the rates
  record Clocks(Clock wall, LongSupplier nanoTime) {}

  /// What a face needs besides the state and the journal.
  record Surroundings(Settings settings, Clocks clocks, RandomGenerator random) {}

  /// @param wall judges the age of signatures
  /// @param random draws broadcast ids; safe for many threads
  public TencentFace(Node node, Settings settings, Clock wall, RandomGenerator random) {
    this(
        State.of(node.replica(), node.presence()),
        node.journal(),
        new Surroundings(settings, new Clocks(wall, System::nanoTime), random));
  }

  TencentFace(State state, Journal journal, Surroundings around) {
    MemberChanges changes = new MemberChanges(journal);
    this.state = state;
    this.accounts = new Accounts(state, journal, changes);
    this.online = new OnlineStatus(state);
    this.attributes = new UserAttributes(state, journal, changes);
    this.tags = new UserTags(state, changes);
    this.pushes = new Pushes(state, journal, around.random());
    this.revocation = new Revocation(state, journal, around.clocks().wall());
    this.statistics = new PushStatistics(state, around.clocks().wall());
    this.rates = new RateLimits(around.clocks().nanoTime());
    this.settings = around.settings();
    BadSignatures bad = new BadSignatures(settings.badSignatures(), around.clocks().nanoTime());
    this.signatures = new Authentication.Signatures(around.clocks().wall(), bad);
  }

  @Override
  public int maxBodyBytes() {
    return settings.maxBodyBytes();
  }

  @Override
  public Response answer(Request request) {
    try {
      Action action = action(request);
      return answer(request, action).response();
    } catch (TencentException e) {
      return Answer.failure(e).response();
    }
  }

  private Answer answer(Request request, Action action) {
    try {
      Authentication caller = Authentication.check(request, action, state, signatures);
      checkRate(caller.app(), action);
      Fields body = Fields.parse(request.body(), action.service().badJson());
      return answer(new Call(request, action, caller.app(), caller.identifier(), body));
    } catch (TryAgainException e) {
      LOG.warn("{}: to be tried again: {}", request.path(), e.getMessage());
      return tryAgain(action);
    } catch (OutcomeUnknownException e) {
      LOG.warn("{}: outcome unknown: {}", request.path(), e.getMessage());
      return Answer.failure(action.service().unavailable().with("outcome_unknown"));
    }
  }

  private static Answer tryAgain(Action action) {
    return Answer.failure(action.service().unavailable().with("nothing was changed; try again"));
  }

  private static Action action(Request request) {
    Action action =
        Action.at(request.path())
            .orElseThrow(() -> TencentError.UNKNOWN_COMMAND.with("no command has this path"));
    if (!request.method().equals("POST")) {
      throw TencentError.MALFORMED_REQUEST.with("the method must be POST");
    }
    return action;
  }

  /// All administrators of an app share its rates.
  private void checkRate(App app, Action action) {
    int perSecond =
        app.limits().getRatesList().stream()
            .filter(rate -> rate.getAction().equals(action.rate()))
            .mapToInt(RateLimit::getPerSecond)
            .findFirst()
            .orElse(0);
    if (!rates.take(new RateLimits.Subject(app.id(), action.rate()), perSecond)) {
      throw action.overRate().with("more than " + perSecond + " calls in a second");
    }
  }

  private Answer answer(Call call) {
    return switch (call.action()) {
      case ACCOUNT_IMPORT -> accounts.importOne(call);
      case MULTIACCOUNT_IMPORT -> accounts.importMany(call);
      case ACCOUNT_DELETE -> accounts.delete(call);
      case ACCOUNT_CHECK -> accounts.check(call);
      case KICK -> accounts.kick(call);
      case QUERY_ONLINE_STATUS, QUERYSTATE -> online.query(call);
      case IM_SET_ATTR_NAME, SET_ATTR_NAME -> attributes.setNames(call);
      case IM_GET_ATTR_NAME, GET_ATTR_NAME -> attributes.names(call);
      case IM_SET_ATTR, SET_ATTR -> attributes.set(call);
      case IM_GET_ATTR, GET_ATTR -> attributes.get(call);
      case IM_REMOVE_ATTR, REMOVE_ATTR -> attributes.remove(call);
      case IM_ADD_TAG, ADD_TAG -> tags.add(call);
      case IM_GET_TAG, GET_TAG -> tags.get(call);
      case IM_REMOVE_TAG, REMOVE_TAG -> tags.remove(call);
      case IM_REMOVE_ALL_TAGS, CLEAR_ALL_TAGS -> tags.removeAll(call);
      case IM_PUSH, PUSH -> pushes.start(call);
      case BATCH -> pushes.startBatch(call);
      case REVOKE -> revocation.revoke(call);
      case STATISTICS -> statistics.counters(call);
      case LOSS -> statistics.losses(call);
      case TRACE -> statistics.trace(call);
    };
  }

  @Override
  public Response tooLarge(Request request) {
    Optional<Action> action = Action.at(request.path());
    TencentError error = action.map(Action::tooLarge).orElse(TencentError.UNKNOWN_COMMAND);
    String info = "the body has more than " + settings.maxBodyBytes() + " bytes";
    return Answer.failure(error.with(info)).response();
  }

  @Override
  public Response busy(Request request) {
    return Action.at(request.path())
        .map(TencentFace::tryAgain)
        .orElseGet(() -> Answer.failure(TencentError.INTERNAL.with("try again")))
        .response();
  }

  @Override
  public Response failure(Request request, RuntimeException cause) {
    LOG.error("{} failed", request.path(), cause);
    TencentError error =
        Action.at(request.path())
            .map(action -> action.service().failed())
            .orElse(TencentError.INTERNAL);
    return Answer.failure(error.with("internal error")).response();
  }
}
