package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.App;
import dev.fanfare.app.Size;
import java.util.Map;
import java.util.Optional;

/// What names and values of attributes may be, in commands about them and in conditions.
final class AttributeRules {
  private AttributeRules() {}

  /// Refuses a name that no slot has.
  static void checkName(Call call, String name) {
    if (name.isEmpty() || !call.app().attributeNames().contains(name)) {
      throw TencentError.BAD_ATTRIBUTE.with("no attribute has the name " + name);
    }
  }

  /// Why an account cannot have a value of an attribute: every account here is a UserID.
  static Optional<TencentException> otherType(App app, String name) {
    int slot = app.attributeNames().indexOf(name);
    return app.registrationIdSlots().contains(slot)
        ? Optional.of(TencentError.OTHER_ACCOUNT_TYPE.with(name + " is about RegistrationIDs"))
        : Optional.empty();
  }

  /// A value as text. Numbers and flags are their JSON text, because a public SDK sends such.
  static String value(Call call, Map.Entry<String, JsonNode> attribute) {
    JsonNode value = attribute.getValue();
    if (!value.isValueNode() || value.isNull()) {
      throw TencentError.BAD_ATTRIBUTE.with(attribute.getKey() + " must be a string");
    }
    String text = value.isTextual() ? value.textValue() : value.toString();
    checkLength(attribute.getKey(), text, call.most(Size.TENCENT_ATTRIBUTE_VALUE));
    return text;
  }

  static void checkLength(String name, String text, int most) {
    int bytes = Call.bytes(text);
    if (bytes < 1 || bytes > most) {
      throw TencentError.ATTRIBUTE_LENGTH.with(name + " must have 1 to " + most + " bytes");
    }
  }
}
