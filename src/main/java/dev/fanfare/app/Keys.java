package dev.fanfare.app;

import dev.fanfare.schema.AccessKey;
import dev.fanfare.schema.ApiKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.CreateApp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The list of an app's keys: one entry for a kind and name, sorted by them.
final class Keys {
  /// The name of a key that was stored without one.
  static final String DEFAULT_NAME = "default";

  private static final Comparator<AppKey> ORDER =
      Comparator.comparingInt(AppKey::getKindValue).thenComparing(AppKey::getName);

  /// By how long keys are meant to last: those without an end last, and of those the newest.
  static final Comparator<AppKey> LASTING =
      Comparator.<AppKey>comparingLong(
              key -> key.getNotAfter() == 0 ? Long.MAX_VALUE : key.getNotAfter())
          .thenComparingLong(AppKey::getCreated);

  private Keys() {}

  /// Whether a key opens anything at this time of the node's clock.
  static boolean valid(AppKey key, Instant now) {
    return !key.getDisabled()
        && (key.getNotAfter() == 0 || now.toEpochMilli() <= key.getNotAfter());
  }

  static Optional<AppKey> find(CreateApp settings, AppKey.Kind kind, String name) {
    return settings.getKeysList().stream()
        .filter(key -> key.getKind() == kind && key.getName().equals(name))
        .findFirst();
  }

  /// The settings with this key in place of the one of its kind and name, if there is one.
  static CreateApp with(CreateApp settings, AppKey key) {
    List<AppKey> keys = new ArrayList<>(without(settings, key).getKeysList());
    keys.add(key);
    keys.sort(ORDER);
    return settings.toBuilder().clearKeys().addAllKeys(keys).build();
  }

  /// The settings without the key of the same kind and name.
  static CreateApp without(CreateApp settings, AppKey removed) {
    return settings.toBuilder()
        .clearKeys()
        .addAllKeys(
            settings.getKeysList().stream()
                .filter(key ->
                    key.getKind() != removed.getKind() || !key.getName().equals(removed.getName()))
                .toList())
        .build();
  }

  /// All keys that settings bring, those of the older fields among them.
  static List<AppKey> of(CreateApp settings) {
    List<AppKey> keys = new ArrayList<>(settings.getKeysList());
    settings.getAccessKeysList().forEach(key -> keys.add(accessKey(key)));
    settings.getApiKeysList().forEach(key -> keys.add(apiKey(key)));
    if (!settings.getTencentSecretKey().isEmpty()) {
      keys.add(unnamed(AppKey.Kind.TENCENT_SECRET, settings.getTencentSecretKey()));
    }
    if (!settings.getDeviceKey().isEmpty()) {
      keys.add(unnamed(AppKey.Kind.DEVICE_KEY, settings.getDeviceKey()));
    }
    keys.sort(ORDER);
    return keys;
  }

  /// The settings without any key, in the older fields either.
  static CreateApp bare(CreateApp settings) {
    return settings.toBuilder()
        .clearKeys()
        .clearAccessKeys()
        .clearApiKeys()
        .clearTencentSecretKey()
        .clearDeviceKey()
        .build();
  }

  private static AppKey accessKey(AccessKey key) {
    return AppKey.newBuilder()
        .setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY)
        .setName(key.getAccessKey())
        .setSecret(key.getSecretKey())
        .setSessionToken(key.getSessionToken())
        .setDailyBroadcasts(key.getDailyBroadcasts())
        .setNotAfter(key.getNotAfter())
        .build();
  }

  private static AppKey apiKey(ApiKey key) {
    return AppKey.newBuilder()
        .setKind(AppKey.Kind.API_KEY)
        .setName(key.getName())
        .setSecret(key.getSecret())
        .setRole(key.getRole())
        .build();
  }

  private static AppKey unnamed(AppKey.Kind kind, String secret) {
    return AppKey.newBuilder().setKind(kind).setName(DEFAULT_NAME).setSecret(secret).build();
  }
}
