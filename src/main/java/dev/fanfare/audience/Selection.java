package dev.fanfare.audience;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// An audience resolved against one app: names became slots, ids became ordinals.
///
/// A complement is taken from everyone of the app, and ordinals count only while their members are
/// registered, so nothing outside the app is ever selected.
public sealed interface Selection {
  /// Who carries the term.
  record Has(Term term) implements Selection {}

  /// The members listed, as far as they are registered.
  ///
  /// @param ordinals ascending as unsigned numbers, each once
  record Ordinals(int app, int[] ordinals) implements Selection {
    public Ordinals {
      for (int i = 1; i < ordinals.length; i++) {
        if (Integer.compareUnsigned(ordinals[i - 1], ordinals[i]) >= 0) {
          throw new IllegalArgumentException("ordinals must ascend");
        }
      }
    }
  }

  /// Who is in every part.
  record All(List<Selection> parts) implements Selection {
    public All {
      parts = requireParts(parts);
    }
  }

  /// Who is in at least one part.
  record Any(List<Selection> parts) implements Selection {
    public Any {
      parts = requireParts(parts);
    }
  }

  /// Everyone of the app who is not in the part.
  record Not(int app, Selection part) implements Selection {}

  /// What an app knows about the names in an audience.
  interface Resolver {
    int app();

    /// The slot of the attribute with this name; empty when the app has none.
    OptionalInt slot(String attributeName);

    /// The ordinal of a registered member; empty when there is none with this id.
    OptionalInt ordinal(String memberId);
  }

  /// Looks up every name in the audience.
  ///
  /// @throws UnknownAttributeException when the app has no such attribute
  /// @throws AudienceException when the audience is beyond its limits
  static Selection resolve(Audience audience, Resolver resolver) {
    return lookUp(Audience.checked(audience), resolver);
  }

  private static Selection lookUp(Audience audience, Resolver resolver) {
    return switch (audience) {
      case Audience.Everyone() -> new Has(Term.everyone(resolver.app()));
      case Audience.Tag(var name) -> new Has(Term.tag(resolver.app(), name));
      case Audience.Attribute(var name, var value) -> {
        int slot = resolver.slot(name).orElseThrow(() -> new UnknownAttributeException(name));
        yield new Has(Term.attribute(resolver.app(), slot, value));
      }
      case Audience.Members(var ids) -> new Ordinals(resolver.app(), ordinals(ids, resolver));
      case Audience.And(var parts) -> new All(lookUp(parts, resolver));
      case Audience.Or(var parts) -> new Any(lookUp(parts, resolver));
      case Audience.Not(var part) -> new Not(resolver.app(), lookUp(part, resolver));
    };
  }

  private static List<Selection> lookUp(List<Audience> parts, Resolver resolver) {
    return parts.stream().map(part -> lookUp(part, resolver)).toList();
  }

  private static int[] ordinals(List<String> ids, Resolver resolver) {
    int[] flipped =
        ids.stream()
            .map(resolver::ordinal)
            .flatMapToInt(OptionalInt::stream)
            .map(ordinal -> ordinal ^ Integer.MIN_VALUE)
            .sorted()
            .distinct()
            .toArray();
    return Arrays.stream(flipped).map(ordinal -> ordinal ^ Integer.MIN_VALUE).toArray();
  }

  private static List<Selection> requireParts(List<Selection> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a selection of no parts");
    }
    return List.copyOf(parts);
  }
}
