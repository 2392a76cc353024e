package dev.fanfare.api;

import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Cancel;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Pause;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.Resume;
import dev.fanfare.schema.Role;
import dev.fanfare.schema.SetPace;
import java.util.List;
import java.util.Set;

/// The calls that change the life of a broadcast. Repeating one is harmless; one that the state
/// does not allow is refused as `illegal_transition`.
record LifeCalls(Replica replica, Journal journal) {
  private static final String PATH = "/broadcasts/{broadcast}:";

  List<Operation> operations() {
    return List.of(
        operation("pause", "Holds the next slices back."),
        operation("resume", "Goes on with a paused one."),
        Operation.inApp(
                "POST",
                PATH + "pace",
                call -> change(call, "pace"),
                Description.of("Changes the pace; null releases the rest at once.")
                    .takes("Pace", "{'pacePerSecond': 5000}")
                    .answers(200, "Broadcast"))
            .allows(Access.of(Role.SENDER)),
        operation("recall", "Withdraws it from the devices that have it and hides it from others."),
        operation("cancel", "Ends a scheduled one before its start."));
  }

  private Operation operation(String verb, String summary) {
    return Operation.inApp(
            "POST",
            PATH + verb,
            call -> change(call, verb),
            Description.of(summary).answers(200, "Broadcast"))
        .allows(Access.of(Role.SENDER));
  }

  /// Answers with the broadcast as it is afterwards.
  private Response change(Call call, String verb) {
    String id = call.parameter("broadcast");
    long number = BroadcastCalls.find(replica, call, id).number();
    Outcomes.require(journal.propose(command(call, verb, number).build()));
    Broadcast changed = BroadcastCalls.find(replica, call, id);
    return Answers.json(200, BroadcastJson.write(changed, replica));
  }

  private static Command.Builder command(Call call, String verb, long number) {
    Command.Builder command = call.command();
    if (verb.equals("pace")) {
      return command.setSetPace(SetPace.newBuilder().setBroadcast(number).setPace(pace(call)));
    }
    if (call.request().body().length > 0) {
      call.body().only(Set.of());
    }
    return switch (verb) {
      case "pause" -> command.setPause(Pause.newBuilder().setBroadcast(number));
      case "resume" -> command.setResume(Resume.newBuilder().setBroadcast(number));
      case "recall" -> command.setRecall(Recall.newBuilder().setBroadcast(number));
      case "cancel" -> command.setCancel(Cancel.newBuilder().setBroadcast(number));
      default -> throw Problem.notFound().raise();
    };
  }

  /// Members per second; null asks for the rest at once.
  private static int pace(Call call) {
    Fields body = call.body().only(Set.of("pacePerSecond"));
    if (body.isNull("pacePerSecond")) {
      return 0;
    }
    body.required("pacePerSecond");
    return (int) body.number("pacePerSecond", 1, ApiLimits.PACE_PER_SECOND, 0);
  }
}
