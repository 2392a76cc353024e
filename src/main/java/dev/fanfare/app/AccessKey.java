package dev.fanfare.app;

import java.util.Set;

/// A Volcengine access key: the account that owns some apps.
///
/// @param apps numbers of the apps that it may speak for
public record AccessKey(String id, String secret, Set<Integer> apps) {
  public AccessKey {
    apps = Set.copyOf(apps);
  }
}
