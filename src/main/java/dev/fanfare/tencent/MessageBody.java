package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.Size;
import java.util.List;
import java.util.Set;

/// The rules for MsgBody: a list of elements of known types, whose content is passed on as it is.
final class MessageBody {
  private static final String FIELD = "MsgBody";
  private static final String CUSTOM = "TIMCustomElem";
  private static final String TEXT = "TIMTextElem";
  private static final Set<String> TYPES =
      Set.of(
          TEXT,
          "TIMLocationElem",
          "TIMFaceElem",
          CUSTOM,
          "TIMSoundElem",
          "TIMImageElem",
          "TIMFileElem",
          "TIMVideoFileElem");

  private MessageBody() {}

  /// The elements of a push.
  static JsonNode of(Call call) {
    JsonNode body =
        call.body()
            .field(FIELD)
            .orElseThrow(() -> TencentError.NO_MSG_BODY.with(FIELD + " is required"));
    if (!body.isArray()) {
      throw TencentError.MSG_BODY_IS_NO_ARRAY.with(FIELD + " must be an array");
    }
    if (body.isEmpty()) {
      throw TencentError.NO_MSG_BODY.with(FIELD + " must not be empty");
    }
    List<JsonNode> elements = body.valueStream().toList();
    for (int i = 0; i < elements.size(); i++) {
      check(FIELD + "[" + i + "]", elements.get(i));
    }
    int most = call.most(Size.TENCENT_CUSTOM_ELEMENTS);
    if (elements.stream().filter(element -> type(element).equals(CUSTOM)).count() > most) {
      throw TencentError.BAD_ELEMENT.with(FIELD + " must have at most " + most + " " + CUSTOM);
    }
    return body;
  }

  private static void check(String place, JsonNode element) {
    if (!TYPES.contains(type(element))) {
      throw TencentError.BAD_ELEMENT.with(place + " has no MsgType that is known");
    }
    JsonNode content = element.path("MsgContent");
    if (!content.isObject()) {
      throw TencentError.BAD_ELEMENT.with(place + ".MsgContent must be an object");
    }
    if (type(element).equals(TEXT) && !content.path("Text").isTextual()) {
      throw TencentError.BAD_ELEMENT.with(place + ".MsgContent.Text must be a string");
    }
  }

  private static String type(JsonNode element) {
    return element.path("MsgType").asText("");
  }
}
