package dev.fanfare.api;

import dev.fanfare.app.App;
import dev.fanfare.app.Caller;
import dev.fanfare.http.Request;
import dev.fanfare.schema.Command;
import java.util.Map;
import java.util.Objects;

/// A request of a known caller to an app.
///
/// @param parameters the named segments of the path, decoded
record Call(Request request, Caller caller, App app, Map<String, String> parameters) {

  /// A named segment of the path.
  String parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }

  Fields body() {
    return Json.body(request.body());
  }

  QueryFields query() {
    return QueryFields.parse(request.query());
  }

  Command.Builder command() {
    return Command.newBuilder().setApp(app.number()).setActor(caller.actor());
  }
}
