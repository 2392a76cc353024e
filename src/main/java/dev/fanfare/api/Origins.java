package dev.fanfare.api;

import java.util.List;
import java.util.regex.Pattern;

/// The web origins of an app in a request: what a browser sends as `Origin` for the pages that may
/// connect devices, or `*` for any page.
final class Origins {
  private static final int MOST = 100;
  private static final int BYTES = 255;

  /// RFC 6454, section 6.2, as browsers write it: in lower case, without a path.
  private static final Pattern FORM =
      Pattern.compile(
          "\\*|[a-z][a-z0-9+.-]*://([a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+])(:[1-9][0-9]{0,4})?");

  private static final Pattern DEFAULT_PORT = Pattern.compile("http://.*:80|https://.*:443");

  private Origins() {}

  static List<String> read(Fields body) {
    List<String> origins = body.texts("origins", MOST, BYTES);
    for (String origin : origins) {
      if (!FORM.matcher(origin).matches() || DEFAULT_PORT.matcher(origin).matches()) {
        String rule =
            "has to be * or an origin as browsers write it, such as https://app.example.com";
        throw Problem.invalid(body.at("origins") + "/" + origins.indexOf(origin), rule).raise();
      }
    }
    return origins;
  }
}
