package dev.fanfare.audience;

import dev.fanfare.audience.Audience.And;
import dev.fanfare.audience.Audience.Attribute;
import dev.fanfare.audience.Audience.Everyone;
import dev.fanfare.audience.Audience.Members;
import dev.fanfare.audience.Audience.Not;
import dev.fanfare.audience.Audience.Or;
import dev.fanfare.audience.Audience.Tag;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The text form of an audience, for command lines, query parameters and people.
///
/// ```
/// either    = both { "or" both }
/// both      = unary { "and" unary }
/// unary     = "not" unary | leaf | "(" either ")" | "(" ( "and" | "or" ) unary ")"
/// leaf      = "everyone" | "tag:" name | "member:" name { "," name } | name "=" name
/// name      = bare | quoted
/// bare      = { letter | digit | "_" | "-" | "." | ":" }
/// quoted    = '"' { any character, '"' written \" and '\' written \\ } '"'
/// ```
///
/// Letters are those of ASCII and every letter outside it; digits are those of ASCII. Nothing may
/// stand between the pieces of a leaf. Where an attribute's name would be read as a word of the
/// grammar, or begins with `tag:` or `member:`, it is quoted.
///
/// Printing and parsing are inverse, structure included: a nested `and` or `or` is always printed
/// in parentheses, a list of members is one leaf with commas, and an `and` or `or` of one part,
/// which JSON can say, is printed as `(and PART)` and `(or PART)`.
public final class AudienceText {
  static final String TAG = "tag:";
  static final String MEMBER = "member:";
  static final Set<String> WORDS = Set.of("everyone", "and", "or", "not");

  private AudienceText() {}

  /// Reads the text form.
  ///
  /// @throws AudienceException naming the column and what was expected there
  public static Audience parse(String text) {
    return Audience.checked(new TextParser(text).parse());
  }

  /// Writes the text form.
  public static String print(Audience audience) {
    return switch (audience) {
      case And(var parts) when parts.size() > 1 -> joined(" and ", parts);
      case Or(var parts) when parts.size() > 1 -> joined(" or ", parts);
      default -> part(audience);
    };
  }

  private static String joined(String word, List<Audience> parts) {
    return parts.stream().map(AudienceText::part).collect(Collectors.joining(word));
  }

  private static String part(Audience part) {
    return switch (part) {
      case Everyone() -> "everyone";
      case Tag(var name) -> TAG + name(name);
      case Attribute(var name, var value) -> attributeName(name) + "=" + name(value);
      case Members(var ids) ->
          ids.stream().map(AudienceText::name).collect(Collectors.joining(",", MEMBER, ""));
      case And(var parts) -> parts.size() > 1 ? group(part) : "(and " + part(parts.get(0)) + ")";
      case Or(var parts) -> parts.size() > 1 ? group(part) : "(or " + part(parts.get(0)) + ")";
      case Not(var inner) -> "not " + part(inner);
    };
  }

  private static String group(Audience several) {
    return "(" + print(several) + ")";
  }

  private static String attributeName(String name) {
    boolean misread = WORDS.contains(name) || name.startsWith(TAG) || name.startsWith(MEMBER);
    return misread ? quoted(name) : name(name);
  }

  private static String name(String name) {
    return name.codePoints().allMatch(AudienceText::isBare) ? name : quoted(name);
  }

  private static String quoted(String name) {
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  static boolean isBare(int character) {
    return (character >= '0' && character <= '9')
        || "_-.:".indexOf(character) >= 0
        || Character.isLetter(character);
  }
}
