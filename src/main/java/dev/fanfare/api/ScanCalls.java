package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Member;
import dev.fanfare.member.Scans;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.EndScan;
import dev.fanfare.schema.StartScan;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Reads the members that an audience selects, page by page.
///
/// Who is read is frozen by the first page, and each member is shown as it is when its page is
/// read; who left is not shown. What fits on one page leaves nothing behind. A longer scan is a
/// command, so that every node can serve its next page.
///
/// @param clock judges the end of a scan
/// @param random mints ids of scans
record ScanCalls(Replica replica, Journal journal, Clock clock, RandomGenerator random) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/members",
                this::list,
                Description.of(
                        "Lists who an audience selects, frozen by the first page. A cursor lasts an"
                            + " hour.")
                    .query("audience", "In its text form; required on the first page", "tag:vip")
                    .paged()
                    .answers(200, "Members"))
            .allows(Access.ALL));
  }

  private Response list(Call call) {
    QueryFields query = call.query();
    int limit = query.limit();
    if (query.cursor().isPresent()) {
      Cursor cursor = Cursor.parse(query.cursor().get());
      return page(call, find(call, cursor.scan()), cursor.from(), limit);
    }
    Audience audience =
        AudienceBody.text(
            query
                .text("audience")
                .orElseThrow(() ->
                    Problem.of(
                            400,
                            "missing_parameter",
                            "audience is required; everyone is 'everyone'")
                        .raise()),
            call.app());
    Optional<Replica.Shown> all = replica.select(call.app(), audience, limit);
    if (all.isPresent()) {
      ObjectNode answer = members(all.get().members()).put("matched", all.get().matched());
      return Answers.json(200, answer.put("position", all.get().position().toString()));
    }
    long id = random.nextLong();
    StartScan start =
        StartScan.newBuilder().setId(id).setAudience(AudienceSchema.encode(audience)).build();
    Outcomes.require(journal.propose(call.command().setStartScan(start).build()));
    return page(call, find(call, id), 0, limit);
  }

  private Scans.Scan find(Call call, long id) {
    return replica
        .scans()
        .find(call.app(), id, clock.millis())
        .orElseThrow(
            () -> Problem.of(410, "cursor_expired", "the scan is over; start it anew").raise());
  }

  private Response page(Call call, Scans.Scan scan, int from, int limit) {
    Scans.Page page = replica.scans().page(call.app(), scan.id(), from, limit);
    ObjectNode answer =
        members(page.members())
            .put("matched", scan.matched())
            .put("position", replica.position(scan.offset()).toString());
    page.next().ifPresent(next -> answer.put("cursor", new Cursor(scan.id(), next).toString()));
    if (page.next().isEmpty() && scan.running()) {
      end(call, scan.id());
    }
    return Answers.json(200, answer);
  }

  /// Makes room for another scan. When that fails, time does it.
  private void end(Call call, long id) {
    EndScan end = EndScan.newBuilder().setId(id).build();
    try {
      var _ = journal.propose(call.command().setEndScan(end).build());
    } catch (TryAgainException | OutcomeUnknownException _) {
      // The page was read all the same.
    }
  }

  private static ObjectNode members(List<Member> members) {
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("members");
    members.forEach(member -> list.add(MemberJson.write(member)));
    return answer;
  }

  /// Where a scan goes on.
  ///
  /// @param from ordinal, unsigned
  private record Cursor(long scan, int from) {
    private static final int BYTES = Long.BYTES + Integer.BYTES;

    static Cursor parse(String text) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
        if (bytes.remaining() == BYTES) {
          return new Cursor(bytes.getLong(), bytes.getInt());
        }
      } catch (IllegalArgumentException _) {
        throw QueryFields.invalidCursor();
      }
      throw QueryFields.invalidCursor();
    }

    @Override
    public String toString() {
      byte[] bytes = ByteBuffer.allocate(BYTES).putLong(scan).putInt(from).array();
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
  }
}
