package dev.fanfare.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a device has come: the last position that it processed, the ids of the broadcasts before
/// it, at most 1,000, oldest first, and whose they are. Immutable.
public final class Progress {
  private final String position;
  private final String member;
  private final List<String> ids;

  public Progress(String position, String member, Collection<String> ids) {
    this.position = position;
    this.member = member;
    this.ids = Collections.unmodifiableList(new ArrayList<>(ids));
  }

  public String position() {
    return position;
  }

  public String member() {
    return member;
  }

  public List<String> ids() {
    return ids;
  }

  /// As JSON, for stores.
  public String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("position", position);
    json.addProperty("member", member);
    JsonArray array = new JsonArray();
    ids.forEach(array::add);
    json.add("ids", array);
    return json.toString();
  }

  /// The inverse of [#toJson].
  ///
  /// @return null for anything else, such as a file that was damaged
  public static @Nullable Progress fromJson(String text) {
    JsonObject json = Json.parse(text);
    if (json == null || Json.text(json, "position").isEmpty()) {
      return null;
    }
    List<String> ids = new ArrayList<>();
    JsonElement array = json.get("ids");
    if (array != null && array.isJsonArray()) {
      for (JsonElement id : array.getAsJsonArray()) {
        if (id.isJsonPrimitive()) {
          ids.add(id.getAsString());
        }
      }
    }
    return new Progress(Json.text(json, "position"), Json.text(json, "member"), ids);
  }
}
