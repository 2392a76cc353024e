package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.member.TagCommands;
import dev.fanfare.member.Tags;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.schema.Role;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/// The tags of an app: which there are, how many members have each, and the end of one.
///
/// @param random mints ids of removals
record TagCalls(Replica replica, Journal journal, RandomGenerator random) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/tags",
                this::list,
                Description.of("Lists tags with exact counts, in order of their bytes.")
                    .query("prefix", "Only tags that begin with this", "v")
                    .paged()
                    .answers(200, "Tags"))
            .allows(Access.ALL),
        Operation.inApp(
                "DELETE",
                "/tags/{tag}",
                this::remove,
                Description.of(
                    "Takes a tag from everyone who has it at this moment, all at once. Harmless"
                        + " when nobody has it."))
            .allows(Access.of(Role.REGISTRAR)));
  }

  private Response list(Call call) {
    QueryFields query = call.query();
    int limit = query.limit();
    String after = query.cursor().map(TagCalls::decode).orElse("");
    String prefix = query.text("prefix").orElse("");
    List<Tags.Counted> tags = replica.tags().list(call.app().number(), prefix, after, limit + 1);
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("tags");
    for (Tags.Counted tag : tags.subList(0, Math.min(limit, tags.size()))) {
      list.addObject().put("name", tag.name()).put("members", tag.members());
    }
    if (tags.size() > limit) {
      answer.put("cursor", encode(tags.get(limit - 1).name()));
    }
    return Answers.json(200, answer);
  }

  private static String encode(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String decode(String cursor) {
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw QueryFields.invalidCursor();
    }
  }

  private Response remove(Call call) {
    String name = call.parameter("tag");
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1 || bytes > ApiLimits.TAG_BYTES) {
      throw Problem.of(400, "invalid_tag", "a tag has 1 to " + ApiLimits.TAG_BYTES + " bytes")
          .raise();
    }
    RemoveTag remove =
        RemoveTag.newBuilder()
            .setName(name)
            .setId(random.nextLong())
            .setPortion(TagCommands.PORTION)
            .build();
    Outcomes.require(journal.propose(call.command().setRemoveTag(remove).build()));
    return Answers.empty();
  }
}
