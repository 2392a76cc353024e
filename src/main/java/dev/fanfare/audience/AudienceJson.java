package dev.fanfare.audience;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.audience.Audience.And;
import dev.fanfare.audience.Audience.Attribute;
import dev.fanfare.audience.Audience.Everyone;
import dev.fanfare.audience.Audience.Members;
import dev.fanfare.audience.Audience.Not;
import dev.fanfare.audience.Audience.Or;
import dev.fanfare.audience.Audience.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// The JSON form of an audience: `"everyone"`, `{"tag": "vip"}`, `{"attribute": "city", "is":
/// "ny"}`, `{"members": ["1", "2"]}`, `{"all": […]}`, `{"any": […]}`, `{"not": …}`.
///
/// A string, wherever an audience may stand, is the text form. Fields that the form does not have
/// are refused, so that a misspelt one cannot widen an audience.
public final class AudienceJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private AudienceJson() {}

  /// Reads the JSON form.
  ///
  /// @throws AudienceException naming the place as a JSON pointer
  public static Audience read(JsonNode node) {
    Audience audience = read(node, "", 1);
    try {
      return Audience.checked(audience);
    } catch (AudienceException limit) {
      throw limit.within("");
    }
  }

  /// Writes the JSON form.
  public static JsonNode write(Audience audience) {
    return switch (audience) {
      case Everyone() -> NODES.textNode("everyone");
      case Tag(var name) -> NODES.objectNode().put("tag", name);
      case Attribute(var name, var value) ->
          NODES.objectNode().put("attribute", name).put("is", value);
      case Members(var ids) -> {
        ObjectNode node = NODES.objectNode();
        ArrayNode members = node.putArray("members");
        ids.forEach(members::add);
        yield node;
      }
      case And(var parts) -> parts("all", parts);
      case Or(var parts) -> parts("any", parts);
      case Not(var part) -> NODES.objectNode().set("not", write(part));
    };
  }

  /// Writes the JSON form with `matches` at every node; everyone is `{"everyone": true}`.
  public static JsonNode write(Explained explained) {
    ObjectNode node =
        switch (explained.audience()) {
          case Everyone() -> NODES.objectNode().put("everyone", true);
          case Tag _, Attribute _, Members _ -> (ObjectNode) write(explained.audience());
          case And _ -> parts("all", explained);
          case Or _ -> parts("any", explained);
          case Not _ -> NODES.objectNode().set("not", write(explained.parts().getFirst()));
        };
    return node.put("matches", explained.matches());
  }

  private static ObjectNode parts(String word, Explained explained) {
    ObjectNode node = NODES.objectNode();
    ArrayNode array = node.putArray(word);
    explained.parts().forEach(part -> array.add(write(part)));
    return node;
  }

  private static JsonNode parts(String word, List<Audience> parts) {
    ObjectNode node = NODES.objectNode();
    ArrayNode array = node.putArray(word);
    parts.forEach(part -> array.add(write(part)));
    return node;
  }

  private static Audience read(JsonNode node, String pointer, int depth) {
    if (depth > Audience.MAX_DEPTH) {
      throw AudienceException.atPointer(pointer, AudienceLimits.tooDeep());
    }
    if (node.isTextual()) {
      return text(node.textValue(), pointer);
    }
    if (!node.isObject()) {
      throw AudienceException.atPointer(pointer, "expected an object, or a string of text form");
    }
    var names = new TreeSet<String>();
    node.fieldNames().forEachRemaining(names::add);
    return switch (String.join(" ", names)) {
      case "tag" -> new Tag(string(node.get("tag"), pointer + "/tag"));
      case "attribute is" ->
          new Attribute(
              string(node.get("attribute"), pointer + "/attribute"),
              string(node.get("is"), pointer + "/is"));
      case "members" -> new Members(members(node.get("members"), pointer + "/members"));
      case "all" -> new And(parts(node.get("all"), pointer + "/all", depth));
      case "any" -> new Or(parts(node.get("any"), pointer + "/any", depth));
      case "not" -> new Not(read(node.get("not"), pointer + "/not", depth + 1));
      default ->
          throw AudienceException.atPointer(
              pointer, "expected exactly tag, attribute and is, members, all, any, or not");
    };
  }

  private static Audience text(String text, String pointer) {
    try {
      return AudienceText.parse(text);
    } catch (AudienceException wrong) {
      throw wrong.within(pointer);
    }
  }

  private static String string(JsonNode node, String pointer) {
    if (!node.isTextual() || node.textValue().isEmpty()) {
      throw AudienceException.atPointer(pointer, "expected a string that is not empty");
    }
    return node.textValue();
  }

  private static List<String> members(JsonNode node, String pointer) {
    List<String> ids = new ArrayList<>();
    for (JsonNode id : array(node, pointer)) {
      ids.add(string(id, pointer + "/" + ids.size()));
    }
    return ids;
  }

  private static List<Audience> parts(JsonNode node, String pointer, int depth) {
    List<Audience> parts = new ArrayList<>();
    for (JsonNode part : array(node, pointer)) {
      parts.add(read(part, pointer + "/" + parts.size(), depth + 1));
    }
    return parts;
  }

  private static JsonNode array(JsonNode node, String pointer) {
    if (!node.isArray() || node.isEmpty()) {
      throw AudienceException.atPointer(pointer, "expected an array that is not empty");
    }
    return node;
  }
}
