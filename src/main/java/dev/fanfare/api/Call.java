package dev.fanfare.api;

import dev.fanfare.app.App;
import dev.fanfare.app.Caller;
import dev.fanfare.http.Request;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Role;
import java.util.List;
import java.util.Set;

/// A request of a known caller to an app.
///
/// @param path what follows the app in the path, decoded
record Call(Request request, Caller caller, App app, List<String> path) {

  /// Ends the request unless the caller's role is one of these. Owners and the admin may do
  /// everything.
  Call allow(Role... roles) {
    boolean allowed =
        switch (caller) {
          case Caller.Admin _ -> true;
          case Caller.AppKey(_, _, Role role) -> role == Role.OWNER || Set.of(roles).contains(role);
        };
    if (!allowed) {
      throw Problem.of(403, "forbidden", "the role of this key does not allow this").raise();
    }
    return this;
  }

  /// Ends the request unless the caller is the admin.
  Call requireAdmin() {
    requireAdmin(caller);
    return this;
  }

  static void requireAdmin(Caller caller) {
    if (!(caller instanceof Caller.Admin)) {
      throw Problem.of(403, "forbidden", "the admin key is needed").raise();
    }
  }

  Fields body() {
    return Json.body(request.body());
  }

  Command.Builder command() {
    return Command.newBuilder().setApp(app.number());
  }
}
