package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Brings some members here to what a vendor knows of them, and tells what differed.
///
/// @param changing false when differences are only told
record PullBatch(AppClient app, boolean changing) {
  /// Ids asked for at once, so that the longest of them fit into a URL.
  private static final int ASKED = 20;

  /// What came of it.
  ///
  /// @param differences JSON each, with the id
  record Result(List<ObjectNode> differences, long changed, long refused) {}

  /// @param theirs by id; an id without is unknown to the vendor
  Result bring(List<String> ids, Map<String, ObjectNode> theirs) {
    Map<String, JsonNode> ours = ours(ids);
    List<ObjectNode> differences = new ArrayList<>();
    ArrayNode operations = Client.JSON.createArrayNode();
    List<ObjectNode> changes = new ArrayList<>();
    for (String id : ids) {
      ObjectNode vendor = theirs.get(id);
      JsonNode here = ours.get(id);
      if (vendor == null) {
        differences.add(difference(id, here == null ? "unknown" : "only_here"));
        continue;
      }
      ObjectNode difference = compare(id, vendor, here);
      if (!difference.has("difference")) {
        continue;
      }
      differences.add(difference);
      changes.add(difference);
      ObjectNode body = vendor.deepCopy().put("id", id);
      if (here != null && vendor.has("attributes")) {
        clearOthers(body, here);
      }
      operations.addObject().set(here == null ? "put" : "patch", body);
    }
    long refused = changing ? change(operations, changes) : 0;
    return new Result(differences, changes.size() - refused, refused);
  }

  /// A patch keeps attributes that it does not name; the vendor's member has no others.
  private static void clearOthers(ObjectNode patch, JsonNode here) {
    ObjectNode attributes = patch.withObject("/attributes");
    here.path("attributes")
        .fieldNames()
        .forEachRemaining(name -> {
          if (!attributes.has(name)) {
            attributes.putNull(name);
          }
        });
  }

  private static ObjectNode difference(String id, String kind) {
    return Client.object().put("id", id).put("difference", kind);
  }

  private static ObjectNode compare(String id, ObjectNode vendor, @Nullable JsonNode here) {
    if (here == null) {
      return difference(id, "only_vendor");
    }
    ObjectNode fields = Client.object();
    vendor
        .properties()
        .forEach(field -> {
          JsonNode mine = here.path(field.getKey());
          if (!same(field.getKey(), field.getValue(), mine)) {
            ObjectNode both = fields.putObject(field.getKey());
            both.set("vendor", field.getValue());
            both.set("here", mine);
          }
        });
    ObjectNode found = Client.object().put("id", id);
    if (!fields.isEmpty()) {
      found.put("difference", "fields").set("fields", fields);
    }
    return found;
  }

  /// Tags have no order.
  private static boolean same(String field, JsonNode one, JsonNode other) {
    return field.equals("tags") ? texts(one).equals(texts(other)) : one.equals(other);
  }

  private static Set<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asText).collect(Collectors.toSet());
  }

  private Map<String, JsonNode> ours(List<String> ids) {
    Map<String, JsonNode> ours = new HashMap<>();
    for (int from = 0; from < ids.size(); from += ASKED) {
      String listed =
          ids.subList(from, Math.min(from + ASKED, ids.size())).stream()
              .map(id -> '"' + id.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
              .collect(Collectors.joining(","));
      app.get("/members?limit=1000&audience=" + Client.value("member:" + listed))
          .path("members")
          .forEach(member -> ours.put(member.path("id").asText(), member));
    }
    return ours;
  }

  /// Returns how many were refused, and notes why beside the difference.
  private long change(ArrayNode operations, List<ObjectNode> changes) {
    if (operations.isEmpty()) {
      return 0;
    }
    ObjectNode body = Client.object();
    body.set("operations", operations);
    long refused = 0;
    int at = 0;
    for (JsonNode outcome : app.post("/members:batch", body).path("outcomes")) {
      ObjectNode change = changes.get(at++);
      if (!outcome.path("ok").asBoolean()) {
        refused++;
        change.put("code", outcome.path("code").asText());
        change.put("detail", outcome.path("detail").asText());
      }
    }
    return refused;
  }
}
