package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Caller;
import dev.fanfare.http.RateLimits;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.replica.Replica;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/// Signs browsers in and out.
record BrowserCalls(Replica replica, BrowserSessions sessions, RateLimits rates, Clock clock) {
  private static final int SIGN_INS_PER_SECOND = 10;
  private static final int MOST_KEY_BYTES = 256;

  List<Operation> operations() {
    return List.of(
        Operation.open(
            "POST",
            "/v1/session",
            this::open,
            Description.of(
                    "Signs a browser in: sets a cookie that stands for the key in requests with the"
                        + " header X-Fanfare-Console.")
                .takes("SignIn", "{'key': 'dev-api-key'}")
                .answers(201, "Session")),
        Operation.open(
            "DELETE", "/v1/session", this::close, Description.of("Signs a browser out.")));
  }

  private Response open(Request request) {
    requireConsole(request);
    RateLimits.Subject subject = new RateLimits.Subject(request.countedAddress(), "sign-in");
    if (!rates.take(subject, SIGN_INS_PER_SECOND)) {
      throw Problem.tooManyRequests(SIGN_INS_PER_SECOND).raise();
    }
    Fields body = Json.body(request.body()).only(Set.of("key"));
    body.required("key");
    String key = body.text("key", 1, MOST_KEY_BYTES);
    Caller caller =
        replica
            .tenants()
            .caller(key, clock.instant())
            .orElseThrow(() -> Problem.unauthorized("this key opens nothing").raise());
    return Answers.json(201, write(caller))
        .with("Set-Cookie", sessions.open(key, request.encrypted()));
  }

  private ObjectNode write(Caller caller) {
    ObjectNode json = Json.object().put("name", caller.name());
    return switch (caller) {
      case Caller.Admin _ -> json.put("role", "admin");
      case Caller.AppKey(_, int number, var role) -> {
        replica.tenants().byNumber(number).ifPresent(app -> json.put("app", app.id()));
        yield json.put("role", KeyFields.text(role));
      }
    };
  }

  private Response close(Request request) {
    requireConsole(request);
    return Answers.empty().with("Set-Cookie", sessions.close(request));
  }

  /// A page of another site must not sign anybody in or out.
  private static void requireConsole(Request request) {
    if (request.header(BrowserSessions.HEADER).isEmpty()) {
      throw Problem.of(403, "console_header_missing", "the header X-Fanfare-Console: 1 is needed")
          .raise();
    }
  }
}
