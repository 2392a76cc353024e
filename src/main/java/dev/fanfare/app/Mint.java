package dev.fanfare.app;

import dev.fanfare.schema.AppKey;
import java.util.random.RandomGenerator;

/// Makes numbers and secrets that nobody knows yet.
///
/// @param random hard to foresee; for several threads, safe for them
public record Mint(RandomGenerator random) {
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final long LEAST_NUMBER = 1_400_000_000;
  private static final int NUMBERS = 100_000_000;

  /// A number in the range from which the vendors give theirs.
  public long vendorNumber() {
    return LEAST_NUMBER + random.nextInt(NUMBERS);
  }

  public String accessKeyId() {
    return "AK" + text(22);
  }

  /// A secret of the usual length of its kind.
  public String secret(AppKey.Kind kind) {
    return text(kind == AppKey.Kind.TENCENT_SECRET ? 64 : 40);
  }

  /// Random letters and digits.
  public String text(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }
}
