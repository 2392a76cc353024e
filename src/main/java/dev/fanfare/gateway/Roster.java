package dev.fanfare.gateway;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sessions of one shard, by app. Owned by the shard's thread.
final class Roster {
  private final Map<Integer, AppSessions> apps = new HashMap<>();

  void add(Session session) {
    apps.computeIfAbsent(session.login().app(), _ -> new AppSessions()).add(session);
  }

  /// Forgets a session; harmless when it is not there.
  void remove(Session session) {
    int app = session.login().app();
    AppSessions sessions = apps.get(app);
    if (sessions != null) {
      sessions.remove(session);
      if (sessions.isEmpty()) {
        apps.remove(app);
      }
    }
  }

  /// The sessions of an app; null when it has none.
  @Nullable AppSessions of(int app) {
    return apps.get(app);
  }

  /// The sessions of the app of one that is open.
  AppSessions beside(Session session) {
    AppSessions sessions = apps.get(session.login().app());
    if (sessions == null) {
      throw new IllegalStateException("an open session's app is known");
    }
    return sessions;
  }

  void forEachApp(BiConsumer<Integer, AppSessions> action) {
    apps.forEach(action);
  }

  /// Does something with every session, also what ends it.
  void forEach(Consumer<Session> action) {
    for (AppSessions sessions : Map.copyOf(apps).values()) {
      sessions.forEach(action);
    }
  }
}
