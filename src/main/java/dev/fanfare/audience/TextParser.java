package dev.fanfare.audience;

import dev.fanfare.audience.Audience.And;
import dev.fanfare.audience.Audience.Attribute;
import dev.fanfare.audience.Audience.Everyone;
import dev.fanfare.audience.Audience.Members;
import dev.fanfare.audience.Audience.Not;
import dev.fanfare.audience.Audience.Or;
import dev.fanfare.audience.Audience.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// Reads one text once, from left to right; the grammar is that of [AudienceText].
///
/// Parentheses and `not` may nest as deep as an audience may, which bounds the recursion.
final class TextParser {
  private static final String TERM =
      "expected everyone, not, tag:NAME, NAME=VALUE, member:ID or \"(\"";

  private final String text;
  private final AudienceLimits limits = new AudienceLimits();
  private int at;
  private int nesting;

  TextParser(String text) {
    this.text = text;
  }

  Audience parse() {
    Audience audience = either();
    if (at < text.length()) {
      throw wrong("expected and, or, or the end");
    }
    return audience;
  }

  private Audience either() {
    return parts("or", this::both, Or::new);
  }

  private Audience both() {
    return parts("and", this::unary, And::new);
  }

  private Audience parts(
      String word, Supplier<Audience> part, Function<List<Audience>, Audience> several) {
    Audience first = part.get();
    if (!take(word)) {
      return first;
    }
    List<Audience> parts = new ArrayList<>();
    parts.add(first);
    do {
      parts.add(part.get());
    } while (take(word));
    return several.apply(parts);
  }

  private Audience unary() {
    skipSpace();
    if (take("not")) {
      return nested(() -> new Not(unary()));
    }
    if (skip('(')) {
      return nested(this::group);
    }
    int start = at;
    try {
      limits.term();
      return leaf();
    } catch (AudienceException limit) {
      throw limit.column().isPresent() ? limit : limit.at(column(start));
    }
  }

  private Audience nested(Supplier<Audience> inner) {
    if (++nesting > Audience.MAX_DEPTH) {
      throw wrong(AudienceLimits.tooDeep());
    }
    Audience audience = inner.get();
    nesting--;
    return audience;
  }

  private Audience group() {
    Audience inner;
    if (take("and")) {
      inner = new And(List.of(unary()));
    } else if (take("or")) {
      inner = new Or(List.of(unary()));
    } else {
      inner = either();
    }
    skipSpace();
    if (!skip(')')) {
      throw wrong("expected and, or, or \")\"");
    }
    skipSpace();
    return inner;
  }

  private Audience leaf() {
    if (take("everyone")) {
      return new Everyone();
    }
    Audience leaf;
    if (text.startsWith(AudienceText.TAG, at)) {
      at += AudienceText.TAG.length();
      leaf = new Tag(name("a name after tag:"));
    } else if (text.startsWith(AudienceText.MEMBER, at)) {
      at += AudienceText.MEMBER.length();
      leaf = members();
    } else {
      leaf = attribute();
    }
    if (at < text.length() && !isSpace(next()) && next() != ')') {
      throw wrong("expected a space, \")\" or the end");
    }
    skipSpace();
    return leaf;
  }

  private Audience members() {
    List<String> ids = new ArrayList<>();
    do {
      limits.members(1);
      ids.add(name(ids.isEmpty() ? "an id after member:" : "an id after the comma"));
    } while (skip(','));
    return new Members(ids);
  }

  private Audience attribute() {
    String bare = text.substring(at, bareEnd());
    if (next() != '"' && (bare.isEmpty() || AudienceText.WORDS.contains(bare))) {
      throw wrong(TERM);
    }
    String name = name("the name of an attribute");
    if (!skip('=')) {
      throw wrong("expected \"=\" after the attribute name; a tag is written tag:NAME");
    }
    return new Attribute(name, name("a value after \"=\""));
  }

  private String name(String expected) {
    int start = at;
    String name;
    if (next() == '"') {
      name = quoted();
    } else {
      int end = bareEnd();
      name = text.substring(at, end);
      at = end;
    }
    if (name.isEmpty()) {
      throw wrongAt(start, "expected " + expected);
    }
    return name;
  }

  private String quoted() {
    int start = at++;
    var name = new StringBuilder();
    while (next() != '"') {
      if (next() == '\\') {
        at++;
        if (next() != '"' && next() != '\\') {
          throw wrong("expected \\\" or \\\\ after the backslash");
        }
      }
      if (at >= text.length()) {
        throw wrongAt(start, "expected a closing quote for the one that opens here");
      }
      name.append(text.charAt(at++));
    }
    at++;
    return name.toString();
  }

  private int bareEnd() {
    int end = at;
    while (end < text.length() && AudienceText.isBare(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private boolean take(String word) {
    skipSpace();
    int end = at + word.length();
    boolean here = text.startsWith(word, at) && bareEnd() == end && !continues(end);
    if (here) {
      at = end;
      skipSpace();
    }
    return here;
  }

  /// A word right before one of these is no word of the grammar but a misspelt leaf.
  private boolean continues(int end) {
    return end < text.length() && "=\",".indexOf(text.charAt(end)) >= 0;
  }

  private boolean skip(char character) {
    boolean here = next() == character;
    at += here ? 1 : 0;
    return here;
  }

  /// The character here, 0 at the end.
  private char next() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void skipSpace() {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isSpace(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
  }

  private AudienceException wrong(String complaint) {
    return wrongAt(at, complaint);
  }

  private AudienceException wrongAt(int place, String complaint) {
    return AudienceException.atColumn(column(place), complaint);
  }

  private int column(int place) {
    return text.codePointCount(0, place) + 1;
  }
}
