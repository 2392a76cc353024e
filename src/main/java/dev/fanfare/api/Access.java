package dev.fanfare.api;

import dev.fanfare.app.Caller;
import dev.fanfare.schema.Role;
import java.util.Set;

/// Who may make a call. The admin may make every call, and an app's owner every one that is not for
/// the admin alone.
///
/// @param ownerToo false when only the admin may
/// @param roles that may besides the owner
record Access(boolean ownerToo, Set<Role> roles) {
  static final Access ADMIN = new Access(false, Set.of());
  static final Access OWNER = of();

  /// Every key of the app.
  static final Access ALL = of(Role.SENDER, Role.REGISTRAR, Role.READER);

  static Access of(Role... roles) {
    return new Access(true, Set.of(roles));
  }

  boolean allows(Caller caller) {
    return switch (caller) {
      case Caller.Admin _ -> true;
      case Caller.AppKey(_, _, Role role) ->
          ownerToo && (role == Role.OWNER || roles.contains(role));
    };
  }

  /// Ends the request of a caller who may not.
  void require(Caller caller) {
    if (!allows(caller)) {
      String why =
          ownerToo ? "the role of this key does not allow this" : "the admin key is needed";
      throw Problem.of(403, "forbidden", why).raise();
    }
  }
}
