package dev.fanfare.member;

import java.util.List;
import java.util.Optional;

/// When a member id was registered: its stays, oldest first.
///
/// @param forgottenUntil offset up to which stays ended that are no longer known; 0 for none
/// @param knownSince journal time up to which stays of anyone in the app ended that are no longer
///   known; 0 for none
public record History(List<Stay> stays, long forgottenUntil, long knownSince) {
  public History {
    stays = List.copyOf(stays);
  }

  /// From a registration to the removal. Offsets say where in the journal, the others are journal
  /// time in milliseconds.
  ///
  /// @param removed 0 while it is registered
  /// @param removedAt 0 while it is registered
  public record Stay(
      int ordinal, long registered, long registeredAt, long removed, long removedAt) {

    /// Whether it was registered when the entry with this offset was applied.
    boolean covers(long offset) {
      return registeredAt < offset && (removedAt == 0 || removedAt > offset);
    }
  }

  /// The stay during which the entry with this offset was applied.
  public Optional<Stay> at(long offset) {
    return stays.stream().filter(stay -> stay.covers(offset)).findFirst();
  }

  /// Whether a stay at this offset could have been forgotten.
  public boolean mayMiss(long offset) {
    return offset <= forgottenUntil;
  }

  /// The first stay that began after this offset.
  public Optional<Stay> after(long offset) {
    return stays.stream().filter(stay -> stay.registeredAt() > offset).findFirst();
  }

  /// The last stay that ended before this offset.
  public Optional<Stay> before(long offset) {
    return stays.reversed().stream()
        .filter(stay -> stay.removedAt() != 0 && stay.removedAt() < offset)
        .findFirst();
  }
}
