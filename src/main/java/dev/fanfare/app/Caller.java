package dev.fanfare.app;

import dev.fanfare.schema.Role;

/// Who holds a native API key.
public sealed interface Caller {
  String name();

  /// Whether the caller has anything to do with an app.
  default boolean mayEnter(App app) {
    return switch (this) {
      case Admin _ -> true;
      case AppKey key -> key.app() == app.number();
    };
  }

  /// How the audit names the caller.
  String actor();

  /// The admin key: everything, in every app.
  record Admin() implements Caller {
    @Override
    public String name() {
      return "admin";
    }

    @Override
    public String actor() {
      return "admin";
    }
  }

  /// A key of one app.
  record AppKey(String name, int app, Role role) implements Caller {
    @Override
    public String actor() {
      return "api-key/" + name;
    }
  }
}
