package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.app.AppLimit;
import dev.fanfare.app.LimitsProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/configuration.md` says what the code does.
final class ConfigurationDocumentTest {
  private static final Path FILE = Path.of("docs", "configuration.md");
  private static final String REGENERATE =
      "mvn test -Dtest=ConfigurationDocumentTest -Dregenerate=true";

  @Test
  void document_is_what_the_code_generates() throws IOException {
    if (Boolean.getBoolean("regenerate")) {
      Files.createDirectories(FILE.toAbsolutePath().getParent());
      Files.writeString(FILE, document());
    }
    assertThat(Files.exists(FILE) ? Files.readString(FILE) : "")
        .as("%s is out of date; write it anew with: %s", FILE, REGENERATE)
        .isEqualTo(document());
  }

  private static String document() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Configuration

        Generated from the code; do not edit. To write it anew: `%s`

        ## A node

        Flags (`--block-cache 1GB`) win over the environment (`FANFARE_BLOCK_CACHE=1GB`), that over
        the file named by `--config` or `FANFARE_CONFIG` (YAML, one `block-cache: 1GB` for each),
        and that over the defaults. An unknown key is refused. `fanfare config` prints what is in
        effect, in the form of a file. All defaults are chosen by Fanfare.

        Bytes are plain or with a unit: B, KB, MB, GB (thousands), KiB, MiB, GiB (1024s).

        """
            .formatted(REGENERATE));
    row(text, "setting", "default", "value", "meaning");
    row(text, "---", "---", "---", "---");
    for (Setting setting : Setting.values()) {
      String key = "`" + setting.key() + "`";
      row(text, key, "`" + setting.standard() + "`", setting.unit(), setting.meaning());
    }
    text.append(
        """

        ## An app

        Limits are in the app's record. Configuration says only what a new app gets
        (`limits-profile`); afterwards `PATCH /v1/apps/{app}/limits` or
        `fanfare app set APP --limit NAME=VALUE` changes them. What has a dot is an object in JSON:
        `rates.RegisterUsers` is `{"rates": {"RegisterUsers": 50}}`.

        Source: *documented* is the vendor's number, *chosen* is ours. Profiles: `documented` leaves
        out the daily budgets, `strict` has them, `open` leaves out the rates too.

        """);
    row(text, "limit", "documented", "strict", "open", "unit", "allowed", "source", "meaning");
    row(text, Stream.generate(() -> "---").limit(8).toArray(String[]::new));
    AppLimit.ALL.forEach(limit -> row(text, limit));
    text.append(
        """

        ## Keys

        An app has up to 100 keys of four kinds, each with a name of its own. Any number of a kind
        are valid at once, so that a rotation overlaps: add the new key, move the callers, remove
        the old one. Secrets are shown when a key is made and never again.

        | kind | lets in |
        | --- | --- |
        | `api-key` | callers of `/v1`, by its role: `owner`, `sender`, `registrar` or `reader` |
        | `volcengine-access-key` | callers of the Volcengine dialect; its name is the access key id |
        | `tencent-secret` | who signs a UserSig with it |
        | `device-key` | devices whose token it signed; new tokens are signed by the newest without an end |

        ## An access key

        A Volcengine access key that owns several apps is one account; its properties are the same
        in all of them. `PATCH /v1/apps/{app}/keys/volcengine-access-key/{name}` changes them.

        """);
    row(text, "property", "default", "unit", "source", "meaning");
    row(text, "---", "---", "---", "---", "---");
    row(
        text,
        "`dailyBroadcasts`",
        "the app's `accessKeyDailyBroadcasts`",
        "broadcasts a day",
        "documented (20)",
        "Accepted UserBroadcast calls in a calendar day, of all its apps together; 0 is no limit");
    row(
        text,
        "`actions`",
        "all",
        "names",
        "chosen",
        "The only actions that it may use; another one is AccessDenied");
    row(text, "`notAfter`", "none", "time", "chosen", "When it ends, by the node's clock");
    row(text, "`disabled`", "false", "true or false", "chosen", "Whether it opens nothing");
    row(
        text,
        "`sessionToken`",
        "none",
        "text",
        "chosen",
        "What `X-Security-Token` has to be; only when the key is made");
    return text.toString();
  }

  private static void row(StringBuilder text, AppLimit limit) {
    AppLimit.Value value = limit.value();
    List<String> profiles =
        Stream.of(LimitsProfile.values())
            .map(profile -> value.text(limit.get(profile.limits())))
            .toList();
    String allowed =
        value.words().isEmpty()
            ? value.least() + " to " + value.most()
            : String.join(", ", value.words());
    String source =
        limit.documented() ? "documented (" + value.text(value.standard()) + ")" : "chosen";
    row(
        text,
        "`" + limit.name() + "`",
        profiles.get(0),
        profiles.get(1),
        profiles.get(2),
        value.unit(),
        allowed,
        source,
        limit.meaning());
  }

  private static void row(StringBuilder text, String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
