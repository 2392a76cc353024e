package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.Size;
import java.util.ArrayList;
import java.util.List;

/// What a tag may be, in commands about tags and in conditions.
final class TagRules {
  private TagRules() {}

  /// The texts of an array.
  static List<String> texts(String name, List<JsonNode> elements) {
    List<String> tags = new ArrayList<>();
    for (JsonNode element : elements) {
      if (!element.isTextual()) {
        throw TencentError.BAD_JSON.with(name + " must hold strings");
      }
      tags.add(element.textValue());
    }
    return tags;
  }

  /// Refuses a tag that is empty or too long.
  static void check(Call call, String name, String tag) {
    if (tag.isEmpty()) {
      throw TencentError.EMPTY_TAG.with(name + " must not hold an empty tag");
    }
    if (isTooLong(call, tag)) {
      int most = call.most(Size.TENCENT_TAG);
      throw TencentError.TAG_TOO_LONG.with(name + " must hold tags of at most " + most + " bytes");
    }
  }

  static boolean isTooLong(Call call, String tag) {
    return Call.bytes(tag) > call.most(Size.TENCENT_TAG);
  }
}
