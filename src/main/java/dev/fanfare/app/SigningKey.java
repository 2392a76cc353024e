package dev.fanfare.app;

import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.AppRecord;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;

/// Which of an app's keys signed a credential, without its secret.
///
/// @param created journal time of the key, so that one removed and added again is another one
public record SigningKey(AppKey.Kind kind, String name, long created) {

  static SigningKey of(AppKey key) {
    return new SigningKey(key.getKind(), key.getName(), key.getCreated());
  }

  /// The keys of an app whose credentials hold at this time; none while it is disabled.
  static Set<SigningKey> of(AppRecord app, Instant now) {
    return app.getDisabled()
        ? Set.of()
        : app.getSettings().getKeysList().stream()
            .filter(key -> signs(key) && Keys.valid(key, now))
            .map(SigningKey::of)
            .collect(Collectors.toSet());
  }

  /// Whether a change of an app may end credentials: it was disabled, or a key that signs them was
  /// changed or taken away.
  static boolean narrows(AppRecord before, AppRecord after) {
    return (after.getDisabled() && !before.getDisabled())
        || before.getSettings().getKeysList().stream()
            .anyMatch(key -> signs(key) && !after.getSettings().getKeysList().contains(key));
  }

  private static boolean signs(AppKey key) {
    return switch (key.getKind()) {
      case DEVICE_KEY, TENCENT_SECRET -> true;
      case API_KEY, VOLCENGINE_ACCESS_KEY, KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  /// Whether the app still has this key, it is neither disabled nor ended, and the app is not
  /// disabled.
  ///
  /// @param now by the node's clock
  public boolean isValid(App app, Instant now) {
    return !app.disabled() && app.keys(kind, now).stream().anyMatch(key -> of(key).equals(this));
  }
}
