package dev.fanfare.http;

/// One of the protocols that the API port speaks. Called on a virtual thread; may block.
public interface Face {

  /// The largest body it takes, in bytes.
  int maxBodyBytes();

  /// Answers a request. Anything thrown becomes [#failure].
  Response answer(Request request);

  /// The answer to a body larger than [#maxBodyBytes]; the request's body is empty.
  Response tooLarge(Request request);

  /// The answer when [#answer] threw: a bug or a broken world.
  Response failure(Request request, RuntimeException cause);
}
