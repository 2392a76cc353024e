package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.audience.AudienceJson;
import dev.fanfare.audience.Explained;
import dev.fanfare.why.Sentence;
import dev.fanfare.why.Why;

/// Reasons as the native API tells them: a stable `answer`, a sentence, and the facts that prove
/// it.
final class WhyJson {
  private WhyJson() {}

  static void write(ObjectNode json, String member, Why why) {
    json.put("answer", why.answer()).put("text", Sentence.of(member, why));
    switch (why) {
      case Why.NotRegistered(long knownSince) -> time(json, "knownSince", knownSince);
      case Why.NoLongerKnown(long purged) -> time(json, "receiptsPurgedAt", purged);
      case Why.RegisteredLater(long at) -> time(json, "registeredAt", at);
      case Why.RemovedBefore(long at) -> time(json, "removedAt", at);
      case Why.DidNotMatch(var tree, long changed, long removed) -> {
        tree.ifPresent(known -> tree(json, known, changed == 0));
        time(json, "changedAt", changed);
        time(json, "removedAt", removed);
      }
      case Why.Scheduled(long startAt, var now) -> {
        time(json, "startAt", startAt);
        now.ifPresent(tree -> tree(json, tree, false));
      }
      case Why.Cancelled(long at) -> time(json, "cancelledAt", at);
      case Why.NotReleasedYet(int slice, long due) -> {
        json.put("slice", slice);
        time(json, "dueAt", due);
      }
      case Why.Paused(int slice, long since) -> {
        json.put("slice", slice);
        time(json, "pausedAt", since);
      }
      case Why.NotReached(int slice, long released, long expires) -> {
        json.put("slice", slice);
        time(json, "releasedAt", released);
        time(json, "expiresAt", expires);
      }
      case Why.Expired(long released, long at) -> ended(json, released, "expiredAt", at);
      case Why.NotOnline(long released) -> time(json, "releasedAt", released);
      case Why.Recalled(long released, long at) -> ended(json, released, "recalledAt", at);
      case Why.Removed(long released, long at) -> ended(json, released, "removedAt", at);
      case Why.Got got -> {
        json.put("slice", got.slice());
        time(json, "releasedAt", got.released());
        time(json, "recalledAt", got.recalled());
        time(json, "removedAt", got.removed());
      }
    }
  }

  private static void ended(ObjectNode json, long released, String name, long at) {
    time(json, "releasedAt", released);
    time(json, name, at);
  }

  /// @param then whether the tree is as it was when the broadcast began, or as it is now
  private static void tree(ObjectNode json, Explained tree, boolean then) {
    json.put("matches", tree.matches()).put("treeAsOf", then ? "start" : "now");
    json.set("tree", AudienceJson.write(tree));
  }

  private static void time(ObjectNode json, String name, long millis) {
    BroadcastJson.time(json, name, millis);
  }
}
