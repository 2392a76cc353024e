package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.app.Caller;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.app.Mint;
import dev.fanfare.http.Face;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Role;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The native API, `/v1`: JSON over HTTP, problems as RFC 9457 has them.
public final class NativeFace implements Face {
  private static final String BEARER = "bearer ";

  private static final Set<String> MANAGEMENT = Set.of("", "keys", "limits");

  private final Replica replica;
  private final Settings settings;
  private final MemberCalls members;
  private final BroadcastCalls broadcasts;
  private final AttributeCalls attributes;
  private final AppCalls apps;
  private final KeyCalls keys;

  /// What the face needs of its node.
  ///
  /// @param profile of apps that are made without saying one
  /// @param clock judges the end of keys and tokens
  /// @param random has to be safe for many threads and hard to foresee
  public record Settings(LimitsProfile profile, Clock clock, RandomGenerator random) {}

  public NativeFace(Replica replica, Journal journal, Settings settings) {
    this.replica = replica;
    this.settings = settings;
    Mint mint = new Mint(settings.random());
    this.members = new MemberCalls(replica, journal);
    this.broadcasts = new BroadcastCalls(replica, journal, settings.random());
    this.attributes = new AttributeCalls(journal);
    this.apps = new AppCalls(replica, journal, mint, settings.profile());
    this.keys = new KeyCalls(replica, journal, mint);
  }

  @Override
  public int maxBodyBytes() {
    return ApiLimits.BODY_BYTES;
  }

  @Override
  public Response answer(Request request) {
    String requestId = newRequestId();
    try {
      return route(request).with("X-Request-Id", requestId);
    } catch (ProblemException e) {
      return problem(e.problem(), requestId);
    } catch (TryAgainException e) {
      Problem problem = Problem.of(503, "try_again", "nothing was done; the same call may succeed");
      return problem(problem, requestId).with("Retry-After", "1");
    }
  }

  @Override
  public Response tooLarge(Request request) {
    String most = "a body may have " + ApiLimits.BODY_BYTES + " bytes";
    return problem(Problem.of(413, "body_too_large", most), newRequestId());
  }

  @Override
  public Response failure(Request request, RuntimeException cause) {
    Problem problem = Problem.of(500, "internal_error", "the server failed; its log says why");
    return problem(problem, newRequestId());
  }

  private static Response problem(Problem problem, String requestId) {
    Response response = Answers.problem(problem, requestId).with("X-Request-Id", requestId);
    return problem.status() == 401 ? response.with("WWW-Authenticate", "Bearer") : response;
  }

  private Response route(Request request) {
    Caller caller = caller(request);
    List<String> path = Paths.split(request.path());
    if (path.size() < 2 || !path.get(1).equals("apps")) {
      throw notFound();
    }
    if (path.size() == 2) {
      return apps(caller, request);
    }
    App app = app(caller, path.get(2));
    Call call = new Call(request, caller, app, path.subList(3, path.size()));
    requireUsable(call);
    return route(call);
  }

  private Response route(Call call) {
    List<String> path = call.path();
    String first = path.isEmpty() ? "" : path.getFirst();
    if (path.size() == 2) {
      return switch (first) {
        case "members" -> members.one(call, path.get(1));
        case "broadcasts" -> {
          requireMethod(call.request(), "GET");
          yield broadcasts.show(call, path.get(1));
        }
        default -> throw notFound();
      };
    }
    if (path.size() == 3 && first.equals("keys")) {
      return keys.one(call, path.get(1), path.get(2));
    }
    if (path.size() > 2) {
      throw notFound();
    }
    return switch (first) {
      case "" -> apps.one(call);
      case "keys" -> keys.all(call);
      case "limits" -> apps.limits(call);
      case "attributes" -> attributes.all(call);
      case "members:batch" -> members.batch(post(call));
      case "audience:count" -> broadcasts.count(post(call));
      case "broadcasts" -> broadcasts.send(post(call));
      case "tokens" -> token(post(call));
      default -> throw notFound();
    };
  }

  private Caller caller(Request request) {
    return request
        .header("Authorization")
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip())
        .flatMap(key -> replica.tenants().caller(key, settings.clock().instant()))
        .orElseThrow(() ->
            Problem.of(401, "unauthorized", "Authorization: Bearer with a valid key is needed")
                .raise());
  }

  /// The app in the path. One that the caller has no key for is as good as absent.
  private App app(Caller caller, String id) {
    return replica
        .tenants()
        .byId(id)
        .filter(app -> mayEnter(caller, app))
        .orElseThrow(() -> Problem.of(404, "app_not_found", "no such app").raise());
  }

  /// Refuses everything in a disabled app but what the admin needs to enable it.
  private static void requireUsable(Call call) {
    boolean management =
        call.caller() instanceof Caller.Admin
            && (call.path().isEmpty() || MANAGEMENT.contains(call.path().getFirst()));
    if (call.app().disabled() && !management) {
      throw Problem.of(403, "app_disabled", "the app is disabled").raise();
    }
  }

  private static boolean mayEnter(Caller caller, App app) {
    return switch (caller) {
      case Caller.Admin _ -> true;
      case Caller.AppKey(_, int number, _) -> number == app.number();
    };
  }

  private Response apps(Caller caller, Request request) {
    if (request.method().equals("POST")) {
      Call.requireAdmin(caller);
      return apps.create(request);
    }
    requireMethod(request, "GET");
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("apps");
    replica.tenants().all().stream()
        .filter(app -> mayEnter(caller, app))
        .sorted(Comparator.comparing(App::id))
        .forEach(app -> list.add(AppJson.write(app)));
    return Answers.json(200, answer);
  }

  /// Signs a device token.
  private Response token(Call call) {
    call.allow(Role.REGISTRAR);
    Fields body = call.body().only(Set.of("member", "ttlSeconds"));
    String member = MemberId.read(body.required("member"), body.at("member"));
    long ttl =
        body.number(
            "ttlSeconds", 1, ApiLimits.TOKEN_TTL_SECONDS, ApiLimits.DEFAULT_TOKEN_TTL_SECONDS);
    long now = settings.clock().instant().getEpochSecond();
    if (call.app().keys(AppKey.Kind.DEVICE_KEY, Instant.ofEpochSecond(now)).isEmpty()) {
      throw Problem.of(409, "no_device_key", "the app has no valid device key").raise();
    }
    String token = DeviceTokens.mint(call.app(), new DeviceTokens.Claims(member, now, now + ttl));
    ObjectNode answer = Json.object().put("token", token);
    return Answers.json(201, answer.put("expiresAt", Instant.ofEpochSecond(now + ttl).toString()));
  }

  private static Call post(Call call) {
    requireMethod(call.request(), "POST");
    return call;
  }

  private static void requireMethod(Request request, String method) {
    if (!request.method().equals(method)) {
      throw Answers.methodNotAllowed(method);
    }
  }

  private static ProblemException notFound() {
    return Problem.of(404, "not_found", "no such resource").raise();
  }

  private String newRequestId() {
    byte[] bytes = new byte[8];
    settings.random().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
