package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The items of `Users`, with the references resolved that the JSON library of the Java SDK writes
/// for an object that it meets again: `{"$ref":"$.Users[0]"}` for an item, and
/// `{"$ref":"$.Users[0].Ext"}` for its Ext.
///
/// Only references to an earlier item are ones. In place of an item anything else of this form is
/// refused; in place of an Ext it is a map with the key `$ref`.
final class UserItems {
  private static final Pattern ITEM = Pattern.compile("\\$\\.Users\\[([0-9]{1,4})]");
  private static final Pattern EXT = Pattern.compile("\\$\\.Users\\[([0-9]{1,4})]\\.Ext");

  private final List<Fields> items = new ArrayList<>();

  private UserItems() {}

  /// The items of a request, one to `max` of them.
  ///
  /// @throws VolcengineException InvalidParam when the list is not one, or an item is no object
  static List<Fields> of(Fields body, int max) {
    UserItems users = new UserItems();
    for (JsonNode item : body.list("Users", max)) {
      users.add(item);
    }
    return users.items;
  }

  private void add(JsonNode item) {
    String path = "Users[" + items.size() + "]";
    if (!(item instanceof ObjectNode object)) {
      throw VolcengineError.INVALID_PARAM.with(path + " must be an object.");
    }
    Optional<String> reference = reference(object);
    if (reference.isPresent()) {
      int earlier =
          earlier(ITEM, reference.get())
              .orElseThrow(() ->
                  VolcengineError.INVALID_PARAM.with(
                      path + " must not be a reference but to an earlier item."));
      items.add(new Fields(items.get(earlier).object(), path + "."));
      return;
    }
    Optional<JsonNode> ext =
        Optional.ofNullable(object.get("Ext"))
            .flatMap(UserItems::reference)
            .flatMap(text -> earlier(EXT, text).stream().boxed().findFirst())
            .map(i -> items.get(i).object().path("Ext"));
    ext.ifPresent(shared -> object.set("Ext", shared.isMissingNode() ? null : shared));
    items.add(new Fields(object, path + "."));
  }

  private static Optional<String> reference(JsonNode node) {
    return Optional.of(node)
        .filter(object -> object.isObject() && object.size() == 1)
        .map(object -> object.path("$ref"))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue);
  }

  private OptionalInt earlier(Pattern pattern, String reference) {
    Matcher matcher = pattern.matcher(reference);
    int index = matcher.matches() ? Integer.parseInt(matcher.group(1)) : items.size();
    return index < items.size() ? OptionalInt.of(index) : OptionalInt.empty();
  }
}
