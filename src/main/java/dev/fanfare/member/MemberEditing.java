package dev.fanfare.member;

import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.SlotValue;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What an edit makes of a record. Looks at its arguments alone.
final class MemberEditing {
  private MemberEditing() {}

  /// Edits a record, or says why not; then what became of it is not to be used.
  ///
  /// @param before the record as it is stored, null for a member that is registered now
  /// @param record what the edit starts from
  static Optional<Refusal> edit(
      AppRecord app, @Nullable MemberRecord before, MemberRecord.Builder record, MemberEdit edit) {
    if (edit.hasNickName()) {
      record.setNickName(edit.getNickName());
    }
    if (edit.hasPortrait()) {
      record.setPortrait(edit.getPortrait());
    }
    if (edit.hasRobot()) {
      record.setRobot(edit.getRobot());
    }
    if (edit.hasExt()) {
      record.clearExt().addAllExt(edit.getExt().getEntriesList());
    }
    editTags(record, edit);
    int limit = app.getSettings().getLimits().getTagsPerMember();
    int had = before == null ? 0 : before.getTagsCount();
    if (record.getTagsCount() > limit && record.getTagsCount() > had) {
      return Optional.of(new Refusal.TooManyTags(limit));
    }
    return edit.getAttributesCount() == 0 ? Optional.empty() : editAttributes(app, record, edit);
  }

  private static void editTags(MemberRecord.Builder record, MemberEdit edit) {
    if (edit.hasTags() || edit.getAddTagsCount() > 0 || edit.getRemoveTagsCount() > 0) {
      Set<String> tags =
          new LinkedHashSet<>(
              edit.hasTags() ? edit.getTags().getNamesList() : record.getTagsList());
      tags.addAll(edit.getAddTagsList());
      edit.getRemoveTagsList().forEach(tags::remove);
      record.clearTags().addAllTags(tags);
    }
  }

  private static Optional<Refusal> editAttributes(
      AppRecord app, MemberRecord.Builder record, MemberEdit edit) {
    SortedMap<Integer, String> attributes = new TreeMap<>();
    record.getAttributesList().forEach(slot -> attributes.put(slot.getSlot(), slot.getValue()));
    for (AttributeEdit attribute : edit.getAttributesList()) {
      int slot = app.getAttributeNamesList().indexOf(attribute.getName());
      if (slot < 0 || attribute.getName().isEmpty()) {
        return Optional.of(new Refusal.UnknownAttribute(attribute.getName()));
      }
      if (attribute.hasValue()) {
        attributes.put(slot, attribute.getValue());
      } else {
        attributes.remove(slot);
      }
    }
    record.clearAttributes();
    attributes.forEach((slot, value) ->
        record.addAttributes(SlotValue.newBuilder().setSlot(slot).setValue(value)));
    return Optional.empty();
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
}
