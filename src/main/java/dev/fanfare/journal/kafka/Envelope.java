package dev.fanfare.journal.kafka;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.TopicEntry;

/// What a record of the topic says: a command, who appended it, and until when it may take effect.
///
/// @param proposer names a run of a node
/// @param sequence names the command among those of its proposer
/// @param deadline broker time in milliseconds since the epoch, or [#NO_DEADLINE]
record Envelope(long proposer, long sequence, long deadline, Command command) {

  static final long NO_DEADLINE = 0;

  /// How far the clocks of two brokers may be apart.
  static final long CLOCK_SLACK_MILLIS = 1_000;

  /// Whether the broker stamped the entry so late that its caller was told, or will be, that it
  /// never takes effect.
  boolean isVoid(long stamp) {
    return deadline != NO_DEADLINE && stamp > deadline + CLOCK_SLACK_MILLIS;
  }

  /// @throws IllegalStateException when it could take effect long after its caller was told that it
  ///   never will
  byte[] encode(CellKey key) {
    if (deadline == NO_DEADLINE && hasDeadline(command)) {
      throw new IllegalStateException("a command of a caller without a deadline");
    }
    TopicEntry.Builder entry =
        TopicEntry.newBuilder().setProposer(proposer).setSequence(sequence).setDeadline(deadline);
    if (carriesSecrets(command)) {
      entry.setSealed(ByteString.copyFrom(key.seal(command.toByteArray())));
    } else {
      entry.setCommand(command);
    }
    return entry.build().toByteArray();
  }

  /// @throws UnknownEntryException when it is no entry of a version that this one knows
  static Envelope decode(byte[] value, CellKey key) {
    try {
      TopicEntry entry = TopicEntry.parseFrom(value);
      Command command =
          entry.getSealed().isEmpty()
              ? entry.getCommand()
              : Command.parseFrom(key.open(entry.getSealed().toByteArray()));
      return new Envelope(entry.getProposer(), entry.getSequence(), entry.getDeadline(), command);
    } catch (InvalidProtocolBufferException e) {
      throw new UnknownEntryException("the topic holds a record that is no entry of a journal");
    }
  }

  /// The first entry is sealed in any case, so that a node with another key notices at once.
  private static boolean carriesSecrets(Command command) {
    return switch (command.getKindCase()) {
      case BOOTSTRAP, BEGIN_FROM_BACKUP, CREATE_APP, ADD_KEY, ADD_WEBHOOK -> true;
      default -> false;
    };
  }

  /// Whether somebody waits for this command who may send it again. What the server itself proposes
  /// takes effect once however often it comes, so it may come late.
  static boolean hasDeadline(Command command) {
    return switch (command.getKindCase()) {
      case START_DUE,
          RELEASE,
          EXPIRE,
          RECEIPTS,
          FIX_UNREACHED,
          PASS_WEBHOOK,
          TIDY_TAG,
          END_SCAN,
          TICK,
          MARK,
          BEGIN_FROM_BACKUP ->
          false;
      default -> true;
    };
  }
}
