package dev.fanfare.gateway;

import dev.fanfare.broadcast.Notice;

/// A notice and the shared frame that tells it.
record Delivery(Notice notice, Frame frame) {}
