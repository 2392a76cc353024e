package dev.fanfare.why;

import dev.fanfare.audience.Audience;
import dev.fanfare.audience.Explained;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Says a reason in words that a support person understands; the same for the command line, the
/// console and every client.
public final class Sentence {
  private static final int LEAVES = 3;

  private Sentence() {}

  public static String of(String member, Why why) {
    return switch (why) {
      case Why.NotRegistered(long knownSince) ->
          knownSince == 0
              ? member + " was never registered."
              : member
                  + " was not registered when this broadcast started, and has not been since. What"
                  + " ended before "
                  + time(knownSince)
                  + " is no longer known.";
      case Why.RegisteredLater(long at) ->
          member + " was registered at " + time(at) + ", after this broadcast had started.";
      case Why.RemovedBefore(long at) ->
          member + " was removed at " + time(at) + ", before this broadcast started.";
      case Why.DidNotMatch none -> didNotMatch(member, none);
      case Why.Scheduled scheduled -> scheduled(member, scheduled);
      case Why.Cancelled(long at) ->
          "The broadcast was cancelled at " + time(at) + ", before it was sent to anyone.";
      case Why.NotReleasedYet(int slice, long due) ->
          member
              + " is a recipient, in slice "
              + (slice + 1)
              + ", which is released at "
              + time(due)
              + " at the earliest.";
      case Why.Paused(int slice, long since) ->
          member
              + " is a recipient, in slice "
              + (slice + 1)
              + ", which is not released: the"
              + " broadcast has been paused since "
              + time(since)
              + ".";
      case Why.NotReached(_, long released, long expires) ->
          "The broadcast was released to "
              + member
              + " at "
              + time(released)
              + ", but no device of this member has been connected since"
              + (expires == 0 ? "." : "; it can still be delivered until " + time(expires) + ".");
      case Why.Expired(long released, long at) -> expired(member, released, at);
      case Why.NotOnline(long released) ->
          "The broadcast was only for who was connected when it was released at "
              + time(released)
              + ", and no device of "
              + member
              + " was.";
      case Why.Recalled(long released, long at) ->
          "The broadcast was recalled at "
              + time(at)
              + ", before "
              + (released == 0
                  ? "it was released to " + member + "."
                  : "a device of " + member + " was connected.");
      case Why.Removed(long released, long at) ->
          member
              + " was a recipient and was removed at "
              + time(at)
              + ", before "
              + (released == 0 ? "its slice was released." : "one of its devices was connected.");
      case Why.Got got -> got(member, got);
      case Why.NoLongerKnown(long purged) ->
          purged == 0
              ? "Whether "
                  + member
                  + " was registered when this broadcast started is no longer known: of an id the"
                  + " last 20 registrations are kept."
              : "Who got this broadcast is no longer known, "
                  + member
                  + " or anyone: its recipients and receipts were removed at "
                  + time(purged)
                  + ". Its counters are kept.";
    };
  }

  private static String didNotMatch(String member, Why.DidNotMatch none) {
    String start = member + " was registered, but the audience did not select it";
    if (none.tree().isEmpty()) {
      return start
          + "; it was removed at "
          + time(none.removed())
          + ", so that what it had then is not known.";
    }
    Explained tree = none.tree().get();
    if (none.changed() == 0) {
      return start + ": " + because(tree) + ".";
    }
    String changed = start + ". It changed at " + time(none.changed()) + ", after the start; ";
    return tree.matches()
        ? changed + "as it is now it would be selected."
        : changed + "as it is now it still would not be selected: " + because(tree) + ".";
  }

  private static String scheduled(String member, Why.Scheduled scheduled) {
    String start =
        "The broadcast is scheduled for "
            + time(scheduled.startAt())
            + "; who gets it is decided then. ";
    if (scheduled.now().isEmpty()) {
      return start + member + " is not registered now.";
    }
    Explained now = scheduled.now().get();
    return now.matches()
        ? start + "As it is now, " + member + " would get it."
        : start + "As it is now, " + member + " would not get it: " + because(now) + ".";
  }

  private static String expired(String member, long released, long at) {
    return released == 0
        ? "The broadcast ended at " + time(at) + ", before it was released to " + member + "."
        : "The broadcast was released to "
            + member
            + " at "
            + time(released)
            + ", but no device of this member was connected before it ended at "
            + time(at)
            + ".";
  }

  private static String got(String member, Why.Got got) {
    String how =
        switch (got.how()) {
          case REACHED ->
              "The broadcast was handed to a device of "
                  + member
                  + ", which has not acknowledged it";
          case DELIVERED -> "A device of " + member + " acknowledged the broadcast";
          case READ -> member + " opened the broadcast";
        };
    String text = how + "; it was released at " + time(got.released());
    text += got.recalled() == 0 ? "" : " and recalled at " + time(got.recalled());
    text += got.removed() == 0 ? "" : "; the member was removed at " + time(got.removed());
    return text + ".";
  }

  /// Why a tree is true or false: the leaves that decide it, a few of them.
  static String because(Explained tree) {
    List<String> reasons = new ArrayList<>();
    collect(tree, reasons);
    int more = reasons.size() - LEAVES;
    String some = String.join(" and ", reasons.subList(0, Math.min(LEAVES, reasons.size())));
    return more > 0 ? some + " and " + more + " more" : some;
  }

  private static void collect(Explained node, List<String> reasons) {
    switch (node.audience()) {
      case Audience.Everyone _ -> reasons.add("everyone is meant");
      case Audience.Tag(var name) ->
          reasons.add((node.matches() ? "it has the tag " : "it does not have the tag ") + name);
      case Audience.Attribute(var name, var value) ->
          reasons.add("its " + name + (node.matches() ? " is " : " is not ") + value);
      case Audience.Members _ ->
          reasons.add(
              node.matches() ? "it is in the list of members" : "it is not in the list of members");
      case Audience.Not _ -> collect(node.parts().getFirst(), reasons);
      case Audience.And _ -> decisive(node, !node.matches(), reasons);
      case Audience.Or _ -> decisive(node, node.matches(), reasons);
    }
  }

  /// One part is enough to decide an *and* that is false and an *or* that is true; otherwise all
  /// parts together do.
  private static void decisive(Explained node, boolean oneDecides, List<String> reasons) {
    List<Explained> parts =
        node.parts().stream().filter(part -> part.matches() == node.matches()).toList();
    (oneDecides ? parts.subList(0, 1) : parts).forEach(part -> collect(part, reasons));
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }
}
