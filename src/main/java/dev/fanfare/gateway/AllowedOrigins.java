package dev.fanfare.gateway;

import dev.fanfare.app.Tenants;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which web pages may connect devices: those of the app's origins, and with `--dev` those of this
/// machine. Browsers say where a page comes from; who is no browser need not say anything.
///
/// @param tenants apps as last committed
/// @param localhost whether pages of this machine may connect to every app
record AllowedOrigins(Supplier<Tenants> tenants, boolean localhost) {
  private static final String ANY = "*";
  private static final Pattern LOCAL =
      Pattern.compile("https?://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?");

  /// @param app as the request names it
  /// @param origin the header `Origin`
  boolean allow(@Nullable String app, String origin) {
    if (localhost && LOCAL.matcher(origin).matches()) {
      return true;
    }
    return app != null
        && tenants
            .get()
            .named(app)
            .filter(known -> known.origins().contains(origin) || known.origins().contains(ANY))
            .isPresent();
  }
}
