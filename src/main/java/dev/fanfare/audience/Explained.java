package dev.fanfare.audience;

import dev.fanfare.audience.Audience.And;
import dev.fanfare.audience.Audience.Attribute;
import dev.fanfare.audience.Audience.Everyone;
import dev.fanfare.audience.Audience.Members;
import dev.fanfare.audience.Audience.Not;
import dev.fanfare.audience.Audience.Or;
import dev.fanfare.audience.Audience.Tag;
import java.util.List;

/// An audience held against one member: at every node, whether it selects the member.
///
/// @param parts in the order of the audience's parts; none for a leaf
public record Explained(Audience audience, boolean matches, List<Explained> parts) {
  public Explained {
    parts = List.copyOf(parts);
  }

  public static Explained of(Audience audience, Traits member) {
    return switch (audience) {
      case Everyone() -> leaf(audience, true);
      case Tag(var name) -> leaf(audience, member.hasTag(name));
      case Attribute(var name, var value) -> leaf(audience, member.hasAttribute(name, value));
      case Members(var ids) -> leaf(audience, ids.contains(member.id()));
      case And(var parts) -> {
        List<Explained> all = all(parts, member);
        yield new Explained(audience, all.stream().allMatch(Explained::matches), all);
      }
      case Or(var parts) -> {
        List<Explained> any = all(parts, member);
        yield new Explained(audience, any.stream().anyMatch(Explained::matches), any);
      }
      case Not(var part) -> {
        Explained inner = of(part, member);
        yield new Explained(audience, !inner.matches(), List.of(inner));
      }
    };
  }

  private static Explained leaf(Audience audience, boolean matches) {
    return new Explained(audience, matches, List.of());
  }

  private static List<Explained> all(List<Audience> parts, Traits member) {
    return parts.stream().map(part -> of(part, member)).toList();
  }
}
