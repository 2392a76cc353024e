package dev.fanfare.audience;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// An audience that cannot be read or used as it was written.
///
/// The message is for the person who wrote it and begins with the place, where one is known.
public sealed class AudienceException extends RuntimeException permits UnknownAttributeException {
  private static final long serialVersionUID = 1L;
  private static final int NO_COLUMN = 0;

  private final String complaint;
  private final int column;
  private final @Nullable String pointer;

  public AudienceException(String complaint) {
    this(complaint, NO_COLUMN, null);
  }

  private AudienceException(String complaint, int column, @Nullable String pointer) {
    super(place(column, pointer) + complaint);
    this.complaint = complaint;
    this.column = column;
    this.pointer = pointer;
  }

  static AudienceException atColumn(int column, String complaint) {
    return new AudienceException(complaint, column, null);
  }

  static AudienceException atPointer(String pointer, String complaint) {
    return new AudienceException(complaint, NO_COLUMN, pointer);
  }

  /// The same complaint about the text from `otherColumn` on.
  AudienceException at(int otherColumn) {
    return new AudienceException(complaint, otherColumn, pointer);
  }

  /// The same complaint about the part of a JSON document at `pointer`.
  AudienceException within(String pointer) {
    return new AudienceException(complaint, column, pointer);
  }

  /// What is wrong and where, for the person who wrote it.
  public String reason() {
    return place(column, pointer) + complaint;
  }

  /// Place in the text form, counted in characters (code points) from 1.
  public OptionalInt column() {
    return column == NO_COLUMN ? OptionalInt.empty() : OptionalInt.of(column);
  }

  /// Place in the JSON form (RFC 6901), seen from the audience; "" is the audience itself.
  public Optional<String> pointer() {
    return Optional.ofNullable(pointer);
  }

  private static String place(int column, @Nullable String pointer) {
    String inJson = pointer == null || pointer.isEmpty() ? "" : pointer;
    String inText = column == NO_COLUMN ? "" : "column " + column;
    String between = inJson.isEmpty() || inText.isEmpty() ? "" : ", ";
    String place = inJson + between + inText;
    return place.isEmpty() ? "" : place + ": ";
  }
}
