package dev.fanfare.audience;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// What the index knows members by: everyone of an app, a tag, or the value of an attribute slot.
///
/// @param app number of the app
/// @param kind 0 everyone, 1 tag, 2 + slot attribute
/// @param name the tag or the value; "" for everyone
public record Term(int app, int kind, String name) implements Comparable<Term> {
  private static final int EVERYONE = 0;

  /// The kind of tags.
  public static final int TAG = 1;

  private static final int ATTRIBUTE = 2;
  private static final Comparator<Term> ORDER =
      Comparator.<Term>comparingInt(term -> term.app ^ Integer.MIN_VALUE)
          .thenComparingInt(Term::kind)
          .thenComparing(Term::name);

  public Term {
    if (kind < 0 || name.isEmpty() != (kind == EVERYONE)) {
      throw new IllegalArgumentException("no term of kind " + kind + " is named '" + name + "'");
    }
  }

  public static Term everyone(int app) {
    return new Term(app, EVERYONE, "");
  }

  public static Term tag(int app, String name) {
    return new Term(app, TAG, name);
  }

  public static Term attribute(int app, int slot, String value) {
    return new Term(app, ATTRIBUTE + slot, value);
  }

  boolean isEveryone() {
    return kind == EVERYONE;
  }

  /// As a record has it, but written out: applying and playing a change of a member compares terms
  /// dozens of times, and what the compiler makes of a record costs several times as much.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Term term
        && app == term.app
        && kind == term.kind
        && name.equals(term.name);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * app + kind) + name.hashCode();
  }

  /// By app (unsigned), kind, name (UTF-16 units).
  @Override
  public int compareTo(Term other) {
    return ORDER.compare(this, other);
  }
}
