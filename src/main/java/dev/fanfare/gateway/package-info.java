/// Devices: shards, sessions, WebSocket, fan-out.
@NullMarked
package dev.fanfare.gateway;

import org.jspecify.annotations.NullMarked;
