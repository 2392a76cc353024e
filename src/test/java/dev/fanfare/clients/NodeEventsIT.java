package dev.fanfare.clients;

import java.nio.file.Path;
import java.util.List;

/// The JavaScript client in Node.js, over server-sent events.
final class NodeEventsIT extends DeviceClientContract {
  @Override
  List<String> command(String collector, Path home) throws Exception {
    return NodeClientIT.node(collector, home);
  }

  @Override
  String transport() {
    return "sse";
  }
}
