package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.util.function.BiFunction;

/// What became of a request to a node that may die, stand still, or not reach Kafka.
///
/// @param upToDate whether the node knew what all others had acknowledged
record Reply(Answer answer, JsonNode body, boolean upToDate) {

  /// What a change came to.
  enum Answer {
    DONE,
    NOT_FOUND,
    /// It has no effect and never will.
    NOTHING_DONE,
    /// It takes effect within 5 s of the call, or never.
    UNKNOWN
  }

  interface Request {
    HttpResponse<String> send() throws IOException, InterruptedException;
  }

  /// Sends a request.
  ///
  /// @param judge what a status and a body mean
  static Reply to(Request request, BiFunction<Integer, JsonNode, Answer> judge)
      throws InterruptedException {
    try {
      HttpResponse<String> response = request.send();
      JsonNode body = Api.JSON.readTree(response.body());
      boolean upToDate = response.headers().firstValue("Fanfare-Reads").isEmpty();
      return new Reply(judge.apply(response.statusCode(), body), body, upToDate);
    } catch (ConnectException _) {
      return new Reply(Answer.NOTHING_DONE, MissingNode.getInstance(), false);
    } catch (IOException _) {
      return new Reply(Answer.UNKNOWN, MissingNode.getInstance(), false);
    }
  }

  /// Whether it shows what was true when it was sent, or later.
  boolean shows() {
    return upToDate && (answer == Answer.DONE || answer == Answer.NOT_FOUND);
  }
}
