package dev.fanfare.audience;

/// What an audience is judged by, of one member.
public interface Traits {
  String id();

  boolean hasTag(String name);

  boolean hasAttribute(String name, String value);
}
