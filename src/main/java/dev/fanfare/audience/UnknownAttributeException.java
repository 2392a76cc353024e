package dev.fanfare.audience;

/// An audience that asks for an attribute which the app has no slot for.
public final class UnknownAttributeException extends AudienceException {
  private static final long serialVersionUID = 1L;

  private final String attribute;

  UnknownAttributeException(String attribute) {
    super("the app has no attribute named \"" + attribute + "\"");
    this.attribute = attribute;
  }

  /// The name that no slot has.
  public String attribute() {
    return attribute;
  }
}
