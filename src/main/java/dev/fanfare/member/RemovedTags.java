package dev.fanfare.member;

import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.TagRemoval;
import java.util.ArrayList;
import java.util.List;

/// Records as they are once tags were taken from everyone.
///
/// Taking a tag from a million members is one entry that rewrites none of them. It notes the tag
/// and its own offset; a record that was written before that offset is read without the tag, as if
/// the entry had rewritten it: its version and its time of modification too. Whoever gets the tag
/// later has a newer version and keeps it. Records are rewritten bit by bit afterwards, which
/// nobody can see, and then the note is dropped.
final class RemovedTags {
  private RemovedTags() {}

  /// The record without the tags that were removed after it was written.
  ///
  /// @param removals of the member's app, by rising offset
  static MemberRecord without(MemberRecord stored, List<TagRemoval> removals) {
    MemberRecord current = stored;
    for (TagRemoval removal : removals) {
      if (removal.getOffset() > stored.getVersion()
          && current.getTagsList().contains(removal.getName())) {
        List<String> tags = new ArrayList<>(current.getTagsList());
        tags.remove(removal.getName());
        current =
            current.toBuilder()
                .clearTags()
                .addAllTags(tags)
                .setVersion(removal.getOffset())
                .setModified(removal.getTime())
                .build();
      }
    }
    return current;
  }
}
