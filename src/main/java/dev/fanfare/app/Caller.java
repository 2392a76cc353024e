package dev.fanfare.app;

import dev.fanfare.schema.Role;

/// Who holds a native API key.
public sealed interface Caller {
  String name();

  /// The admin key: everything, in every app.
  record Admin() implements Caller {
    @Override
    public String name() {
      return "admin";
    }
  }

  /// A key of one app.
  record AppKey(String name, int app, Role role) implements Caller {}
}
