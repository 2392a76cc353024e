package dev.fanfare.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import org.jspecify.annotations.Nullable;

/// Frames as trees. What is absent or of another type reads as empty: servers may be newer.
final class Json {
  private Json() {}

  /// A frame, or null for what is not a JSON object.
  static @Nullable JsonObject parse(String text) {
    try {
      JsonElement element = JsonParser.parseString(text);
      return element.isJsonObject() ? element.getAsJsonObject() : null;
    } catch (JsonParseException e) {
      return null;
    }
  }

  static String text(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value instanceof JsonPrimitive ? value.getAsString() : "";
  }

  static long number(JsonObject object, String key) {
    JsonElement value = object.get(key);
    boolean number = value instanceof JsonPrimitive && value.getAsJsonPrimitive().isNumber();
    return number ? value.getAsLong() : 0;
  }

  static JsonObject object(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value instanceof JsonObject ? value.getAsJsonObject() : new JsonObject();
  }

  static String message(String type, String key, String value) {
    JsonObject message = new JsonObject();
    message.addProperty("type", type);
    message.addProperty(key, value);
    return message.toString();
  }
}
