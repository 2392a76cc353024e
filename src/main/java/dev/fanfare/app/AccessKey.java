package dev.fanfare.app;

import dev.fanfare.schema.AppKey;
import java.util.Set;

/// A Volcengine access key: the account that owns some apps.
///
/// @param key what is stored about it, the same in every app
/// @param apps numbers of the apps that it may speak for
public record AccessKey(AppKey key, Set<Integer> apps) {
  public AccessKey {
    apps = Set.copyOf(apps);
  }

  /// The access key id, which callers show.
  public String id() {
    return key.getName();
  }

  /// What callers sign with.
  public String secret() {
    return key.getSecret();
  }

  /// What X-Security-Token has to be; empty for none.
  public String sessionToken() {
    return key.getSessionToken();
  }

  /// The actions that it may use; none for all.
  public Set<String> actions() {
    return Set.copyOf(key.getActionsList());
  }

  /// Accepted broadcasts in a calendar day, judged by the journal; 0 for no limit.
  public int dailyBroadcasts() {
    return key.getDailyBroadcasts();
  }
}
