package dev.fanfare.api;

import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.util.function.Function;

/// One call of the native API: what it answers to, who may make it, what it does, and what the
/// OpenAPI document says about it. The face dispatches by these and writes the document from them,
/// so the two cannot differ.
record Operation(Endpoint endpoint, Access access, Handler handler, Description description) {

  /// What a call does. Which kind it is follows from its path.
  sealed interface Handler {
    /// A call about one app, below `/v1/apps/{app}`.
    record InApp(Function<Call, Response> answer) implements Handler {}

    /// A call about the whole cell.
    record InCell(Function<CellCall, Response> answer) implements Handler {}

    /// A call of somebody who has not shown a key yet.
    record Open(Function<Request, Response> answer) implements Handler {}
  }

  /// A call about one app.
  ///
  /// @param path below `/v1/apps/{app}`
  static Operation inApp(
      String method, String path, Function<Call, Response> answer, Description description) {
    return new Operation(
        new Endpoint(method, new PathTemplate("/v1/apps/{app}" + path)),
        Access.OWNER,
        new Handler.InApp(answer),
        description);
  }

  /// A call about the whole cell.
  static Operation inCell(
      String method, String path, Function<CellCall, Response> answer, Description description) {
    return new Operation(
        new Endpoint(method, new PathTemplate(path)),
        Access.ADMIN,
        new Handler.InCell(answer),
        description);
  }

  /// A call that needs no key.
  static Operation open(
      String method, String path, Function<Request, Response> answer, Description description) {
    return new Operation(
        new Endpoint(method, new PathTemplate(path)),
        Access.ALL,
        new Handler.Open(answer),
        description);
  }

  /// The same call for others.
  Operation allows(Access others) {
    return new Operation(endpoint, others, handler, description);
  }

  /// Method and path.
  record Endpoint(String method, PathTemplate path) {}
}
