package dev.fanfare.api;

import dev.fanfare.app.App;
import dev.fanfare.app.Caller;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.app.Mint;
import dev.fanfare.backup.Backups;
import dev.fanfare.cell.Cell;
import dev.fanfare.http.Face;
import dev.fanfare.http.RateLimits;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Limits;
import dev.fanfare.webhook.Deliveries;
import dev.fanfare.webhook.Targets;
import dev.fanfare.webhook.Webhooks;
import dev.fanfare.why.Inquiry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// The native API, `/v1`: JSON over HTTP, problems as RFC 9457 has them.
///
/// What it answers to is a list of [Operation]s, each beside the code that does it. The order of
/// checks is the same for all: key, path and method, app, rate, size, role, query, then the
/// operation's own.
public final class NativeFace implements Face {
  private static final String BEARER = "bearer ";
  private static final int ADMIN_REQUESTS_PER_SECOND = 1_000;
  private static final Set<String> MANAGEMENT = Set.of("", "/keys", "/limits");

  private final Replica replica;
  private final Settings settings;
  private final RateLimits rates;
  private final BrowserSessions sessions;
  private final List<Operation> operations;
  private final String version;
  private final Router router;

  /// What the face needs of its node.
  ///
  /// @param profile of apps that are made without saying one
  /// @param clock judges the end of keys and tokens
  /// @param random has to be safe for many threads and hard to foresee
  public record Settings(LimitsProfile profile, Clock clock, RandomGenerator random) {}

  /// The node behind the face.
  public record Node(
      Replica replica,
      Journal journal,
      Cell cell,
      Presence presence,
      Hooks hooks,
      Backups backups) {}

  /// What webhooks stand on.
  public record Hooks(Webhooks webhooks, Deliveries deliveries, Targets targets) {}

  public NativeFace(Node node, Settings settings) {
    this(node, settings, System::nanoTime);
  }

  /// @param nanoTime measures rates
  NativeFace(Node node, Settings settings, LongSupplier nanoTime) {
    this.replica = node.replica();
    this.settings = settings;
    this.rates = new RateLimits(nanoTime);
    this.sessions = new BrowserSessions(settings.random(), nanoTime);
    this.operations = operations(node);
    this.version = node.cell().self().get().getVersion();
    this.router = new Router(operations);
  }

  private List<Operation> operations(Node node) {
    Journal journal = node.journal();
    Clock clock = settings.clock();
    RandomGenerator random = settings.random();
    Mint mint = new Mint(random);
    List<Operation> all = new ArrayList<>();
    all.addAll(new AppCalls(replica, journal, mint, settings.profile()).operations());
    all.addAll(new KeyCalls(replica, journal, mint).operations());
    all.addAll(new AttributeCalls(journal).operations());
    all.addAll(new MemberCalls(replica, journal).operations());
    all.addAll(new ImportCalls(replica, journal).operations());
    all.addAll(new ExportCalls(replica).operations());
    all.addAll(new ScanCalls(replica, journal, clock, random).operations());
    all.addAll(new TagCalls(replica, journal, random).operations());
    AudienceCalls audiences = new AudienceCalls(replica, node.presence());
    all.addAll(audiences.operations());
    all.addAll(
        new BroadcastCalls(
                replica,
                new SendCall(replica, journal, random, audiences),
                new LifeCalls(replica, journal),
                new RecipientCalls(
                    replica, new Inquiry(replica.broadcasts(), replica.members(), clock)),
                new ProgressStreams(replica.broadcasts(), clock))
            .operations());
    all.addAll(new SessionCalls(replica, journal, node.presence()).operations());
    all.addAll(new WebhookCalls(node.hooks(), journal, mint).operations());
    all.addAll(new CredentialCalls(replica, clock).operations());
    all.addAll(new AuditCalls(replica).operations());
    all.addAll(new NodeCalls(node.cell()).operations());
    all.addAll(new BackupCalls(node.backups()).operations());
    all.addAll(new BrowserCalls(replica, sessions, rates, clock).operations());
    return List.copyOf(all);
  }

  /// Every call that the face answers to.
  List<Operation> operations() {
    return operations;
  }

  /// Serves the OpenAPI document of this face, and a page that shows it.
  public Face documentation() {
    return new OpenApiFace(new OpenApi(operations, version).document());
  }

  @Override
  public int maxBodyBytes() {
    return ApiLimits.BODY_BYTES;
  }

  @Override
  public boolean readsWhileArriving(String method, String path) {
    return method.equals("POST") && path.endsWith("/members:import");
  }

  @Override
  public Response answer(Request request) {
    String requestId = newRequestId();
    try {
      return route(request, requestId).with("X-Request-Id", requestId);
    } catch (ProblemException e) {
      return problem(e.problem(), requestId);
    } catch (TryAgainException e) {
      return tryAgain(requestId);
    } catch (OutcomeUnknownException e) {
      Problem problem =
          Problem.of(503, "outcome_unknown", "it may take effect within 5 s of the call, or never");
      return problem(problem, requestId).with("Retry-After", "5");
    }
  }

  private static Response tryAgain(String requestId) {
    Problem problem = Problem.of(503, "try_again", "nothing was done; the same call may succeed");
    return problem(problem, requestId).with("Retry-After", "1");
  }

  @Override
  public Response busy(Request request) {
    return tryAgain(newRequestId());
  }

  @Override
  public Response tooLarge(Request request) {
    return problem(bodyTooLarge(ApiLimits.BODY_BYTES), newRequestId());
  }

  private static Problem bodyTooLarge(int most) {
    return Problem.of(413, "body_too_large", "a body may have " + most + " bytes");
  }

  @Override
  public Response failure(Request request, RuntimeException cause) {
    Problem problem = Problem.of(500, "internal_error", "the server failed; its log says why");
    return problem(problem, newRequestId());
  }

  private static Response problem(Problem problem, String requestId) {
    Response response = Answers.problem(problem, requestId).with("X-Request-Id", requestId);
    return switch (problem.code()) {
      case "unauthorized" -> response.with("WWW-Authenticate", "Bearer");
      case "too_many_requests" -> response.with("Retry-After", "1");
      default -> response;
    };
  }

  private Response route(Request request, String requestId) {
    Router.Match match = router.find(request.method(), Paths.split(request.path()));
    if (match instanceof Router.Match.Found(Operation operation, _)
        && operation.handler() instanceof Operation.Handler.Open(var answer)) {
      return answer.apply(request);
    }
    Caller caller = caller(request);
    return switch (match) {
      case Router.Match.Found(Operation operation, var parameters) ->
          answer(request, caller, operation, parameters);
      case Router.Match.OtherMethods(Set<String> methods) -> {
        String allowed = String.join(", ", methods);
        Problem problem = Problem.of(405, "method_not_allowed", "this resource has " + allowed);
        yield problem(problem, requestId).with("Allow", allowed);
      }
      case Router.Match.Nothing() -> throw Problem.of(404, "not_found", "no such resource").raise();
    };
  }

  private Caller caller(Request request) {
    Optional<String> key =
        request.header("Authorization").isPresent()
            ? request
                .header("Authorization")
                .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(value -> value.substring(BEARER.length()).strip())
            : sessions.key(request);
    return key.flatMap(shown -> replica.tenants().caller(shown, settings.clock().instant()))
        .orElseThrow(
            () -> Problem.unauthorized("Authorization: Bearer with a valid key is needed").raise());
  }

  private Response answer(
      Request request, Caller caller, Operation operation, Map<String, String> parameters) {
    return switch (operation.handler()) {
      case Operation.Handler.InApp(var answer) -> {
        App app = app(caller, parameters.getOrDefault("app", ""));
        requireUsable(app, caller, operation);
        requireLimits(request, caller, app.limits());
        operation.access().require(caller);
        Call call = new Call(request, caller, app, parameters);
        call.query().requireOnly(operation.description().queryNames());
        yield answer.apply(call);
      }
      case Operation.Handler.InCell(var answer) -> {
        requireRate(
            caller,
            limits(caller).map(Limits::getRequestsPerSecond).orElse(ADMIN_REQUESTS_PER_SECOND));
        operation.access().require(caller);
        CellCall call = new CellCall(request, caller);
        call.query().requireOnly(operation.description().queryNames());
        yield answer.apply(call);
      }
      case Operation.Handler.Open(var answer) -> answer.apply(request);
    };
  }

  /// The app in the path. One that the caller has no key for is as good as absent.
  private App app(Caller caller, String id) {
    return replica
        .tenants()
        .byId(id)
        .filter(caller::mayEnter)
        .orElseThrow(() -> Problem.appNotFound().raise());
  }

  /// Refuses everything in a disabled app but what the admin needs to enable it.
  private static void requireUsable(App app, Caller caller, Operation operation) {
    String path = operation.endpoint().path().text().substring("/v1/apps/{app}".length());
    boolean management =
        caller instanceof Caller.Admin
            && MANAGEMENT.stream()
                .anyMatch(part -> path.equals(part) || (!part.isEmpty() && path.startsWith(part)));
    if (app.disabled() && !management) {
      throw Problem.of(403, "app_disabled", "the app is disabled").raise();
    }
  }

  private void requireLimits(Request request, Caller caller, Limits limits) {
    requireRate(caller, limits.getRequestsPerSecond());
    if (request.body().length > limits.getBodyBytes()) {
      throw bodyTooLarge(limits.getBodyBytes()).raise();
    }
  }

  private void requireRate(Caller caller, int perSecond) {
    String name =
        switch (caller) {
          case Caller.Admin admin -> admin.actor();
          case Caller.AppKey key -> key.app() + "/" + key.actor();
        };
    if (!rates.take(new RateLimits.Subject(name, "v1"), perSecond)) {
      throw Problem.tooManyRequests(perSecond).raise();
    }
  }

  private Optional<Limits> limits(Caller caller) {
    return switch (caller) {
      case Caller.Admin _ -> Optional.empty();
      case Caller.AppKey key -> replica.tenants().byNumber(key.app()).map(App::limits);
    };
  }

  private String newRequestId() {
    byte[] bytes = new byte[8];
    settings.random().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
