package dev.fanfare.api;

import dev.fanfare.app.Caller;
import dev.fanfare.http.Request;
import dev.fanfare.schema.Command;

/// A request of a known caller about the whole cell.
record CellCall(Request request, Caller caller) {
  Fields body() {
    return Json.body(request.body());
  }

  QueryFields query() {
    return QueryFields.parse(request.query());
  }

  Command.Builder command() {
    return Command.newBuilder().setActor(caller.actor());
  }
}
