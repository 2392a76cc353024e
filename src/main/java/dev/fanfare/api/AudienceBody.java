package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.App;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceException;
import dev.fanfare.audience.AudienceJson;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.schema.AudienceNode;
import java.util.stream.Stream;

/// Reads the audience of a request, in its JSON or its text form.
final class AudienceBody {
  private AudienceBody() {}

  /// Reads the text form.
  static Audience text(String text, App app) {
    return read(new Fields(Json.object().put("audience", text), ""), app);
  }

  /// Reads an audience whose attributes the app has.
  static Audience read(Fields body, App app) {
    Audience audience = parse(body);
    attributes(AudienceSchema.encode(audience))
        .filter(name -> !app.attributeNames().contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw unknownAttribute(body, name);
        });
    return audience;
  }

  static ProblemException unknownAttribute(Fields body, String name) {
    Problem unknown = Problem.unknownAttribute(name);
    return new Problem(unknown.status(), unknown.code(), unknown.detail(), body.at("audience"))
        .raise();
  }

  /// Reads an audience; whether the app has its attributes is for the journal to say.
  static Audience parse(Fields body) {
    JsonNode node = body.required("audience");
    try {
      return node.isTextual() ? AudienceText.parse(node.textValue()) : AudienceJson.read(node);
    } catch (AudienceException e) {
      throw new Problem(400, "invalid_audience", e.reason(), body.at("audience")).raise();
    }
  }

  private static Stream<String> attributes(AudienceNode node) {
    return switch (node.getKindCase()) {
      case ATTRIBUTE -> Stream.of(node.getAttribute().getName());
      case ALL -> node.getAll().getPartsList().stream().flatMap(AudienceBody::attributes);
      case ANY -> node.getAny().getPartsList().stream().flatMap(AudienceBody::attributes);
      case NOT -> attributes(node.getNot());
      case EVERYONE, TAG, MEMBERS, KIND_NOT_SET -> Stream.of();
    };
  }
}
