package dev.fanfare.audience;

/// Counts what an expression holds; stops at the first limit it breaks.
final class AudienceLimits {
  private int terms;
  private int members;

  static String tooDeep() {
    return "nested deeper than " + Audience.MAX_DEPTH + " levels";
  }

  void check(Audience audience, int depth) {
    if (depth > Audience.MAX_DEPTH) {
      throw new AudienceException(tooDeep());
    }
    switch (audience) {
      case Audience.Everyone(), Audience.Tag(_), Audience.Attribute(_, _) -> term();
      case Audience.Members(var ids) -> {
        term();
        members(ids.size());
      }
      case Audience.And(var parts) -> parts.forEach(part -> check(part, depth + 1));
      case Audience.Or(var parts) -> parts.forEach(part -> check(part, depth + 1));
      case Audience.Not(var part) -> check(part, depth + 1);
    }
  }

  void term() {
    if (++terms > Audience.MAX_TERMS) {
      throw new AudienceException("more than " + Audience.MAX_TERMS + " terms");
    }
  }

  void members(int more) {
    members += more;
    if (members > Audience.MAX_MEMBERS) {
      throw new AudienceException("more than " + Audience.MAX_MEMBERS + " listed members");
    }
  }
}
