package dev.fanfare.volcengine;

import dev.fanfare.app.App;
import dev.fanfare.app.Size;
import dev.fanfare.http.Request;
import dev.fanfare.schema.Command;

/// An authenticated request for an app that its access key owns.
record Call(Request request, Authentication caller, App app, Settings settings, Fields body) {

  /// What the request may hold at most.
  int most(Size size) {
    return settings.most(size);
  }

  /// A command to the app, in the caller's name.
  Command.Builder command() {
    return Command.newBuilder()
        .setApp(app.number())
        .setActor("volcengine-access-key/" + caller.key().id());
  }
}
