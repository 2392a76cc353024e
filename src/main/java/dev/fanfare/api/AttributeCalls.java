package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.AppCommands;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.schema.SetAttributeNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The ten attribute slots of an app: `{"0": "city", "1": "tier"}`.
///
/// A value belongs to its slot: renaming a slot renames the attribute of every member that has it.
record AttributeCalls(Journal journal) {
  private static final Set<String> SLOTS =
      IntStream.range(0, AppCommands.ATTRIBUTE_SLOTS)
          .mapToObj(Integer::toString)
          .collect(Collectors.toUnmodifiableSet());

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/attributes",
                AttributeCalls::show,
                Description.of("Shows the ten attribute slots.").answers(200, "Attributes"))
            .allows(Access.ALL),
        Operation.inApp(
            "PUT",
            "/attributes",
            this::replace,
            Description.of(
                    "Names the attribute slots. A slot that is left out is free: its values are not"
                        + " shown, and whoever takes the slot gets them.")
                .takes("Attributes", "{'0': 'city', '1': 'tier'}")
                .answers(200, "Attributes")));
  }

  private static Response show(Call call) {
    return Answers.json(200, names(call.app().attributeNames()));
  }

  private Response replace(Call call) {
    Fields body = call.body().only(SLOTS);
    List<String> names = new ArrayList<>();
    Set<String> used = new HashSet<>();
    for (int slot = 0; slot < AppCommands.ATTRIBUTE_SLOTS; slot++) {
      String key = Integer.toString(slot);
      String name = body.has(key) ? body.text(key, 1, ApiLimits.ATTRIBUTE_NAME_BYTES) : "";
      if (!name.isEmpty() && !used.add(name)) {
        throw new Problem(400, "duplicate_name", "two slots cannot share a name", body.at(key))
            .raise();
      }
      names.add(name);
    }
    Outcomes.require(
        journal.propose(
            call.command()
                .setSetAttributeNames(SetAttributeNames.newBuilder().addAllNames(names))
                .build()));
    return Answers.json(200, names(names));
  }

  private static ObjectNode names(List<String> names) {
    ObjectNode json = Json.object();
    for (int slot = 0; slot < names.size(); slot++) {
      if (!names.get(slot).isEmpty()) {
        json.put(Integer.toString(slot), names.get(slot));
      }
    }
    return json;
  }
}
