package dev.fanfare.http;

/// One of the protocols that the API port speaks. Called on a virtual thread; may block.
public interface Face {

  /// The largest body it takes, in bytes.
  int maxBodyBytes();

  /// Whether it reads the body of such a request while it arrives, however large it is:
  /// [Request#upload] then has it.
  default boolean readsWhileArriving(String method, String path) {
    return false;
  }

  /// Answers a request. Anything thrown becomes [#failure].
  ///
  /// @throws NoAnswerException to have the connection closed without an answer
  Response answer(Request request);

  /// The answer to a body larger than [#maxBodyBytes]; the request's body is empty.
  Response tooLarge(Request request);

  /// The answer to a request for whose body there is no room now; its body is empty. Nothing was
  /// done, and the same may succeed soon.
  Response busy(Request request);

  /// The answer when [#answer] threw: a bug or a broken world.
  Response failure(Request request, RuntimeException cause);
}
