package dev.fanfare.volcengine;

import dev.fanfare.app.AccessKey;
import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.schema.RateLimit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/// What an operator set for an access key, which is an account here: its apps share its rates.
///
/// Where the apps of a key have different rates the lowest holds, because the app that a request is
/// for is not known yet when its rate is judged.
///
/// @param sessionToken what X-Security-Token has to be, empty when it does not matter
/// @param actions names of the actions that the key may use; none for all
/// @param perSecond calls by action; one that is absent, or 0, has no limit
record Account(String sessionToken, Set<String> actions, Map<Action, Integer> perSecond) {
  static final Account UNLIMITED = new Account("", Set.of(), Map.of());

  Account {
    actions = Set.copyOf(actions);
    perSecond = Map.copyOf(perSecond);
  }

  static Account of(AccessKey key, Tenants tenants) {
    Map<Action, Integer> lowest = new EnumMap<>(Action.class);
    for (int number : key.apps()) {
      tenants.byNumber(number).ifPresent(app -> addRates(lowest, app));
    }
    return new Account(key.sessionToken(), key.actions(), lowest);
  }

  private static void addRates(Map<Action, Integer> lowest, App app) {
    for (RateLimit rate : app.limits().getRatesList()) {
      Action.named(rate.getAction(), Action.VERSION)
          .ifPresent(action -> lowest.merge(action, rate.getPerSecond(), Math::min));
    }
  }

  boolean mayUse(Action action) {
    return actions.isEmpty() || actions.contains(action.text());
  }

  /// Calls of an action per second, 0 for no limit.
  int perSecond(Action action) {
    return perSecond.getOrDefault(action, 0);
  }
}
