package dev.fanfare.cell;

import dev.fanfare.schema.NodeReport;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/// The nodes that follow one journal, as they say of themselves. Any thread.
///
/// @param self this one
/// @param others as they last told; none on an embedded journal
public record Cell(ThisNode self, Supplier<List<Peer>> others) {

  /// Another node.
  ///
  /// @param heardAt its last sign of life, by the journal's clock; the report is as old
  /// @param online whether that is recent enough for its connections to count
  public record Peer(NodeReport report, Instant heardAt, boolean online) {}
}
