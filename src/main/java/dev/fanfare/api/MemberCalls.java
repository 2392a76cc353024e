package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.member.Member;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.Role;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The calls that read and change members.
record MemberCalls(Replica replica, Journal journal) {
  private static final String REMOVED_MEANWHILE = "Done, and somebody else removed the member";

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/members/{member}",
                call -> show(call, id(call)),
                Description.of("Shows a member.")
                    .header("If-Match", "Its version has to be this one")
                    .answers(200, "Member"))
            .allows(Access.ALL),
        Operation.inApp(
                "PUT",
                "/members/{member}",
                this::put,
                Description.of("Registers a member, or replaces everything about it.")
                    .header("If-Match", "Its version has to be this one")
                    .takes(
                        "MemberPut",
                        "{'nickName': 'Ann', 'tags': ['vip'], 'attributes': {'city': 'ny'}}")
                    .answers(200, "Member")
                    .orNothing(REMOVED_MEANWHILE))
            .allows(Access.of(Role.REGISTRAR)),
        Operation.inApp(
                "PATCH",
                "/members/{member}",
                this::patch,
                Description.of("Changes what is given; null clears.")
                    .header("If-Match", "Its version has to be this one")
                    .takes(
                        "MemberPatch",
                        "{'nickName': null, 'tags': {'add': ['new'], 'remove': ['old']}}")
                    .answers(200, "Member")
                    .orNothing(REMOVED_MEANWHILE))
            .allows(Access.of(Role.REGISTRAR)),
        Operation.inApp(
                "DELETE",
                "/members/{member}",
                this::remove,
                Description.of("Removes a member.")
                    .header("If-Match", "Its version has to be this one"))
            .allows(Access.of(Role.REGISTRAR)),
        Operation.inApp(
                "POST",
                "/members:batch",
                this::batch,
                Description.of("Up to 1,000 changes, each judged alone, in order.")
                    .takes(
                        "Batch",
                        "{'operations': [{'put': {'id': '1', 'tags': []}},"
                            + " {'patch': {'id': '2', 'tags': {'add': ['a']}}}, {'remove': '3'}]}")
                    .answers(200, "BatchOutcomes"))
            .allows(Access.of(Role.REGISTRAR)));
  }

  private static String id(Call call) {
    return MemberId.check(call.parameter("member"), "");
  }

  private Response put(Call call) {
    String id = id(call);
    return changed(call, change(id).setPut(MemberJson.put(call.body(), id)));
  }

  private Response patch(Call call) {
    String id = id(call);
    return changed(
        call, change(id).setUpdate(MemberJson.patch(call.body(), id, call.app().attributeNames())));
  }

  private Response remove(Call call) {
    change(call, change(id(call)).setRemove(RemoveMember.getDefaultInstance()));
    return Answers.empty();
  }

  private Response show(Call call, String id) {
    Member member = find(call, id);
    Precondition.require(call.request(), member);
    return write(member);
  }

  private Member find(Call call, String id) {
    return replica.member(call.app(), id).orElseThrow(() -> Problem.memberNotFound().raise());
  }

  private static Response write(Member member) {
    return Answers.json(200, MemberJson.write(member)).with("ETag", Precondition.etag(member));
  }

  /// The member as it is now; nothing when somebody else has removed it since.
  private Response changed(Call call, MemberChange.Builder change) {
    change(call, change);
    return replica
        .member(call.app(), change.getId())
        .map(MemberCalls::write)
        .orElseGet(Answers::empty);
  }

  private void change(Call call, MemberChange.Builder change) {
    Precondition.version(call.request()).ifPresent(change::setIfVersion);
    propose(call, List.of(change.build()))
        .getFirst()
        .ifPresent(refusal -> {
          throw Problem.of(refusal).raise();
        });
  }

  /// Up to 1,000 changes, each judged alone. What is malformed never reaches the journal.
  private Response batch(Call call) {
    Fields body = call.body().only(Set.of("operations"));
    body.required("operations");
    List<Optional<Problem>> malformed = new ArrayList<>();
    List<MemberChange> changes = new ArrayList<>();
    for (JsonNode operation : body.array("operations", ApiLimits.OPERATIONS)) {
      try {
        changes.add(operation(call, Fields.object(operation, "/operations/" + malformed.size())));
        malformed.add(Optional.empty());
      } catch (ProblemException e) {
        malformed.add(Optional.of(e.problem()));
      }
    }
    Iterator<Optional<Refusal>> refusals =
        changes.isEmpty()
            ? List.<Optional<Refusal>>of().iterator()
            : propose(call, changes).iterator();
    ObjectNode answer = Json.object();
    ArrayNode outcomes = answer.putArray("outcomes");
    for (Optional<Problem> problem : malformed) {
      outcomes.add(outcome(problem.isPresent() ? problem : refusals.next().map(Problem::of)));
    }
    return Answers.json(200, answer);
  }

  private static ObjectNode outcome(Optional<Problem> problem) {
    ObjectNode outcome = Json.object().put("ok", problem.isEmpty());
    problem.ifPresent(why -> Answers.describe(outcome, why));
    return outcome;
  }

  private static MemberChange operation(Call call, Fields operation) {
    operation.only(Set.of("put", "patch", "remove"));
    if (operation.node().size() != 1) {
      throw Problem.invalid(operation.pointer(), "has to have one of put, patch, remove").raise();
    }
    if (operation.has("remove")) {
      return change(MemberId.read(operation.get("remove"), operation.at("remove")))
          .setRemove(RemoveMember.getDefaultInstance())
          .build();
    }
    boolean put = operation.has("put");
    Fields body = operation.object(put ? "put" : "patch");
    String id = MemberId.read(body.required("id"), body.at("id"));
    return put
        ? change(id).setPut(MemberJson.put(body, id)).build()
        : change(id).setUpdate(MemberJson.patch(body, id, call.app().attributeNames())).build();
  }

  private static MemberChange.Builder change(String id) {
    return MemberChange.newBuilder().setId(id);
  }

  private List<Optional<Refusal>> propose(Call call, List<MemberChange> changes) {
    ChangeMembers command = ChangeMembers.newBuilder().addAllChanges(changes).build();
    return switch (journal.propose(call.command().setChangeMembers(command).build())) {
      case Outcome.Members(var refusals) -> refusals;
      case Outcome.Refused(var refusal) -> throw Problem.of(refusal).raise();
      case Outcome.Done _, Outcome.Started _ ->
          throw new IllegalStateException("not an outcome of a change of members");
    };
  }
}
