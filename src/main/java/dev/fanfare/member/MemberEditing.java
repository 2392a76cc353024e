package dev.fanfare.member;

import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.SlotValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What an edit makes of a record: the new record, or the refusal. Pure.
final class MemberEditing {
  private MemberEditing() {}

  /// Exactly one of the two is there.
  record Edited(MemberRecord after, Optional<Refusal> refusal) {
    static Edited refused(Refusal refusal) {
      return new Edited(MemberRecord.getDefaultInstance(), Optional.of(refusal));
    }
  }

  static Edited edit(AppRecord app, MemberRecord before, MemberEdit edit) {
    MemberRecord.Builder after = before.toBuilder();
    if (edit.hasNickName()) {
      after.setNickName(edit.getNickName());
    }
    if (edit.hasPortrait()) {
      after.setPortrait(edit.getPortrait());
    }
    if (edit.hasRobot()) {
      after.setRobot(edit.getRobot());
    }
    if (edit.hasExt()) {
      after.clearExt().addAllExt(edit.getExt().getEntriesList());
    }
    List<String> tags = tags(before.getTagsList(), edit);
    int limit = app.getSettings().getLimits().getTagsPerMember();
    if (tags.size() > limit && tags.size() > before.getTagsCount()) {
      return Edited.refused(new Refusal.TooManyTags(limit));
    }
    after.clearTags().addAllTags(tags);
    SortedMap<Integer, String> attributes = new TreeMap<>();
    before.getAttributesList().forEach(slot -> attributes.put(slot.getSlot(), slot.getValue()));
    for (AttributeEdit attribute : edit.getAttributesList()) {
      int slot = app.getAttributeNamesList().indexOf(attribute.getName());
      if (slot < 0 || attribute.getName().isEmpty()) {
        return Edited.refused(new Refusal.UnknownAttribute(attribute.getName()));
      }
      if (attribute.hasValue()) {
        attributes.put(slot, attribute.getValue());
      } else {
        attributes.remove(slot);
      }
    }
    after.clearAttributes();
    attributes.forEach(
        (slot, value) -> after.addAttributes(SlotValue.newBuilder().setSlot(slot).setValue(value)));
    return new Edited(after.build(), Optional.empty());
  }

  /// Whether an edit names anything but single tags: such an edit counts as a modification even
  /// when it writes what was there.
  static boolean writesFields(MemberEdit edit) {
    return edit.hasNickName()
        || edit.hasPortrait()
        || edit.hasRobot()
        || edit.hasExt()
        || edit.hasTags()
        || edit.getAttributesCount() > 0;
  }

  private static List<String> tags(List<String> before, MemberEdit edit) {
    Set<String> tags = new LinkedHashSet<>(edit.hasTags() ? edit.getTags().getNamesList() : before);
    tags.addAll(edit.getAddTagsList());
    edit.getRemoveTagsList().forEach(tags::remove);
    return new ArrayList<>(tags);
  }
}
