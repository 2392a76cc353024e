package dev.fanfare.replica;

import dev.fanfare.replica.Model.Life;
import dev.fanfare.replica.Model.Person;
import dev.fanfare.replica.Model.Push;
import dev.fanfare.replica.Model.Stay;
import java.util.List;
import java.util.Optional;

/// Why somebody got a broadcast or did not, told from the model: the answer and its facts as text.
record Reasons(Model model, long now) {

  String why(Push push, String id) {
    List<Stay> stays = model.stays.getOrDefault(id, List.of());
    Optional<Person> person = Optional.ofNullable(model.members.get(id));
    if (push.life == Life.SCHEDULED) {
      return "scheduled "
          + push.startAt
          + person.map(known -> " " + Model.matches(push.audience, id, known)).orElse(" absent");
    }
    if (push.life == Life.CANCELLED) {
      return "cancelled " + push.since;
    }
    if (push.purged != 0) {
      return "no_longer_known " + push.purged;
    }
    Stay then = null;
    String absence = "not_registered " + model.forgotten;
    for (Stay stay : stays) {
      boolean left = stay.to != 0 && stay.to < push.begun;
      if (left) {
        absence = "removed_before " + stay.toTime;
      } else if (stay.from < push.begun) {
        then = stay;
      } else if (then == null && !absence.startsWith("registered_later")) {
        absence = "registered_later " + stay.fromTime;
      }
    }
    if (then == null) {
      return absence;
    }
    if (!push.order.contains(id + "#" + then.ordinal)) {
      return unmatched(push, id, then, person);
    }
    return recipient(push, id + "#" + then.ordinal, then);
  }

  private static String unmatched(Push push, String id, Stay then, Optional<Person> person) {
    if (then.to != 0 || person.isEmpty()) {
      return "did_not_match removed " + then.toTime;
    }
    boolean changed = person.get().changed > push.begun;
    return changed
        ? "did_not_match changed "
            + person.get().changedTime
            + " "
            + Model.matches(push.audience, id, person.get())
        : "did_not_match then";
  }

  private String recipient(Push push, String name, Stay then) {
    int place = push.order.indexOf(name);
    int slice = 0;
    while (slice < push.sliceEnds.size() && push.sliceEnds.get(slice) <= place) {
      slice++;
    }
    boolean handed = slice < push.sliceEnds.size();
    long at = handed ? push.sliceTimes.get(slice) : 0;
    if (push.reached.contains(name)) {
      String how =
          push.read.contains(name)
              ? "read"
              : push.delivered.contains(name) ? "delivered" : "reached";
      long recalled = push.life == Life.RECALLED ? push.since : 0;
      int reported = handed ? slice : slice(push, place);
      return how + " " + reported + " " + recalled + " " + then.toTime;
    }
    String obstacle = "";
    long first = Long.MAX_VALUE;
    if (then.to != 0) {
      obstacle = "removed " + at + " " + then.toTime;
      first = then.toTime;
    }
    if (push.life == Life.RECALLED && push.since < first) {
      obstacle = "recalled " + at + " " + push.since;
      first = push.since;
    }
    long end = push.started + push.lifetime * 1_000;
    if (end <= now && end < first) {
      obstacle = "expired " + at + " " + end;
    }
    if (!obstacle.isEmpty()) {
      return obstacle;
    }
    if (handed) {
      return "released_not_reached " + slice + " " + at + " " + end;
    }
    return push.life == Life.PAUSED
        ? "paused " + slice(push, place) + " " + push.since
        : "not_released_yet " + slice(push, place) + " " + due(push, place);
  }

  /// Which slice a place will be in, by going through them.
  private static int slice(Push push, int place) {
    return push.sliceEnds.size() + slicesAhead(push, place);
  }

  private static long due(Push push, int place) {
    return push.nextDue + slicesAhead(push, place) * push.tick;
  }

  private static int slicesAhead(Push push, int place) {
    if (push.pace == 0) {
      return 0;
    }
    int ahead = 0;
    for (int end = push.released + Model.size(push); end <= place; end += Model.size(push)) {
      ahead++;
    }
    return ahead;
  }
}
