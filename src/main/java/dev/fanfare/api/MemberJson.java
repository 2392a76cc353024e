package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.member.Member;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.Ext;
import dev.fanfare.schema.ExtEntry;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Tags;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Members as the native API shows and takes them.
final class MemberJson {
  private static final Set<String> FIELDS =
      Set.of(
          "id",
          "nickName",
          "portrait",
          "tags",
          "attributes",
          "ext",
          "robot",
          "createdAt",
          "modifiedAt",
          "version");

  private MemberJson() {}

  /// Shows a member.
  static ObjectNode write(Member member) {
    ObjectNode json =
        Json.object()
            .put("id", member.id())
            .put("nickName", member.nickName())
            .put("portrait", member.portrait());
    ArrayNode tags = json.putArray("tags");
    member.tags().forEach(tags::add);
    ObjectNode attributes = json.putObject("attributes");
    new TreeMap<>(member.attributes()).forEach(attributes::put);
    ObjectNode ext = json.putObject("ext");
    member.ext().forEach(ext::put);
    return json.put("robot", member.robot())
        .put("createdAt", Instant.ofEpochMilli(member.created()).toString())
        .put("modifiedAt", Instant.ofEpochMilli(member.modified()).toString())
        .put("version", Long.toString(member.version()));
  }

  /// Everything about a member, for a put. Fields that the server makes are accepted, so that what
  /// was read can be sent back, and ignored.
  static MemberEdit put(Fields body, String id) {
    MemberEdit.Builder edit = MemberEdit.newBuilder();
    profile(body, id, edit);
    if (body.has("tags")) {
      edit.setTags(tags(body, "tags"));
    }
    if (body.has("attributes")) {
      attributes(body.object("attributes"), edit, false);
    }
    return edit.build();
  }

  /// A merge patch (RFC 7396) with two differences: `tags` may also be `{"add": [], "remove": []}`,
  /// and `ext`, which is opaque, is replaced whole.
  ///
  /// @param attributeNames the app's by slot, empty for a free one
  static MemberEdit patch(Fields body, String id, List<String> attributeNames) {
    MemberEdit.Builder edit = MemberEdit.newBuilder();
    profile(body, id, edit);
    if (body.isNull("tags")) {
      edit.setTags(Tags.getDefaultInstance());
    } else if (body.get("tags").isObject()) {
      Fields change = body.object("tags").only(Set.of("add", "remove"));
      if (change.has("add")) {
        edit.addAllAddTags(tags(change, "add").getNamesList());
      }
      if (change.has("remove")) {
        edit.addAllRemoveTags(tags(change, "remove").getNamesList());
      }
    } else if (body.has("tags")) {
      edit.setTags(tags(body, "tags"));
    }
    if (body.isNull("attributes")) {
      attributeNames.stream()
          .filter(name -> !name.isEmpty())
          .forEach(name -> edit.addAttributes(AttributeEdit.newBuilder().setName(name)));
    } else if (body.has("attributes")) {
      attributes(body.object("attributes"), edit, true);
    }
    return edit.build();
  }

  private static void profile(Fields body, String id, MemberEdit.Builder edit) {
    body.only(FIELDS);
    if (body.has("id") && !MemberId.read(body.get("id"), body.at("id")).equals(id)) {
      throw Problem.invalid(body.at("id"), "differs from the id in the path").raise();
    }
    if (body.isNull("nickName")) {
      edit.setNickName("");
    } else if (body.has("nickName")) {
      edit.setNickName(nickName(body));
    }
    if (body.isNull("portrait")) {
      edit.setPortrait("");
    } else if (body.has("portrait")) {
      edit.setPortrait(body.text("portrait", 0, ApiLimits.PORTRAIT_BYTES));
    }
    if (body.isNull("ext")) {
      edit.setExt(Ext.getDefaultInstance());
    } else if (body.has("ext")) {
      edit.setExt(ext(body.object("ext")));
    }
    if (body.isNull("robot")) {
      edit.setRobot(false);
    } else if (body.has("robot")) {
      edit.setRobot(body.flag("robot", false));
    }
  }

  private static String nickName(Fields body) {
    String name = body.text("nickName", 0, 4 * ApiLimits.NICK_NAME_CODE_POINTS);
    if (name.codePointCount(0, name.length()) > ApiLimits.NICK_NAME_CODE_POINTS) {
      String most = "has more than " + ApiLimits.NICK_NAME_CODE_POINTS + " characters";
      throw Problem.invalid(body.at("nickName"), most).raise();
    }
    return name;
  }

  private static Tags tags(Fields body, String name) {
    return Tags.newBuilder()
        .addAllNames(body.texts(name, ApiLimits.TAGS_PER_CHANGE, ApiLimits.TAG_BYTES))
        .build();
  }

  private static void attributes(Fields body, MemberEdit.Builder edit, boolean clearing) {
    if (body.node().size() > ApiLimits.ATTRIBUTES) {
      String most = "has more than " + ApiLimits.ATTRIBUTES + " attributes";
      throw Problem.invalid(body.pointer(), most).raise();
    }
    for (String name : sorted(body.node()).keySet()) {
      requireLength(body, name, ApiLimits.ATTRIBUTE_NAME_BYTES);
      AttributeEdit.Builder attribute = AttributeEdit.newBuilder().setName(name);
      if (!clearing || !body.isNull(name)) {
        attribute.setValue(body.text(name, 1, ApiLimits.ATTRIBUTE_VALUE_BYTES));
      }
      edit.addAttributes(attribute);
    }
  }

  private static Ext ext(Fields body) {
    if (body.node().size() > ApiLimits.EXT_ENTRIES) {
      String most = "has more than " + ApiLimits.EXT_ENTRIES + " entries";
      throw Problem.invalid(body.pointer(), most).raise();
    }
    Ext.Builder ext = Ext.newBuilder();
    for (String key : sorted(body.node()).keySet()) {
      requireLength(body, key, ApiLimits.EXT_KEY_BYTES);
      String value = body.text(key, 0, ApiLimits.EXT_VALUE_BYTES);
      ext.addEntries(ExtEntry.newBuilder().setKey(key).setValue(value));
    }
    return ext.build();
  }

  private static Map<String, JsonNode> sorted(JsonNode object) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    object.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
    return sorted;
  }

  private static void requireLength(Fields body, String name, int mostBytes) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1 || bytes > mostBytes) {
      throw Problem.invalid(body.at(name), "its name has to have 1 to " + mostBytes + " bytes")
          .raise();
    }
  }
}
