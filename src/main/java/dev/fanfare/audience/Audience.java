package dev.fanfare.audience;

import java.util.List;

/// An expression that says who should hear something.
///
/// Attribute names and member ids are as written; [Selection#resolve] looks them up in an app. The
/// order and nesting of parts are kept, because people get shown what they wrote.
public sealed interface Audience {
  /// Levels of nesting; a leaf alone has one.
  int MAX_DEPTH = 16;

  /// Leaves of one expression; a list of members is one.
  int MAX_TERMS = 1_000;

  /// Ids in all lists of members of one expression together.
  int MAX_MEMBERS = 10_000;

  /// Every member of the app.
  record Everyone() implements Audience {}

  /// Who carries the tag.
  record Tag(String name) implements Audience {
    public Tag {
      requireText(name, "a tag");
    }
  }

  /// Whose attribute is exactly this.
  record Attribute(String name, String value) implements Audience {
    public Attribute {
      requireText(name, "the name of an attribute");
      requireText(value, "the value of an attribute");
    }
  }

  /// The members listed; ids that are not registered stand for nobody.
  record Members(List<String> ids) implements Audience {
    public Members {
      ids = List.copyOf(ids);
      if (ids.isEmpty()) {
        throw new AudienceException("a list of members needs at least one id");
      }
      ids.forEach(id -> requireText(id, "a member id"));
    }
  }

  /// Who is in every part.
  record And(List<Audience> parts) implements Audience {
    public And {
      parts = requireParts(parts);
    }
  }

  /// Who is in at least one part.
  record Or(List<Audience> parts) implements Audience {
    public Or {
      parts = requireParts(parts);
    }
  }

  /// Every member of the app who is not in the part.
  record Not(Audience part) implements Audience {}

  /// The audience itself when it keeps the limits above.
  ///
  /// @throws AudienceException when it does not
  static Audience checked(Audience audience) {
    new AudienceLimits().check(audience, 1);
    return audience;
  }

  private static void requireText(String text, String what) {
    if (text.isEmpty()) {
      throw new AudienceException(what + " must not be empty");
    }
  }

  private static List<Audience> requireParts(List<Audience> parts) {
    if (parts.isEmpty()) {
      throw new AudienceException("and, or need at least one part");
    }
    return List.copyOf(parts);
  }
}
