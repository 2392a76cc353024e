package dev.fanfare.backup;

import dev.fanfare.app.Cell;
import dev.fanfare.app.Mint;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Position;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.kafka.KafkaJournal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.BackupFile;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.OpenEpoch;
import dev.fanfare.store.Key;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import dev.fanfare.store.TableFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// Makes a store from backups, at a chosen place of the history.
///
/// Where history may be lost by that, because what came after the place existed or could have, the
/// result begins a new epoch: then positions of devices that are ahead of it are told apart from
/// those that the node gives from now on. Nothing is lost where the journal of the lost directory
/// was read up to its last entry: one that keeps its entries for a short time may no longer have
/// those after the backup.
///
/// What is made has an embedded journal, also when the backups are of nodes on Kafka.
///
/// @param lost the store of the directory that is replaced, whose journal goes on where the backups
///   end; read only, and even if it was not closed cleanly
public record Restore(Path backups, Optional<Path> lost, Target target) {
  private static final String ACTOR = "restore";
  private static final long CACHE_BYTES = 64L << 20;

  /// What mints the epoch and stamps its entry.
  public record World(Clock clock, Mint mint) {}

  /// What was made.
  ///
  /// @param base where the base stood
  /// @param entries how many were played after it
  /// @param journaled how many of them are from the journal of the lost directory
  /// @param position of the last entry
  /// @param time of the last entry
  /// @param missing how many entries after it the lost directory had applied and no longer has
  /// @param epoch that begins after it; empty when nothing is lost
  public record Report(
      Position base,
      long entries,
      long journaled,
      Position position,
      Instant time,
      long missing,
      Optional<String> epoch) {}

  /// Fills a directory, which has to be empty, with a store.
  ///
  /// @throws BackupException when the backups do not reach the target or are damaged
  public Report into(Path directory, World world) {
    BackupDirectory from = new BackupDirectory(backups);
    Route route = Route.to(target, from.manifests(), lost.isPresent());
    route.follow().stream()
        .filter(backup -> backup.schema().hasEntries())
        .forEach(backup -> from.verify(backup.schema().getEntries()));
    for (BackupFile file : route.base().schema().getBaseList()) {
      from.copy(file, directory.resolve(file.getName()));
    }
    try (RocksStore store = RocksStore.open(directory, CACHE_BYTES)) {
      KafkaJournal.leave(store);
      return play(new Played(new Replaying(store), from, route), world);
    }
  }

  private record Played(Replaying replaying, BackupDirectory from, Route route) {}

  private Report play(Played played, World world) {
    Replaying replaying = played.replaying();
    Route route = played.route();
    if (replaying.last().offset() != route.base().offset()) {
      throw new BackupException("the base of backup " + route.base().number() + " is another one");
    }
    boolean more = true;
    for (Manifest backup : route.follow()) {
      if (more && backup.schema().hasEntries()) {
        more = playEntries(played.from().file(backup.schema().getEntries()), replaying);
      }
    }
    long backedUp = replaying.last().offset();
    OptionalLong missing =
        more && lost.isPresent() ? playLost(lost.get(), replaying) : OptionalLong.empty();
    Stamp last = replaying.last();
    Cell cell = cell(replaying.replica());
    requireTarget(cell, last.offset());
    Position position = cell.position(last.offset());
    boolean whole = missing.isPresent() && missing.getAsLong() == 0;
    Optional<String> epoch = whole ? Optional.empty() : Optional.of(open(replaying, world));
    replaying.end();
    return new Report(
        route.base().position(),
        last.offset() - route.base().offset(),
        last.offset() - backedUp,
        position,
        Instant.ofEpochMilli(last.time()),
        missing.orElse(0),
        epoch);
  }

  /// Plays the entries of a backup that come next. False when the target was reached before the
  /// last of them.
  private boolean playEntries(Path file, Replaying replaying) {
    boolean[] more = {true};
    TableFile.scan(
        file,
        Key.bytes(replaying.last().offset() + 1),
        (key, value) -> more[0] = playOne(key, value, replaying));
    return more[0];
  }

  /// Plays what the lost journal has after the backups. How many entries after that are missing,
  /// because it has forgotten them; empty when the target was reached before its end.
  private OptionalLong playLost(Path directory, Replaying replaying) {
    try (RocksStore store = RocksStore.openReadOnly(directory)) {
      if (KafkaJournal.follows(store)) {
        throw new BackupException(
            "the lost directory has no journal, which is on Kafka: leave it out");
      }
      requireSameHistory(store, replaying);
      boolean[] more = {true};
      store.scan(
          Table.JOURNAL,
          Key.bytes(replaying.last().offset() + 1),
          null,
          (key, value) -> more[0] = playOne(key, value, replaying));
      long head = Replica.applied(store).offset();
      return more[0] ? OptionalLong.of(head - replaying.last().offset()) : OptionalLong.empty();
    }
  }

  private void requireSameHistory(Store store, Replaying replaying) {
    long offset = replaying.last().offset();
    Position reached = cell(replaying.replica()).position(offset);
    long head = Replica.applied(store).offset();
    boolean same =
        Cell.load(store)
            .map(cell -> cell.place(reached, head) instanceof Cell.Place.Exact)
            .orElse(false);
    if (!same) {
      throw new BackupException(
          "the journal of the lost directory does not go on from " + reached + ": leave it out");
    }
  }

  /// Plays an entry unless it lies behind the target.
  private boolean playOne(byte[] key, byte[] value, Replaying replaying) {
    long offset = ByteBuffer.wrap(key).getLong();
    boolean wanted =
        switch (target) {
          case Target.End() -> true;
          case Target.Time(Instant time) ->
              Replaying.parse(value, offset).getTime() <= time.toEpochMilli();
          case Target.At(Position position) -> offset <= position.offset();
        };
    if (wanted) {
      replaying.play(offset, value);
    }
    return wanted;
  }

  private void requireTarget(Cell cell, long reached) {
    if (target instanceof Target.At(Position position)
        && !(cell.place(position, reached) instanceof Cell.Place.Exact(long offset)
            && offset == reached)) {
      throw new BackupException(
          "%s is not there: the journal ends at %s".formatted(position, cell.position(reached)));
    }
  }

  private static Cell cell(Replica replica) {
    return replica.cell().orElseThrow(() -> new BackupException("the base has no cell"));
  }

  private static String open(Replaying replaying, World world) {
    String epoch = cell(replaying.replica()).nextEpoch(world.mint());
    Command command =
        Command.newBuilder()
            .setActor(ACTOR)
            .setOpenEpoch(OpenEpoch.newBuilder().setId(epoch))
            .build();
    return switch (replaying.append(command, world.clock().millis())) {
      case Outcome.Done() -> epoch;
      case Outcome.Refused _, Outcome.Members _, Outcome.Started _ ->
          throw new IllegalStateException("a new epoch opens");
    };
  }
}
