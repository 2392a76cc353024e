package dev.fanfare.member;

import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/// The connections to this node alone, and what other nodes have to hear of them. Any thread.
public interface LocalPresence extends Presence {

  /// Names this run of the node.
  String node();

  /// The parts in which somebody came online or left since this was last asked. One caller.
  Set<OnlineChunk> takeChanged();

  /// The parts in which somebody is online.
  Set<OnlineChunk> chunks();

  /// Who is online in a part now; the caller's own.
  RoaringBitmap online(OnlineChunk chunk);
}
