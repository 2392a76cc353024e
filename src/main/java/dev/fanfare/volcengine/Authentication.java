package dev.fanfare.volcengine;

import dev.fanfare.app.AccessKey;
import dev.fanfare.http.Request;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Optional;
import java.util.regex.Pattern;

/// Who signed a request, and until when the same signature can come again.
///
/// @param signature as the caller sent it
/// @param until when a repetition of the request can no longer be valid
record Authentication(AccessKey key, Account account, String signature, Instant until) {
  private static final Duration GRACE = Duration.ofMinutes(1);
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
  private static final Pattern COMPACT = Pattern.compile("[0-9]{8}T[0-9]{6}Z");
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withResolverStyle(ResolverStyle.STRICT);

  /// Rows 2 to 11 of the order of checks, in their order.
  ///
  /// The date of the scope is compared with an X-Date that is one; any other is row 7.
  ///
  /// @throws VolcengineException when the request is not believed
  static Authentication check(
      Request request, VolcengineFace.Rules rules, State state, Instant now) {
    Authorization authorization =
        Authorization.parse(
            request
                .header("authorization")
                .orElseThrow(VolcengineError.MISSING_AUTHENTICATION_TOKEN::with));
    Authorization.Scope scope = authorization.scope();
    Optional<String> date = request.header("x-date").map(String::strip);
    Optional<Instant> signedAt = date.flatMap(Authentication::time);
    if (signedAt.isPresent() && !date.orElseThrow().substring(0, 8).equals(scope.date())) {
      throw VolcengineError.INVALID_CREDENTIAL.with();
    }
    if (date.isEmpty()) {
      throw VolcengineError.MISSING_REQUEST_INFO.with();
    }
    Instant from = signedAt.orElseThrow(VolcengineError.INVALID_TIMESTAMP::with);
    Duration validity = validity(Query.parse(request.query()), rules);
    if (now.isAfter(from.plus(validity)) || now.isBefore(from.minus(rules.validity()))) {
      throw VolcengineError.INVALID_TIMESTAMP.with();
    }
    if (!scope.service().equals("rtc")) {
      throw VolcengineError.SERVICE_NOT_FOUND.with(scope.service());
    }
    AccessKey key =
        state
            .tenants()
            .accessKey(scope.accessKey(), now)
            .orElseThrow(() -> VolcengineError.INVALID_ACCESS_KEY.with(scope.accessKey()));
    Account account = state.account(key);
    checkSessionToken(request, authorization, account.sessionToken());
    if (!new Signature(request, authorization, scope).verify(key.secret())) {
      throw VolcengineError.SIGNATURE_DOES_NOT_MATCH.with();
    }
    Duration longest = validity.compareTo(rules.validity()) > 0 ? validity : rules.validity();
    Instant until = from.plus(longest).plus(GRACE);
    return new Authentication(key, account, authorization.signature(), until);
  }

  /// Row 10: a key that has a session token is good for nothing without it.
  ///
  /// @param expected empty when the key has none; then what is sent does not matter
  private static void checkSessionToken(
      Request request, Authorization authorization, String expected) {
    if (expected.isEmpty()) {
      return;
    }
    String sent =
        request
            .header("x-security-token")
            .orElseThrow(
                () -> VolcengineError.INVALID_SECRET_TOKEN.with("X-Security-Token is missing."));
    if (authorization.signedHeaderNames().stream()
        .noneMatch("x-security-token"::equalsIgnoreCase)) {
      throw VolcengineError.INVALID_SECRET_TOKEN.with("X-Security-Token is not signed.");
    }
    if (!MessageDigest.isEqual(Hashes.utf8(sent.strip()), Hashes.utf8(expected))) {
      throw VolcengineError.INVALID_SECRET_TOKEN.with("X-Security-Token is not the key's.");
    }
  }

  private static Optional<Instant> time(String date) {
    if (!COMPACT.matcher(date).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(LocalDateTime.parse(date, FORMAT).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /// How old the request may be: what it says by X-Expires, or what is usual.
  private static Duration validity(Query query, VolcengineFace.Rules rules) {
    Optional<String> expires = query.first("X-Expires");
    if (expires.isEmpty()) {
      return rules.validity();
    }
    if (!SECONDS.matcher(expires.get()).matches()) {
      throw VolcengineError.INVALID_TIMESTAMP.with();
    }
    Duration wanted = Duration.ofSeconds(Long.parseLong(expires.get()));
    return wanted.compareTo(rules.longestValidity()) < 0 ? wanted : rules.longestValidity();
  }
}
