package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.member.Member;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The commands about tags of accounts.
final class UserTags {
  private final State state;
  private final MemberChanges changes;

  UserTags(State state, MemberChanges changes) {
    this.state = state;
    this.changes = changes;
  }

  /// Adds tags to those that accounts have, or, in the newer family, replaces them on request.
  Answer add(Call call) {
    boolean replace = call.newer() && call.body().flag("Replace");
    int most = call.most(replace ? Size.TENCENT_REPLACED_TAGS : Size.TENCENT_ADDED_TAGS);
    List<MemberChanges.Edit> edits = new ArrayList<>();
    for (ToAccounts.Item item : ToAccounts.items(call, "UserTags")) {
      List<String> tags = tags(item.fields(), most);
      tags.forEach(tag -> TagRules.check(call, item.fields().at("Tags"), tag));
      MemberEdit.Builder edit = MemberEdit.newBuilder();
      if (replace) {
        edit.setTags(Tags.newBuilder().addAllNames(tags));
      } else {
        edit.addAllAddTags(tags);
      }
      edits.add(new MemberChanges.Edit(item.account(), edit.build()));
    }
    return changes.edit(call, edits);
  }

  /// A tag over the limit can be removed from who has it: another dialect may have added it.
  Answer remove(Call call) {
    List<MemberChanges.Edit> edits = new ArrayList<>();
    for (ToAccounts.Item item : ToAccounts.items(call, "UserTags")) {
      List<String> tags = tags(item.fields(), call.most(Size.TENCENT_REMOVED_TAGS));
      for (String tag : tags) {
        if (!TagRules.isTooLong(call, tag) || !has(call, item.account(), tag)) {
          TagRules.check(call, item.fields().at("Tags"), tag);
        }
      }
      MemberEdit edit = MemberEdit.newBuilder().addAllRemoveTags(tags).build();
      edits.add(new MemberChanges.Edit(item.account(), edit));
    }
    return changes.edit(call, edits);
  }

  private boolean has(Call call, String account, String tag) {
    return call.canName(account)
        && state.member(call.app(), account).filter(m -> m.tags().contains(tag)).isPresent();
  }

  Answer removeAll(Call call) {
    MemberEdit none = MemberEdit.newBuilder().setTags(Tags.getDefaultInstance()).build();
    return changes.edit(
        call,
        ToAccounts.listed(call).stream()
            .map(account -> new MemberChanges.Edit(account, none))
            .toList());
  }

  Answer get(Call call) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode users = result.putArray("UserTags");
    return new Profiles(state, call)
        .read(
            ToAccounts.listed(call),
            (account, member) -> describe(users.addObject(), account, member))
        .answer(result);
  }

  private static void describe(ObjectNode user, String account, Optional<Member> member) {
    ArrayNode tags = user.put("To_Account", account).putArray("Tags");
    member.map(Member::tags).orElse(List.of()).forEach(tags::add);
  }

  /// The tags of an item, as sent.
  private static List<String> tags(Fields item, int most) {
    List<JsonNode> elements = item.array("Tags", TencentError.BAD_JSON);
    if (elements.size() > most) {
      throw TencentError.TOO_MANY_TAGS.with(
          item.at("Tags") + " must have at most " + most + " elements");
    }
    return TagRules.texts(item.at("Tags"), elements);
  }
}
