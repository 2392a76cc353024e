package dev.fanfare.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fanfare.http.Request;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Who is signed in with a browser: a random name in a cookie stands for the key that was shown.
/// Any thread.
///
/// Kept in this node's memory alone, so a restart signs everyone out. A session that was not used
/// for twelve hours ends; of more than [#MOST], and of more than [#MOST_OF_A_KEY] of one key, the
/// least used end. The key is looked up at every request, so one that was disabled opens nothing
/// here either. A cookie counts only together with the header [#HEADER], which a page of another
/// site cannot make a browser send.
final class BrowserSessions {
  static final String COOKIE = "fanfare_session";
  static final String HEADER = "X-Fanfare-Console";

  private static final int MOST = 1_000;

  /// So that who has one key cannot sign everybody else out.
  private static final int MOST_OF_A_KEY = 20;

  private static final Duration IDLE = Duration.ofHours(12);
  private static final int NAME_BYTES = 32;

  private final RandomGenerator random;
  private final Cache<String, String> keys;

  BrowserSessions(RandomGenerator random, LongSupplier nanoTime) {
    this.random = random;
    this.keys =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterAccess(IDLE)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /// Signs in with a key that is valid; answers the cookie.
  ///
  /// @param encrypted whether the browser speaks TLS, so that it shall never show the cookie
  ///   without
  synchronized String open(String key, boolean encrypted) {
    List<String> older = leastUsedFirst(key);
    keys.invalidateAll(older.subList(0, Math.max(0, older.size() - MOST_OF_A_KEY + 1)));
    byte[] bytes = new byte[NAME_BYTES];
    random.nextBytes(bytes);
    String name = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    keys.put(name, key);
    return COOKIE
        + "="
        + name
        + "; Path=/; HttpOnly; SameSite=Strict; Max-Age="
        + IDLE.toSeconds()
        + (encrypted ? "; Secure" : "");
  }

  private List<String> leastUsedFirst(String key) {
    return keys.policy().expireAfterAccess().orElseThrow().oldest(MOST).entrySet().stream()
        .filter(session -> session.getValue().equals(key))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// Signs out; answers the cookie that takes the other one away.
  String close(Request request) {
    name(request).ifPresent(keys::invalidate);
    return COOKIE + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
  }

  /// The key that the session of a request stands for.
  Optional<String> key(Request request) {
    return request
        .header(HEADER)
        .flatMap(_ -> name(request))
        .flatMap(name -> Optional.ofNullable(keys.getIfPresent(name)));
  }

  private static Optional<String> name(Request request) {
    String prefix = COOKIE + "=";
    return request
        .header("Cookie")
        .flatMap(cookies ->
            Stream.of(cookies.split(";", -1))
                .map(String::strip)
                .filter(cookie -> cookie.startsWith(prefix))
                .map(cookie -> cookie.substring(prefix.length()))
                .findFirst());
  }
}
