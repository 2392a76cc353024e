package dev.fanfare.audience;

import dev.fanfare.audience.Audience.And;
import dev.fanfare.audience.Audience.Attribute;
import dev.fanfare.audience.Audience.Everyone;
import dev.fanfare.audience.Audience.Members;
import dev.fanfare.audience.Audience.Not;
import dev.fanfare.audience.Audience.Or;
import dev.fanfare.audience.Audience.Tag;
import dev.fanfare.schema.AttributeIs;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.AudienceParts;
import dev.fanfare.schema.MemberIds;
import java.util.List;

/// The stored form of an audience.
///
/// Limits are not looked at: they hold where an audience comes in and where it is resolved.
public final class AudienceSchema {
  private AudienceSchema() {}

  /// Writes the stored form.
  public static AudienceNode encode(Audience audience) {
    var node = AudienceNode.newBuilder();
    switch (audience) {
      case Everyone() -> node.setEveryone(dev.fanfare.schema.Everyone.getDefaultInstance());
      case Tag(var name) -> node.setTag(name);
      case Attribute(var name, var value) ->
          node.setAttribute(AttributeIs.newBuilder().setName(name).setValue(value));
      case Members(var ids) -> node.setMembers(MemberIds.newBuilder().addAllIds(ids));
      case And(var parts) -> node.setAll(parts(parts));
      case Or(var parts) -> node.setAny(parts(parts));
      case Not(var part) -> node.setNot(encode(part));
    }
    return node.build();
  }

  /// Reads the stored form.
  ///
  /// @throws IllegalArgumentException when the node is of no kind
  /// @throws AudienceException when a part of it is empty
  public static Audience decode(AudienceNode node) {
    return switch (node.getKindCase()) {
      case EVERYONE -> new Everyone();
      case TAG -> new Tag(node.getTag());
      case ATTRIBUTE ->
          new Attribute(node.getAttribute().getName(), node.getAttribute().getValue());
      case MEMBERS -> new Members(node.getMembers().getIdsList());
      case ALL -> new And(parts(node.getAll()));
      case ANY -> new Or(parts(node.getAny()));
      case NOT -> new Not(decode(node.getNot()));
      case KIND_NOT_SET -> throw new IllegalArgumentException("an audience of no kind");
    };
  }

  private static AudienceParts parts(List<Audience> parts) {
    var encoded = AudienceParts.newBuilder();
    parts.forEach(part -> encoded.addParts(encode(part)));
    return encoded.build();
  }

  private static List<Audience> parts(AudienceParts parts) {
    return parts.getPartsList().stream().map(AudienceSchema::decode).toList();
  }
}
