package dev.fanfare.audience;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Holds an audience against many members, one after the other.
public final class Matching {
  private Matching() {}

  /// Whether the audience selects a member with these traits; for any thread.
  public static Predicate<Traits> with(Audience audience) {
    return switch (audience) {
      case Audience.Everyone() -> _ -> true;
      case Audience.Tag(var name) -> member -> member.hasTag(name);
      case Audience.Attribute(var name, var value) -> member -> member.hasAttribute(name, value);
      case Audience.Members(var ids) -> {
        Set<String> listed = Set.copyOf(ids);
        yield member -> listed.contains(member.id());
      }
      case Audience.And(var parts) -> {
        List<Predicate<Traits>> all = all(parts);
        yield member -> all.stream().allMatch(part -> part.test(member));
      }
      case Audience.Or(var parts) -> {
        List<Predicate<Traits>> any = all(parts);
        yield member -> any.stream().anyMatch(part -> part.test(member));
      }
      case Audience.Not(var part) -> with(part).negate();
    };
  }

  private static List<Predicate<Traits>> all(List<Audience> parts) {
    return parts.stream().map(Matching::with).toList();
  }
}
