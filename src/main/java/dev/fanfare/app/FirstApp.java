package dev.fanfare.app;

import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.Role;
import java.util.random.RandomGenerator;

/// What a cell begins with: an admin key, an epoch and the app `demo`.
public final class FirstApp {
  private static final long VENDOR_NUMBER = 1_400_000_001;

  private FirstApp() {}

  /// With secrets that nobody knows.
  ///
  /// @param random hard to foresee
  public static Bootstrap minted(RandomGenerator random, LimitsProfile profile) {
    Mint mint = new Mint(random);
    Secrets secrets =
        new Secrets(
            mint.text(40),
            mint.secret(AppKey.Kind.API_KEY),
            mint.secret(AppKey.Kind.DEVICE_KEY),
            new AccessKeyPair(mint.accessKeyId(), mint.secret(AppKey.Kind.VOLCENGINE_ACCESS_KEY)),
            mint.secret(AppKey.Kind.TENCENT_SECRET));
    return bootstrap(secrets, mint, profile);
  }

  /// With the fixed secrets of `--dev`, which the README lists.
  public static Bootstrap fixed(RandomGenerator random, LimitsProfile profile) {
    Secrets secrets =
        new Secrets(
            "dev-admin-key",
            "dev-api-key",
            "dev-device-key-for-trying-out-only",
            new AccessKeyPair("AKdev", "SKdev-secret-key-for-trying-out-only"),
            "dev-tencent-secret-key-for-trying-out-only");
    return bootstrap(secrets, new Mint(random), profile);
  }

  private record AccessKeyPair(String id, String secret) {}

  private record Secrets(
      String admin, String api, String device, AccessKeyPair volcengine, String tencent) {}

  private static Bootstrap bootstrap(Secrets secrets, Mint mint, LimitsProfile profile) {
    Limits limits = profile.limits();
    AppKey.Builder accessKey =
        key(AppKey.Kind.VOLCENGINE_ACCESS_KEY, secrets.volcengine().secret())
            .setName(secrets.volcengine().id())
            .setDailyBroadcasts(limits.getAccessKeyDailyBroadcasts());
    return Bootstrap.newBuilder()
        .setAdminKey(secrets.admin())
        .setEpoch("1" + mint.text(6))
        .setApp(
            CreateApp.newBuilder()
                .setId("demo")
                .setVolcengineAppId(VENDOR_NUMBER)
                .setTencentSdkAppId(VENDOR_NUMBER)
                .addTencentAdministrators("administrator")
                .setLimits(limits)
                .addKeys(key(AppKey.Kind.API_KEY, secrets.api()).setRole(Role.OWNER))
                .addKeys(accessKey)
                .addKeys(key(AppKey.Kind.TENCENT_SECRET, secrets.tencent()))
                .addKeys(key(AppKey.Kind.DEVICE_KEY, secrets.device())))
        .build();
  }

  private static AppKey.Builder key(AppKey.Kind kind, String secret) {
    return AppKey.newBuilder().setKind(kind).setName(Keys.DEFAULT_NAME).setSecret(secret);
  }
}
