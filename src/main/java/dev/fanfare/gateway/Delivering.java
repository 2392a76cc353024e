package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Timeline;
import java.util.function.Predicate;

/// What the shards of a node share.
///
/// @param registered whether a login's member is still the one that logged in
record Delivering(
    Timeline timeline,
    Broadcasts broadcasts,
    Due due,
    Frames frames,
    CatchUp catchUp,
    Devices devices,
    Predicate<Session.Login> registered) {}
