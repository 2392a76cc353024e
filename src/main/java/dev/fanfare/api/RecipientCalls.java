package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Listing;
import dev.fanfare.broadcast.RecipientStatus;
import dev.fanfare.http.Response;
import dev.fanfare.member.History;
import dev.fanfare.member.Members;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Role;
import dev.fanfare.why.Inquiry;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/// The calls that say who got a broadcast, who did not, and why.
record RecipientCalls(Replica replica, Inquiry inquiry) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/broadcasts/{broadcast}/recipients",
                this::list,
                Description.of("Lists recipients, all or those of one status; who left is marked.")
                    .query("status", "unreached, reached, delivered or read", "unreached")
                    .paged()
                    .answers(200, "Recipients"))
            .allows(Access.of(Role.SENDER, Role.READER)),
        Operation.inApp(
                "GET",
                "/broadcasts/{broadcast}/recipients/{member}",
                this::why,
                Description.of("Says why a member got a broadcast or did not.").answers(200, "Why"))
            .allows(Access.of(Role.SENDER, Role.READER)),
        Operation.inApp(
                "GET",
                "/members/{member}/broadcasts",
                this::received,
                Description.of("Lists what a member was sent, newest first, and what became of it.")
                    .paged()
                    .answers(200, "Received"))
            .allows(Access.ALL));
  }

  private Broadcast find(Call call) {
    return BroadcastCalls.find(replica, call, call.parameter("broadcast"));
  }

  /// Ids of recipients, all or those of one status, in order of registration. A page can have fewer
  /// than its limit although more follow.
  private Response list(Call call) {
    Broadcast broadcast = find(call);
    QueryFields query = call.query();
    RecipientStatus status =
        query
            .text("status")
            .map(name ->
                RecipientStatus.named(name)
                    .orElseThrow(() -> QueryFields.invalid("status", "no such status: " + name)))
            .orElse(RecipientStatus.ALL);
    Page page = Page.of(query, Page.Kind.RECIPIENTS);
    Listing.Page found =
        replica.broadcasts().listing(broadcast.number(), status).page(ordinal(page), page.limit());
    // Looked at afterwards, because they can be removed while they are read.
    if (find(call).receiptsPurged() != 0) {
      throw Problem.receiptsPurged().raise();
    }
    ObjectNode answer = Json.object();
    ArrayNode recipients = answer.putArray("recipients");
    Removals removals = new Removals(replica.members(), call.app().number());
    for (int ordinal : found.ordinals()) {
      ObjectNode recipient = recipients.addObject();
      replica.members().idOf(call.app().number(), ordinal).ifPresent(id -> recipient.put("id", id));
      if (removals.contains(ordinal)) {
        recipient.put("removed", true);
      }
    }
    if (found.next() >= 0) {
      answer.put("cursor", Page.cursor(Page.Kind.RECIPIENTS, found.next()));
    }
    return Answers.json(200, answer);
  }

  private static long ordinal(Page page) {
    long from = page.from().orElse(0L);
    if (from >>> 32 != 0) {
      throw QueryFields.invalidCursor();
    }
    return from;
  }

  /// Which members were removed, a chunk at a time.
  private static final class Removals {
    private final Members members;
    private final int app;
    private int chunk = -1;
    private RoaringBitmap removed = new RoaringBitmap();

    Removals(Members members, int app) {
      this.members = members;
      this.app = app;
    }

    boolean contains(int ordinal) {
      if (ordinal >>> 16 != chunk) {
        chunk = ordinal >>> 16;
        removed = members.removed(app, chunk);
      }
      return removed.contains(ordinal & 0xFFFF);
    }
  }

  /// Why a member got a broadcast or did not.
  private Response why(Call call) {
    Broadcast broadcast = find(call);
    String member = call.parameter("member");
    MemberId.check(member, "");
    ObjectNode answer = Json.object().put("broadcast", broadcast.id()).put("member", member);
    WhyJson.write(answer, member, inquiry.why(broadcast, member));
    return Answers.json(200, answer);
  }

  /// The broadcasts that a member is or was a recipient of, newest first, each with what became of
  /// it.
  private Response received(Call call) {
    String member = call.parameter("member");
    MemberId.check(member, "");
    Page page = Page.of(call.query(), Page.Kind.RECEIVED);
    History history = replica.members().history(call.app().number(), member);
    if (history.stays().isEmpty()) {
      throw Problem.memberNotFound().raise();
    }
    BroadcastPage shown = new BroadcastPage(page, Page.Kind.RECEIVED, "broadcasts");
    replica
        .broadcasts()
        .newest(
            call.app().number(),
            page.from().orElse(Long.MAX_VALUE),
            broadcast ->
                shown.take(
                    broadcast,
                    () ->
                        inquiry.isRecipient(broadcast, history)
                            ? received(broadcast, member)
                            : null));
    return Answers.json(200, shown.json());
  }

  private ObjectNode received(Broadcast broadcast, String member) {
    ObjectNode json =
        Json.object()
            .put("broadcast", broadcast.id())
            .put("state", BroadcastJson.text(broadcast.state()))
            .put("format", BroadcastJson.text(broadcast.format()))
            .put("from", broadcast.sender());
    BroadcastJson.time(json, "sentAt", broadcast.started());
    WhyJson.write(json, member, inquiry.why(broadcast, member));
    return json;
  }
}
