package dev.fanfare.backup;

import dev.fanfare.journal.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The way through a directory of backups to a target: the newest base at or before it, and the
/// backups after that whose entries lead to it.
///
/// Backups whose entries follow each other are a *chain*. A chain ends where history was lost or
/// where the journal did not reach back to the backup before; nothing is known in between.
///
/// @param follow oldest first; may be none
record Route(Manifest base, List<Manifest> follow) {
  Route {
    follow = List.copyOf(follow);
  }

  /// The last backup of the way.
  Manifest last() {
    return follow.isEmpty() ? base : follow.getLast();
  }

  /// Finds the way.
  ///
  /// @param backups of a directory, oldest first
  /// @param beyond whether the journal that comes after the last backup is there as well
  /// @throws BackupException when there is none
  static Route to(Target target, List<Manifest> backups, boolean beyond) {
    if (backups.isEmpty()) {
      throw new BackupException("there is no backup that was finished");
    }
    return switch (target) {
      case Target.End() -> new Route(backups.getLast(), List.of());
      case Target.Time(Instant time) ->
          find(
                  backups,
                  last -> last.time() >= time.toEpochMilli() || last.equals(backups.getLast()),
                  base -> base.time() <= time.toEpochMilli())
              .orElseThrow(() -> nothingAt(time, backups));
      case Target.At(Position position) ->
          find(
                  backups,
                  last -> last.knows(position) || (beyond && last.equals(backups.getLast())),
                  base -> base.offset() <= position.offset())
              .orElseThrow(() -> nothingAt(position, backups));
    };
  }

  private static Optional<Route> find(
      List<Manifest> backups, Predicate<Manifest> mayBeLast, Predicate<Manifest> mayBeBase) {
    for (int last = backups.size() - 1; last >= 0; last--) {
      if (mayBeLast.test(backups.get(last))) {
        List<Manifest> follow = new ArrayList<>();
        int at = last;
        while (at > 0 && !mayBeBase.test(backups.get(at)) && follows(backups, at)) {
          follow.addFirst(backups.get(at));
          at--;
        }
        if (mayBeBase.test(backups.get(at))) {
          return Optional.of(new Route(backups.get(at), follow));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean follows(List<Manifest> backups, int at) {
    return backups.get(at).follows(backups.get(at - 1));
  }

  private static BackupException nothingAt(Instant time, List<Manifest> backups) {
    Optional<Manifest> before =
        backups.stream()
            .filter(backup -> backup.time() < time.toEpochMilli())
            .max(Comparator.comparingLong(Manifest::time));
    Optional<Manifest> after =
        backups.stream()
            .filter(backup -> backup.time() > time.toEpochMilli())
            .min(Comparator.comparingLong(Manifest::time));
    return new BackupException(
        "nothing is known of %s: %s%s"
            .formatted(
                time,
                before.map(backup -> "a backup ends at " + describe(backup) + ", ").orElse(""),
                after.map(backup -> "the next one is of " + describe(backup)).orElse("")));
  }

  private static BackupException nothingAt(Position position, List<Manifest> backups) {
    return new BackupException(
        "nothing is known of %s: the backups are of %s to %s"
            .formatted(position, describe(backups.getFirst()), describe(backups.getLast())));
  }

  private static String describe(Manifest backup) {
    return backup.position() + " (" + Instant.ofEpochMilli(backup.time()) + ")";
  }
}
