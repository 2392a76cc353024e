package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.app.UserSig;
import dev.fanfare.http.Response;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Role;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// The calls that sign credentials. A member's are from after the last ones that were revoked, so
/// that they are valid.
record CredentialCalls(Replica replica, Clock clock) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "POST",
                "/tokens",
                this::token,
                Description.of("Signs a token with which a member's device connects.")
                    .takes("NewToken", "{'member': '10001', 'ttlSeconds': 86400}")
                    .answers(201, "Token"))
            .allows(Access.of(Role.REGISTRAR)),
        Operation.inApp(
            "POST",
            "/usersigs",
            this::userSig,
            Description.of("Signs a Tencent UserSig of a member or an administrator.")
                .takes("NewUserSig", "{'account': '10001', 'ttlSeconds': 86400}")
                .answers(201, "UserSig")));
  }

  /// Signs a device token.
  private Response token(Call call) {
    Fields body = call.body().only(Set.of("member", "ttlSeconds"));
    String member = MemberId.read(body.required("member"), body.at("member"));
    DeviceTokens.Lifetime lifetime = lifetime(body);
    if (call.app().keys(AppKey.Kind.DEVICE_KEY, clock.instant()).isEmpty()) {
      throw Problem.of(409, "no_device_key", "the app has no valid device key").raise();
    }
    DeviceTokens.Claims claims = DeviceTokens.Claims.of(member, lifetime, notBefore(call, member));
    return signed("token", DeviceTokens.mint(call.app(), claims), lifetime.to());
  }

  /// Signs a UserSig. It can be an administrator's, who may do everything in the Tencent dialect,
  /// so it is for owners.
  private Response userSig(Call call) {
    Fields body = call.body().only(Set.of("account", "ttlSeconds"));
    String account = MemberId.read(body.required("account"), body.at("account"));
    DeviceTokens.Lifetime lifetime = lifetime(body);
    DeviceTokens.Claims claims =
        DeviceTokens.Claims.of(account, lifetime, notBefore(call, account));
    long expire = Math.max(1, claims.expiresAt() - claims.issuedAt());
    String made =
        UserSig.make(call.app(), account, claims.issuedAt(), expire)
            .orElseThrow(() ->
                Problem.of(
                        409,
                        "no_tencent_secret",
                        "the app has no SDKAppID or no valid Tencent secret")
                    .raise());
    return signed("userSig", made, claims.issuedAt() + expire);
  }

  private DeviceTokens.Lifetime lifetime(Fields body) {
    long ttl =
        body.number(
            "ttlSeconds", 1, ApiLimits.TOKEN_TTL_SECONDS, ApiLimits.DEFAULT_TOKEN_TTL_SECONDS);
    long now = clock.instant().getEpochSecond();
    return new DeviceTokens.Lifetime(now, now + ttl);
  }

  private long notBefore(Call call, String member) {
    return replica.credentialsNotBefore(call.app(), member, clock.instant());
  }

  private static Response signed(String name, String credential, long expiresAt) {
    ObjectNode answer = Json.object().put(name, credential);
    return Answers.json(201, answer.put("expiresAt", Instant.ofEpochSecond(expiresAt).toString()));
  }
}
