package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceJson;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.audience.Explained;
import dev.fanfare.audience.Traits;
import dev.fanfare.http.Response;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/// The calls that ask about an audience before anything is sent to it.
record AudienceCalls(Replica replica, Presence presence) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "POST",
                "/audience:count",
                this::count,
                Description.of(
                        "Counts who an audience selects now, exactly, and who of them is connected,"
                            + " with a sample of ids.")
                    .takes("CountRequest", "{'audience': 'tag:vip and not city=ny', 'sample': 10}")
                    .answers(200, "Count"))
            .allows(Access.of(Role.SENDER, Role.READER)),
        Operation.inApp(
                "POST",
                "/audience:explain",
                this::explain,
                Description.of(
                        "Says whether an audience selects one member now: the tree with `matches`"
                            + " at every node.")
                    .takes("ExplainRequest", "{'audience': 'tag:vip', 'member': '10001'}")
                    .answers(200, "Explained"))
            .allows(Access.of(Role.SENDER, Role.READER)));
  }

  /// How many an audience selects now, how many of them are connected, and a sample of their ids.
  Response count(Call call) {
    Fields body = call.body().only(Set.of("audience", "sample"));
    int sample = (int) body.number("sample", 0, ApiLimits.SAMPLE, 0);
    return Answers.json(200, count(call, AudienceBody.read(body, call.app()), sample));
  }

  ObjectNode count(Call call, Audience audience, int sample) {
    // Before who is online is asked for, which may be newer than it says, never older.
    Optional<Instant> asOf = presence.asOf();
    RoaringBitmap online = presence.online(call.app().number());
    Replica.Count count = replica.count(call.app(), audience, sample, online);
    ObjectNode answer = Json.object().put("matched", count.matched()).put("online", count.online());
    asOf.ifPresent(time -> answer.put("onlineAsOf", time.toString()));
    ArrayNode ids = answer.putArray("sample");
    count.sample().forEach(ids::add);
    return answer
        .put("position", count.position().toString())
        .put("text", AudienceText.print(audience));
  }

  /// Whether an audience selects one member now, and why: the tree with `matches` at every node.
  Response explain(Call call) {
    Fields body = call.body().only(Set.of("audience", "member"));
    Audience audience = AudienceBody.read(body, call.app());
    String member = MemberId.read(body.required("member"), body.at("member"));
    Traits traits =
        replica
            .members()
            .traits(call.app().number(), member, call.app().attributeNames())
            .orElseThrow(() -> Problem.memberNotFound().raise());
    Explained explained = Explained.of(audience, traits);
    ObjectNode answer =
        Json.object()
            .put("member", member)
            .put("matches", explained.matches())
            .put("text", AudienceText.print(audience));
    answer.set("tree", AudienceJson.write(explained));
    return Answers.json(200, answer);
  }
}
