package dev.fanfare.volcengine;

import dev.fanfare.app.App;
import dev.fanfare.app.Size;
import dev.fanfare.http.Request;

/// An authenticated request for an app that its access key owns.
record Call(Request request, Authentication caller, App app, Settings settings, Fields body) {

  /// What the request may hold at most.
  int most(Size size) {
    return settings.most(size);
  }
}
