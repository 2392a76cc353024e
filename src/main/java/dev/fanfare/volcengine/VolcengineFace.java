package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.http.Face;
import dev.fanfare.http.NoAnswerException;
import dev.fanfare.http.RateLimits;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Volcengine IM OpenAPI as its clients know it: signed POSTs to `/`, the action in the query.
///
/// Any number of threads may call it; the only state of its own is what each caller spent of its
/// rates.
public final class VolcengineFace implements Face {
  private static final Logger LOG = LoggerFactory.getLogger(VolcengineFace.class);

  private final Rules rules;
  private final State state;
  private final UserChanges changes;
  private final UserReads reads;
  private final OnlineStatus online;
  private final UserBroadcast broadcast;
  private final RateLimits rates;
  private final Clock wall;
  private final RandomGenerator random;

  /// The parts of a node that this face stands on.
  public record Node(Replica replica, Journal journal, Presence presence) {}

  /// What is judged before the app of a request is known.
  ///
  /// @param bodyBytes of the largest request
  /// @param validity how old a signed request may be, and how far ahead of the clock
  /// @param longestValidity how old one may be that says so itself
  public record Rules(int bodyBytes, Duration validity, Duration longestValidity) {}

  /// @param wall judges the age of signatures
  /// @param nanoTime monotonic nanoseconds, measure the rates
  record Clocks(Clock wall, LongSupplier nanoTime) {}

  /// @param wall judges the age of signatures
  /// @param random draws request ids, broadcast ids and pivots; safe for many threads
  public VolcengineFace(Node node, Rules rules, Clock wall, RandomGenerator random) {
    this(
        rules,
        State.of(node.replica(), node.presence()),
        node.journal(),
        new Clocks(wall, System::nanoTime),
        random);
  }

  VolcengineFace(Rules rules, State state, Journal journal, Clocks clocks, RandomGenerator random) {
    this.rules = rules;
    this.state = state;
    this.changes = new UserChanges(journal);
    this.reads = new UserReads(state);
    this.online = new OnlineStatus(state);
    this.broadcast = new UserBroadcast(journal, state.broadcasts(), random);
    this.rates = new RateLimits(clocks.nanoTime());
    this.wall = clocks.wall();
    this.random = random;
  }

  @Override
  public int maxBodyBytes() {
    return rules.bodyBytes();
  }

  @Override
  public Response answer(Request request) {
    Envelope envelope = envelope(request);
    try {
      return answer(request, envelope);
    } catch (VolcengineException e) {
      return envelope.failure(e);
    } catch (TryAgainException e) {
      LOG.warn("request {}: to be tried again: {}", envelope.requestId(), e.getMessage());
      return envelope.failure(VolcengineError.SERVICE_UNAVAILABLE.with());
    } catch (OutcomeUnknownException e) {
      LOG.warn("request {}: outcome unknown: {}", envelope.requestId(), e.getMessage());
      throw new NoAnswerException();
    }
  }

  @Override
  public Response tooLarge(Request request) {
    return envelope(request).failure(VolcengineError.BODY_TOO_LARGE.with(rules.bodyBytes()));
  }

  @Override
  public Response busy(Request request) {
    return envelope(request).failure(VolcengineError.SERVICE_UNAVAILABLE.with());
  }

  @Override
  public Response failure(Request request, RuntimeException cause) {
    Envelope envelope = envelope(request);
    LOG.error("request {}: failed", envelope.requestId(), cause);
    return envelope.failure(VolcengineError.INTERNAL_ERROR.with());
  }

  private Envelope envelope(Request request) {
    return Envelope.of(request, wall.instant(), random);
  }

  /// The checks that come before the action, in the order that the conformance table lists.
  private Response answer(Request request, Envelope envelope) {
    if (!request.path().isEmpty() && !request.path().equals("/")) {
      throw unknown(envelope);
    }
    if (!request.method().equals("POST")) {
      throw VolcengineError.METHOD_NOT_ALLOWED.with(request.method());
    }
    if (envelope.action().isEmpty() || envelope.version().isEmpty()) {
      String missing = envelope.action().isEmpty() ? "Action" : "Version";
      throw VolcengineError.MISSING_PARAMETER.with(missing);
    }
    Instant now = wall.instant();
    Authentication caller = Authentication.check(request, rules, state, now);
    Action action =
        Action.named(envelope.action(), envelope.version()).orElseThrow(() -> unknown(envelope));
    checkAction(caller, action);
    checkRate(caller, action);
    Fields body = Fields.parse(request.body());
    App app = app(state.tenants(), caller, body);
    Call call = new Call(request, caller, app, state.settings(app), body);
    return answer(call, action, envelope, now);
  }

  /// Row 13.
  private static void checkAction(Authentication caller, Action action) {
    if (!caller.account().mayUse(action)) {
      throw VolcengineError.ACCESS_DENIED.with("rtc:" + action.text(), "*");
    }
  }

  /// Row 14. Apps share the rates of the access key that they belong to.
  private void checkRate(Authentication caller, Action action) {
    RateLimits.Subject subject = new RateLimits.Subject(caller.key().id(), action.text());
    if (!rates.take(subject, caller.account().perSecond(action))) {
      throw VolcengineError.FLOW_LIMIT_EXCEEDED.with();
    }
  }

  private Response answer(Call call, Action action, Envelope envelope, Instant now) {
    return switch (action) {
      case REGISTER_USERS -> envelope.success(changes.register(call));
      case UN_REGISTER_USERS -> envelope.success(changes.unregister(call));
      case BATCH_GET_USER -> envelope.success(reads.batchGet(call));
      case BATCH_UPDATE_USER -> envelope.success(changes.update(call));
      case BATCH_UPDATE_USER_TAGS -> envelope.success(changes.editTags(call));
      case USER_BROADCAST -> {
        String id = broadcast.start(call);
        yield envelope
            .success(JsonNodeFactory.instance.objectNode())
            .with("X-Fanfare-Broadcast", id);
      }
      case GET_APP_TOKEN -> envelope.success(reads.appToken(call, now));
      case QUERY_ONLINE_STATUS -> envelope.success(online.query(call));
    };
  }

  private static VolcengineException unknown(Envelope envelope) {
    return VolcengineError.INVALID_ACTION_OR_VERSION.with(envelope.action(), envelope.version());
  }

  /// The app that a body names, when the caller may speak for it.
  private static App app(Tenants tenants, Authentication caller, Fields body) {
    long appId = body.integer("AppId", 1, Integer.MAX_VALUE);
    App app =
        tenants
            .byVolcengineAppId(appId)
            .orElseThrow(() -> VolcengineError.APP_NOT_FOUND.with(appId));
    if (!caller.key().apps().contains(app.number())) {
      throw VolcengineError.NO_AUTH.with(appId);
    }
    if (app.disabled()) {
      throw VolcengineError.APP_STATUS_EXCEPTION.with(appId);
    }
    return app;
  }
}
