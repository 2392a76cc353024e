package dev.fanfare.api;

import static java.util.stream.Collectors.toUnmodifiableSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.AppLimit;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.Limits;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// An app's limits in JSON. What has dots in its name is an object: `rates.X` is `rates`, then `X`.
final class LimitsJson {
  private static final Set<String> GROUPS =
      AppLimit.ALL.stream().map(LimitsJson::group).collect(toUnmodifiableSet());

  private LimitsJson() {}

  /// The values alone.
  static ObjectNode values(Limits limits) {
    return write((limit, object) -> object.set(field(limit), value(limit, limit.get(limits))));
  }

  /// Each value with what the profile `documented` has, and the vendor's number where there is one.
  static ObjectNode described(Limits limits) {
    Limits defaults = LimitsProfile.DOCUMENTED.limits();
    return write((limit, object) -> {
      ObjectNode described = object.putObject(field(limit));
      described.set("value", value(limit, limit.get(limits)));
      described.set("default", value(limit, limit.get(defaults)));
      if (limit.documented()) {
        described.set("documented", value(limit, limit.value().standard()));
      }
    });
  }

  private static ObjectNode write(BiConsumer<AppLimit, ObjectNode> one) {
    ObjectNode json = Json.object();
    for (AppLimit limit : AppLimit.ALL) {
      String group = group(limit);
      one.accept(limit, group.isEmpty() ? json : json.withObject("/" + group));
    }
    return json;
  }

  /// What stands before the dot in a limit's name.
  private static String group(AppLimit limit) {
    return limit.name().substring(0, Math.max(0, limit.name().indexOf('.')));
  }

  private static String field(AppLimit limit) {
    return limit.name().substring(limit.name().indexOf('.') + 1);
  }

  private static JsonNode value(AppLimit limit, long number) {
    List<String> words = limit.value().words();
    ObjectNode holder = Json.object();
    if (words.isEmpty()) {
      holder.put("value", number);
    } else if (words.contains("true")) {
      holder.put("value", number == 1);
    } else {
      holder.put("value", limit.value().text(number));
    }
    return holder.get("value");
  }

  /// Reads a change of limits.
  static ChangeLimits read(Fields body) {
    ChangeLimits.Builder change = ChangeLimits.newBuilder();
    read(body, "", change);
    return change.build();
  }

  private static void read(Fields object, String prefix, ChangeLimits.Builder change) {
    object
        .node()
        .fieldNames()
        .forEachRemaining(name -> {
          if (prefix.isEmpty() && GROUPS.contains(name)) {
            read(object.object(name), name + ".", change);
          } else {
            Optional<AppLimit> limit = AppLimit.named(prefix + name);
            if (limit.isEmpty() || name.contains(".")) {
              throw new Problem(400, "unknown_field", "no such limit", object.at(name)).raise();
            }
            change.addEdits(
                LimitEdit.newBuilder()
                    .setName(limit.get().name())
                    .setValue(number(limit.get(), object.get(name), object.at(name))));
          }
        });
  }

  private static long number(AppLimit limit, JsonNode value, String pointer) {
    List<String> words = limit.value().words();
    if (!words.isEmpty()) {
      boolean flag = words.contains("true");
      int word = flag == value.isBoolean() ? words.indexOf(value.asText()) : -1;
      if (word < 0) {
        throw Problem.invalid(pointer, "has to be one of " + String.join(", ", words)).raise();
      }
      return word;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || !limit.allows(value.longValue())) {
      String range = limit.value().least() + " to " + limit.value().most();
      throw Problem.invalid(pointer, "has to be a whole number from " + range).raise();
    }
    return value.longValue();
  }
}
