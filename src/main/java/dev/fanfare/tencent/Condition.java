package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.AppCommands;
import dev.fanfare.app.Size;
import dev.fanfare.schema.AttributeIs;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.AudienceParts;
import dev.fanfare.schema.Everyone;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The Condition of a push, as an audience.
///
/// TagsNot, which the newer family adds, excludes who has all of its tags.
///
/// No condition is everyone. An empty part of one, or a part that nobody knows, is refused, because
/// an accidental broadcast is the worst outcome.
final class Condition {
  private static final Set<String> TAGS = Set.of("TagsOr", "TagsAnd", "TagsNot");
  private static final Set<String> ATTRIBUTES = Set.of("AttrsOr", "AttrsAnd");

  private final Call call;
  private final ObjectNode parts;

  private Condition(Call call, ObjectNode parts) {
    this.call = call;
    this.parts = parts;
  }

  /// The audience of a request. Names of attributes are resolved where the broadcast is started.
  static AudienceNode audience(Call call) {
    return new Condition(call, parts(call.body())).audience();
  }

  /// The parts, also of a list of conditions, which the vendor's SDK writes.
  private static ObjectNode parts(Fields body) {
    JsonNode condition = body.field("Condition").orElse(JsonNodeFactory.instance.objectNode());
    if (condition instanceof ObjectNode object) {
      return object;
    }
    ObjectNode merged = JsonNodeFactory.instance.objectNode();
    for (JsonNode element : body.array("Condition", TencentError.BAD_JSON)) {
      if (!element.isObject()) {
        throw TencentError.BAD_JSON.with("Condition must hold objects");
      }
      for (Map.Entry<String, JsonNode> part : element.properties()) {
        if (merged.replace(part.getKey(), part.getValue()) != null) {
          throw TencentError.BAD_JSON.with("Condition must not have " + part.getKey() + " twice");
        }
      }
    }
    return merged;
  }

  private AudienceNode audience() {
    for (String name : (Iterable<String>) parts::fieldNames) {
      boolean known = TAGS.contains(name) || ATTRIBUTES.contains(name);
      if (!known || (name.equals("TagsNot") && !call.newer())) {
        throw TencentError.BAD_JSON.with("Condition must not have " + name);
      }
    }
    if (TAGS.stream().anyMatch(parts::has) && ATTRIBUTES.stream().anyMatch(parts::has)) {
      throw TencentError.TAGS_WITH_ATTRIBUTES.with("Condition must not have tags and attributes");
    }
    Optional<List<String>> tagsOr = tags("TagsOr");
    Optional<List<String>> tagsAnd = tags("TagsAnd");
    if (!Collections.disjoint(tagsOr.orElse(List.of()), tagsAnd.orElse(List.of()))) {
      throw TencentError.TAG_IN_BOTH.with("TagsOr and TagsAnd must not share a tag");
    }
    List<AudienceNode> both = new ArrayList<>();
    tagsOr.map(Condition::ofTags).ifPresent(or -> both.add(any(or)));
    tagsAnd.map(Condition::ofTags).ifPresent(and -> both.add(all(and)));
    tags("TagsNot").map(Condition::ofTags).ifPresent(not -> both.add(not(all(not))));
    attributes("AttrsOr").ifPresent(or -> both.add(any(or)));
    attributes("AttrsAnd").ifPresent(and -> both.add(all(and)));
    return both.isEmpty()
        ? AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance()).build()
        : all(both);
  }

  private Optional<List<String>> tags(String name) {
    JsonNode part = parts.get(name);
    if (part == null) {
      return Optional.empty();
    }
    if (part.isNull() || (part.isArray() && part.isEmpty())) {
      throw TencentError.EMPTY_TAG.with(name + " must not be empty");
    }
    if (!part.isArray()) {
      throw TencentError.BAD_JSON.with(name + " must be an array");
    }
    int most = call.most(Size.TENCENT_CONDITION_TAGS);
    if (part.size() > most) {
      throw TencentError.TOO_MANY_TAGS.with(name + " must have at most " + most + " tags");
    }
    List<String> tags = TagRules.texts(name, part.valueStream().toList());
    tags.forEach(tag -> TagRules.check(call, name, tag));
    return Optional.of(tags.stream().distinct().toList());
  }

  private static List<AudienceNode> ofTags(List<String> tags) {
    return tags.stream().map(tag -> AudienceNode.newBuilder().setTag(tag).build()).toList();
  }

  private Optional<List<AudienceNode>> attributes(String name) {
    JsonNode part = parts.get(name);
    if (part == null) {
      return Optional.empty();
    }
    if (part.isNull() || (part.isObject() && part.isEmpty())) {
      throw TencentError.BAD_ATTRIBUTE.with(name + " must not be empty");
    }
    if (!part.isObject()) {
      throw TencentError.BAD_JSON.with(name + " must be an object");
    }
    if (part.size() > AppCommands.ATTRIBUTE_SLOTS || part.has("")) {
      throw TencentError.BAD_ATTRIBUTE.with(name + " must have names of attributes");
    }
    return Optional.of(
        part.properties().stream()
            .map(entry ->
                AttributeIs.newBuilder()
                    .setName(entry.getKey())
                    .setValue(AttributeRules.value(call, entry)))
            .map(is -> AudienceNode.newBuilder().setAttribute(is).build())
            .toList());
  }

  private static AudienceNode not(AudienceNode part) {
    return AudienceNode.newBuilder().setNot(part).build();
  }

  private static AudienceNode any(List<AudienceNode> parts) {
    return parts.size() == 1
        ? parts.getFirst()
        : AudienceNode.newBuilder().setAny(AudienceParts.newBuilder().addAllParts(parts)).build();
  }

  private static AudienceNode all(List<AudienceNode> parts) {
    return parts.size() == 1
        ? parts.getFirst()
        : AudienceNode.newBuilder().setAll(AudienceParts.newBuilder().addAllParts(parts)).build();
  }
}
