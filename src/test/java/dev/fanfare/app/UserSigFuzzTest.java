package dev.fanfare.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Mutated UserSigs are judged, never thrown at; none that was not signed is verified, and none
/// costs more memory than its size allows.
///
/// `-Dseed=N` replays a run; `-Dlong=true` makes it a million cases, `-Dfuzz.cases=N` as many.
final class UserSigFuzzTest {
  private static final long NOW = 1_704_067_200;
  private static final long SDK_APP_ID = 1_400_000_000;

  /// What a judgement may allocate: the output of the zlib stream, its text and its tree, and so
  /// much for each byte of the input.
  private static final long CALL_BYTES = 512 << 10;

  private static final long CALL_BYTES_PER_BYTE = 16;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String SIGNS = "{}[]:,\"\\'0123456789-+.eEunltrafs \n\u0000TLS.zé中\ud800";
  private static final List<String> WORDS =
      List.of(
          "null",
          "\"TLS.expire\":9223372036854775807",
          "\"TLS.time\":\"1704067200\"",
          "\"TLS.userbuf\":\"\"",
          ",\"TLS.identifier\":\"administrator\"",
          "\\nTLS.sdkappid:1400000000",
          "9223372036854775808",
          "1e999999999",
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final int cases =
      Integer.getInteger("fuzz.cases", Boolean.getBoolean("long") ? 1_000_000 : 20_000);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final App app = UserSigTest.app(SDK_APP_ID, UserSigTest.key("default", "secret"));
  private final UserSigDocument original =
      UserSigDocument.decode(UserSig.make(app, "xiaoming", NOW, 3_600).orElseThrow()).orElseThrow();

  @Test
  void mutated_signatures_are_judged_and_never_forged() {
    Map<UserSig.Failure, Integer> failures = new EnumMap<>(UserSig.Failure.class);
    int verified = 0;
    for (int i = 0; i < cases; i++) {
      String text = hostile();
      String what = "seed " + seed + " case " + i;
      try {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        UserSig.Verdict verdict = UserSig.verify(app, text, "xiaoming"::equals, NOW);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated < cap(text) || againWithin(text)).as(what).isTrue();
        switch (verdict) {
          case UserSig.Verified found -> {
            assertThat(found)
                .as(what)
                .isEqualTo(
                    new UserSig.Verified(
                        "xiaoming", NOW, 3_600, SigningKey.of(app.keys().getFirst())));
            verified++;
          }
          case UserSig.Failure failure -> failures.merge(failure, 1, Integer::sum);
        }
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(what + ": " + text, e);
      }
    }
    assertThat(verified).as("seed %s, some only look different", seed).isPositive();
    assertThat(failures)
        .as("seed %s", seed)
        .containsKeys(
            UserSig.Failure.UNDECODABLE, UserSig.Failure.BAD_SIGNATURE, UserSig.Failure.OTHER_APP);
  }

  /// Whether a judgement stays within its cap the second time. The first time it may be the one
  /// that loads a class.
  private boolean againWithin(String text) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    UserSig.Verdict _ = UserSig.verify(app, text, "xiaoming"::equals, NOW);
    return THREADS.getCurrentThreadAllocatedBytes() - before < cap(text);
  }

  private static long cap(String text) {
    return CALL_BYTES + CALL_BYTES_PER_BYTE * text.length();
  }

  @Test
  void a_stream_that_grows_without_end_costs_no_more_than_its_cap() {
    for (String json :
        List.of(
            " ".repeat(9_000_000),
            "[".repeat(8_000),
            "{\"a\":".repeat(1_600),
            "{" + "\"a\":1,".repeat(1_100),
            "\"" + "\\u0041".repeat(1_300) + "\"")) {
      String text = UserSigTest.packed(json);
      assertThat(UserSig.verify(app, text, _ -> true, NOW)).isEqualTo(UserSig.Failure.UNDECODABLE);
      assertThat(againWithin(text)).as(json.substring(0, 20)).isTrue();
    }
  }

  /// One of: other JSON in a sound stream; a sound text with other characters; other bytes in sound
  /// Base64; no sense at all.
  private String hostile() {
    String text = original.encode();
    return switch (random.nextInt(4)) {
      case 0 -> UserSigTest.packed(mutate(json(), random.nextInt(4), SIGNS));
      case 1 ->
          mutate(
              text, random.nextInt(3), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop0123456789*-_");
      case 2 -> {
        byte[] bytes =
            Base64.getDecoder().decode(text.replace('*', '+').replace('-', '/').replace('_', '='));
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        yield Base64.getEncoder().encodeToString(bytes);
      }
      default -> {
        byte[] bytes = new byte[random.nextInt(400)];
        random.nextBytes(bytes);
        yield random.nextBoolean()
            ? new String(bytes, StandardCharsets.ISO_8859_1)
            : Base64.getEncoder().encodeToString(bytes);
      }
    };
  }

  private String json() {
    return "{\"TLS.ver\":\"2.0\",\"TLS.identifier\":\"xiaoming\",\"TLS.sdkappid\":"
        + (random.nextInt(4) == 0 ? 7 : SDK_APP_ID)
        + ",\"TLS.expire\":3600,\"TLS.time\":1704067200,\"TLS.sig\":\""
        + original.signature()
        + "\"}";
  }

  private String mutate(String text, int times, String alphabet) {
    StringBuilder mutated = new StringBuilder(text);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(mutated.length() + 1);
      int end = Math.min(mutated.length(), at + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> mutated.delete(at, end);
        case 1 -> mutated.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
        case 2 -> mutated.replace(at, end, WORDS.get(random.nextInt(WORDS.size())));
        case 3 -> mutated.insert(at, mutated.substring(at, end).repeat(random.nextInt(200)));
        default -> mutated.setLength(at);
      }
    }
    return mutated.toString();
  }
}
