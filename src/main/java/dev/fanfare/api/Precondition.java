package dev.fanfare.api;

import dev.fanfare.http.Request;
import dev.fanfare.member.Member;
import dev.fanfare.member.MemberCommands;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `If-Match` header: the version that a member has to have, as `"42"` or `42`, or `*` for any.
final class Precondition {
  private static final Pattern FORM = Pattern.compile("\"([0-9]{1,18})\"|([0-9]{1,18})");

  private Precondition() {}

  /// The version asked for; [MemberCommands#ANY_VERSION] for any, empty when none is asked for.
  static OptionalLong version(Request request) {
    return request.header("If-Match").map(Precondition::parse).orElse(OptionalLong.empty());
  }

  private static OptionalLong parse(String header) {
    if (header.strip().equals("*")) {
      return OptionalLong.of(MemberCommands.ANY_VERSION);
    }
    Matcher matcher = FORM.matcher(header.strip());
    if (!matcher.matches()) {
      throw Problem.of(
              400, "invalid_if_match", "If-Match has to be one version in double quotes, or *")
          .raise();
    }
    String version = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    return OptionalLong.of(Long.parseLong(version));
  }

  /// Ends a request that reads a member at another version.
  static void require(Request request, Member member) {
    OptionalLong asked = version(request);
    if (asked.isPresent()
        && asked.getAsLong() != MemberCommands.ANY_VERSION
        && asked.getAsLong() != member.version()) {
      throw Problem.versionMismatch().raise();
    }
  }

  /// A version as `ETag` has it.
  static String etag(Member member) {
    return "\"" + member.version() + "\"";
  }
}
