package dev.fanfare.presence;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.schema.PresenceKey;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a record of the topic is about: its key.
sealed interface Subject {

  /// The run of a node that the record is of.
  String node();

  /// That the node lives.
  record Life(String node) implements Subject {}

  /// Who is online at the node, in one part.
  record Part(String node, OnlineChunk chunk) implements Subject {}

  default byte[] encode() {
    PresenceKey.Builder key = PresenceKey.newBuilder().setNode(node());
    if (this instanceof Part(_, OnlineChunk chunk)) {
      key.setApp(chunk.app()).setPlatform(chunk.platform()).setChunk(chunk.number());
    }
    return key.build().toByteArray();
  }

  /// Empty for what only another version, or nobody, would write.
  static Optional<Subject> decode(byte[] key) {
    try {
      PresenceKey read = PresenceKey.parseFrom(key);
      if (!Rules.NODE.matcher(read.getNode()).matches()) {
        return Optional.empty();
      }
      if (read.getApp() == 0) {
        return Optional.of(new Life(read.getNode()));
      }
      boolean possible =
          read.getApp() > 0
              && Rules.PLATFORM.matcher(read.getPlatform()).matches()
              && read.getChunk() >>> Short.SIZE == 0;
      return possible
          ? Optional.of(
              new Part(
                  read.getNode(),
                  new OnlineChunk(read.getApp(), read.getPlatform(), read.getChunk())))
          : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  /// What names have to be like.
  final class Rules {
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9]{1,16}");
    private static final Pattern PLATFORM = Pattern.compile("[A-Za-z0-9]{0,20}");

    private Rules() {}
  }
}
