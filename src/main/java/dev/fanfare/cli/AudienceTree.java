package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;

/// Prints the tree that says which part of an audience selects a member, a line for each node.
final class AudienceTree {
  private static final int SHOWN_MEMBERS = 3;

  private AudienceTree() {}

  static String print(JsonNode tree) {
    StringBuilder text = new StringBuilder();
    print(tree, "", text);
    return text.toString().stripTrailing();
  }

  private static void print(JsonNode node, String indent, StringBuilder text) {
    text.append(node.path("matches").asBoolean() ? "  yes  " : "  no   ")
        .append(indent)
        .append(label(node))
        .append(System.lineSeparator());
    node.path("all").forEach(part -> print(part, indent + "  ", text));
    node.path("any").forEach(part -> print(part, indent + "  ", text));
    if (node.has("not")) {
      print(node.path("not"), indent + "  ", text);
    }
  }

  private static String label(JsonNode node) {
    if (node.has("tag")) {
      return "tag:" + node.path("tag").asText();
    }
    if (node.has("attribute")) {
      return node.path("attribute").asText() + "=" + node.path("is").asText();
    }
    if (node.has("members")) {
      return members(node.path("members"));
    }
    return node.has("all")
        ? "all of"
        : node.has("any") ? "any of" : node.has("not") ? "not" : "everyone";
  }

  private static String members(JsonNode ids) {
    StringBuilder text = new StringBuilder("member:");
    for (int i = 0; i < Math.min(SHOWN_MEMBERS, ids.size()); i++) {
      text.append(i == 0 ? "" : ",").append(ids.path(i).asText());
    }
    int more = ids.size() - SHOWN_MEMBERS;
    return more > 0 ? text + " and " + more + " more" : text.toString();
  }
}
