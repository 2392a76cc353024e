package dev.fanfare.app;

import dev.fanfare.schema.AccessKey;
import dev.fanfare.schema.ApiKey;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.Role;
import java.util.random.RandomGenerator;

/// What a cell begins with: an admin key, an epoch and the app `demo`.
public final class FirstApp {
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final long VENDOR_NUMBER = 1_400_000_001;

  private FirstApp() {}

  /// The limits of a new app.
  public static Limits limits() {
    return Limits.newBuilder()
        .setTagsPerMember(100)
        .setRobots(5_000)
        .setTerms(1_000_000)
        .setLiveBroadcasts(1_000)
        .setBodyWindowSeconds(60)
        .setIdempotencySeconds(604_800)
        .build();
  }

  /// With secrets that nobody knows.
  ///
  /// @param random hard to foresee
  public static Bootstrap minted(RandomGenerator random) {
    Secrets secrets =
        new Secrets(
            text(random, 40),
            text(random, 40),
            text(random, 40),
            text(random, 40),
            text(random, 64));
    return bootstrap(secrets, "AK" + text(random, 22), epoch(random));
  }

  /// With the fixed secrets of `--dev`, which the README lists.
  public static Bootstrap fixed(RandomGenerator random) {
    Secrets secrets =
        new Secrets(
            "dev-admin-key",
            "dev-api-key",
            "dev-device-key-for-trying-out-only",
            "SKdev-secret-key-for-trying-out-only",
            "dev-tencent-secret-key-for-trying-out-only");
    return bootstrap(secrets, "AKdev", epoch(random));
  }

  private record Secrets(
      String admin, String api, String device, String volcengine, String tencent) {}

  private static Bootstrap bootstrap(Secrets secrets, String accessKey, String epoch) {
    return Bootstrap.newBuilder()
        .setAdminKey(secrets.admin())
        .setEpoch(epoch)
        .setApp(
            CreateApp.newBuilder()
                .setId("demo")
                .setVolcengineAppId(VENDOR_NUMBER)
                .addAccessKeys(
                    AccessKey.newBuilder()
                        .setAccessKey(accessKey)
                        .setSecretKey(secrets.volcengine()))
                .setTencentSdkAppId(VENDOR_NUMBER)
                .setTencentSecretKey(secrets.tencent())
                .addTencentAdministrators("administrator")
                .setDeviceKey(secrets.device())
                .addApiKeys(
                    ApiKey.newBuilder()
                        .setName("default")
                        .setRole(Role.OWNER)
                        .setSecret(secrets.api()))
                .setLimits(limits()))
        .build();
  }

  private static String epoch(RandomGenerator random) {
    return "1" + text(random, 6);
  }

  private static String text(RandomGenerator random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }
}
