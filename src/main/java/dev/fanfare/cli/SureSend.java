package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/// Sends a broadcast once: a call that was not answered, or whose outcome the server does not know,
/// is repeated, and the same idempotency key makes one broadcast of all of them.
///
/// @param pause before the second call; it doubles with each
/// @param note told of each call that is to be repeated
record SureSend(AppClient app, String key, Duration pause, Consumer<String> note) {
  private static final int CALLS = 5;

  /// @return the broadcast
  /// @throws CliException when it was refused, or it stays unknown whether it was sent
  JsonNode send(JsonNode request) {
    boolean unknown = false;
    for (int calls = 1; ; calls++) {
      CliException failure;
      try {
        Client.Answer answer = call(request);
        if (answer.done()) {
          return answer.body();
        }
        unknown |= answer.status() >= 500 && !answer.code().equals("try_again");
        failure = Client.problem(answer);
      } catch (CliException e) {
        unknown = true;
        failure = e;
      }
      if (failure.exitCode() != CliException.FAILED || calls == CALLS) {
        throw unknown ? unknown(failure) : failure;
      }
      note.accept(failure.getMessage() + "; calls again with --idempotency-key " + key);
      pause(calls, unknown);
    }
  }

  private Client.Answer call(JsonNode request) {
    Map<String, String> headers = Map.of("Idempotency-Key", key);
    return app.client().send("POST", app.root() + "/broadcasts", request, headers);
  }

  /// Also of a refusal, which says nothing of the calls before.
  private CliException unknown(CliException last) {
    return CliException.failed(
        last.getMessage()
            + "; it is not known whether the broadcast was sent: the same command with"
            + " --idempotency-key "
            + key
            + " sends it once");
  }

  private void pause(int calls, boolean unknown) {
    try {
      Thread.sleep(pause.multipliedBy(1L << (calls - 1)));
    } catch (InterruptedException _) {
      CliException interrupted = CliException.interrupted();
      throw unknown ? unknown(interrupted) : interrupted;
    }
  }
}
