package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.AppCommands;
import dev.fanfare.app.Size;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.member.Member;
import dev.fanfare.schema.AccountType;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.SetAttributeNames;
import dev.fanfare.schema.SlotName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The commands about the app's attributes and the values that accounts have.
final class UserAttributes {
  private final State state;
  private final Journal journal;
  private final MemberChanges changes;

  UserAttributes(State state, Journal journal, MemberChanges changes) {
    this.state = state;
    this.journal = journal;
    this.changes = changes;
  }

  /// Names some slots; the others keep their names, and members their values. In the newer family a
  /// slot may get a type of accounts with its first name.
  Answer setNames(Call call) {
    ObjectNode names =
        call.body()
            .field("AttrNames")
            .filter(value -> value.isObject() && !value.isEmpty())
            .map(ObjectNode.class::cast)
            .orElseThrow(
                () -> TencentError.BAD_JSON.with("AttrNames must be an object that is not empty"));
    Map<String, AccountType> types = call.newer() ? types(call.body(), names) : Map.of();
    SetAttributeNames.Builder command = SetAttributeNames.newBuilder();
    for (Map.Entry<String, JsonNode> slot : names.properties()) {
      SlotName.Builder name = slotName(call, slot);
      Optional.ofNullable(types.get(slot.getKey())).ifPresent(name::setAccountType);
      command.addChanges(name);
    }
    Outcome outcome = journal.propose(call.command().setSetAttributeNames(command).build());
    return switch (outcome) {
      case Outcome.Done _ -> Answer.ok();
      case Outcome.Refused(Refusal.AttributeNameTaken(String name)) ->
          throw TencentError.BAD_ATTRIBUTE.with("two slots cannot share the name " + name);
      case Outcome.Refused(Refusal.AttributeTypeFixed(String name)) ->
          throw TencentError.BAD_ATTRIBUTE.with("the account type of " + name + " cannot change");
      case Outcome.Refused _, Outcome.Members _, Outcome.Started _ ->
          throw new IllegalStateException("no outcome of naming attributes: " + outcome);
    };
  }

  private static SlotName.Builder slotName(Call call, Map.Entry<String, JsonNode> slot) {
    if (!slot.getKey().matches("[0-9]")) {
      throw TencentError.BAD_ATTRIBUTE.with(
          "AttrNames must have the keys 0 to " + (AppCommands.ATTRIBUTE_SLOTS - 1));
    }
    JsonNode name = slot.getValue();
    if (!name.isTextual()) {
      throw TencentError.BAD_ATTRIBUTE.with("AttrNames." + slot.getKey() + " must be a string");
    }
    int most = call.most(Size.TENCENT_ATTRIBUTE_NAME);
    AttributeRules.checkLength("AttrNames." + slot.getKey(), name.textValue(), most);
    return SlotName.newBuilder().setSlot(Integer.parseInt(slot.getKey())).setName(name.textValue());
  }

  /// The types of accounts by slot, each of a slot that is named too.
  private static Map<String, AccountType> types(Fields body, ObjectNode names) {
    JsonNode types = body.field("AttrTypes").orElse(JsonNodeFactory.instance.objectNode());
    if (!types.isObject()) {
      throw TencentError.BAD_JSON.with("AttrTypes must be an object");
    }
    Map<String, AccountType> read = new HashMap<>();
    for (Map.Entry<String, JsonNode> type : types.properties()) {
      AccountType known =
          type.getValue().isInt() ? AccountType.forNumber(type.getValue().intValue()) : null;
      if (known == null || !names.has(type.getKey())) {
        throw TencentError.BAD_ATTRIBUTE.with(
            "AttrTypes must have 0 or 1 for slots that AttrNames has");
      }
      read.put(type.getKey(), known);
    }
    return read;
  }

  Answer names(Call call) {
    ObjectNode names = JsonNodeFactory.instance.objectNode();
    ObjectNode types = JsonNodeFactory.instance.objectNode();
    for (int slot = 0; slot < AppCommands.ATTRIBUTE_SLOTS; slot++) {
      String name = call.app().attributeName(slot);
      if (!name.isEmpty()) {
        String key = Integer.toString(slot);
        names.put(key, name);
        types.put(key, call.app().registrationIdSlots().contains(slot) ? 1 : 0);
      }
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("AttrNames", names);
    if (call.newer()) {
      result.set("AttrTypes", types);
    }
    return Answer.ok(result);
  }

  Answer set(Call call) {
    List<MemberChanges.Edit> edits = new ArrayList<>();
    for (ToAccounts.Item item : ToAccounts.items(call, "UserAttrs")) {
      JsonNode attributes =
          item.fields()
              .field("Attrs")
              .filter(JsonNode::isObject)
              .orElseThrow(() ->
                  TencentError.BAD_JSON.with(item.fields().at("Attrs") + " must be an object"));
      MemberEdit.Builder edit = MemberEdit.newBuilder();
      Optional<TencentException> wrong = Optional.empty();
      for (Map.Entry<String, JsonNode> attribute : attributes.properties()) {
        AttributeRules.checkName(call, attribute.getKey());
        wrong = wrong.or(() -> AttributeRules.otherType(call.app(), attribute.getKey()));
        edit.addAttributes(
            AttributeEdit.newBuilder()
                .setName(attribute.getKey())
                .setValue(AttributeRules.value(call, attribute)));
      }
      edits.add(new MemberChanges.Edit(item.account(), edit.build(), wrong));
    }
    return changes.edit(call, edits);
  }

  Answer remove(Call call) {
    List<MemberChanges.Edit> edits = new ArrayList<>();
    for (ToAccounts.Item item : ToAccounts.items(call, "UserAttrs")) {
      MemberEdit.Builder edit = MemberEdit.newBuilder();
      names(item.fields())
          .forEach(name -> {
            AttributeRules.checkName(call, name);
            edit.addAttributes(AttributeEdit.newBuilder().setName(name));
          });
      edits.add(new MemberChanges.Edit(item.account(), edit.build()));
    }
    return changes.edit(call, edits);
  }

  /// An array of names as documented, or an object with them as keys, as a public SDK writes it.
  private static Stream<String> names(Fields item) {
    JsonNode attributes = item.field("Attrs").orElse(JsonNodeFactory.instance.missingNode());
    if (attributes.isObject()) {
      return attributes.propertyStream().map(Map.Entry::getKey);
    }
    return item.array("Attrs", TencentError.BAD_JSON).stream()
        .map(name -> {
          if (!name.isTextual()) {
            throw TencentError.BAD_ATTRIBUTE.with(item.at("Attrs") + " must hold strings");
          }
          return name.textValue();
        });
  }

  Answer get(Call call) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode users = result.putArray("UserAttrs");
    return new Profiles(state, call)
        .read(
            ToAccounts.listed(call),
            (account, member) -> describe(users.addObject(), account, member))
        .answer(result);
  }

  private static void describe(ObjectNode user, String account, Optional<Member> member) {
    ObjectNode attributes = user.put("To_Account", account).putObject("Attrs");
    member.map(Member::attributes).orElse(Map.of()).forEach(attributes::put);
  }
}
