package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.http.Response;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Role;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// Credentials for devices.
///
/// @param clock says when a token begins
record TokenCalls(Clock clock) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "POST",
                "/tokens",
                this::mint,
                Description.of("Signs a token with which a member's device connects.")
                    .takes("NewToken", "{'member': '10001', 'ttlSeconds': 86400}")
                    .answers(201, "Token"))
            .allows(Access.of(Role.REGISTRAR)));
  }

  private Response mint(Call call) {
    Fields body = call.body().only(Set.of("member", "ttlSeconds"));
    String member = MemberId.read(body.required("member"), body.at("member"));
    long ttl =
        body.number(
            "ttlSeconds", 1, ApiLimits.TOKEN_TTL_SECONDS, ApiLimits.DEFAULT_TOKEN_TTL_SECONDS);
    long now = clock.instant().getEpochSecond();
    if (call.app().keys(AppKey.Kind.DEVICE_KEY, Instant.ofEpochSecond(now)).isEmpty()) {
      throw Problem.of(409, "no_device_key", "the app has no valid device key").raise();
    }
    String token = DeviceTokens.mint(call.app(), new DeviceTokens.Claims(member, now, now + ttl));
    ObjectNode answer = Json.object().put("token", token);
    return Answers.json(201, answer.put("expiresAt", Instant.ofEpochSecond(now + ttl).toString()));
  }
}
