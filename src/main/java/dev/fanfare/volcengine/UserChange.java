package dev.fanfare.volcengine;

import dev.fanfare.app.Size;
import dev.fanfare.schema.Ext;
import dev.fanfare.schema.ExtEntry;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a request asks for one user: a change to propose, or why this user alone fails.
sealed interface UserChange {
  long userId();

  /// To be proposed.
  record Valid(long userId, MemberChange change) implements UserChange {}

  /// A value is outside its limits; the message names the field.
  record Invalid(long userId, String message) implements UserChange {}

  /// The changes of RegisterUsers: an edit that creates the user, or changes the given fields.
  static List<UserChange> registrations(Call call) {
    List<UserChange> changes = new ArrayList<>();
    for (Fields item : UserItems.of(call.body(), call.most(Size.VOLCENGINE_REGISTER_USERS))) {
      Profile profile = Profile.of(call.settings(), item);
      MemberEdit.Builder edit = profile.edit();
      item.flag("IsRobot").ifPresent(edit::setRobot);
      changes.add(profile.change(member(profile.userId()).setRegister(edit)));
    }
    return changes;
  }

  /// The changes of BatchUpdateUser: an edit of the given fields.
  static List<UserChange> updates(Call call) {
    List<UserChange> changes = new ArrayList<>();
    for (Fields item : UserItems.of(call.body(), call.most(Size.VOLCENGINE_BATCH_UPDATE_USER))) {
      Profile profile = Profile.of(call.settings(), item);
      changes.add(profile.change(member(profile.userId()).setUpdate(profile.edit())));
    }
    return changes;
  }

  /// The changes of BatchUpdateUserTags: the same tags added to, or removed from, each user.
  static List<UserChange> tagEdits(Call call) {
    Fields body = call.body();
    List<Long> userIds = body.userIds(call.most(Size.VOLCENGINE_TAGGED_USERS));
    List<String> tags = body.texts("Tags").orElse(List.of());
    Limits.oneTo(call.most(Size.VOLCENGINE_CHANGED_TAGS), "Tags", tags.size())
        .or(() -> Limits.tags(call.settings(), "Tags", tags))
        .ifPresent(Limits::refuse);
    List<String> distinct = tags.stream().distinct().toList();
    boolean append = body.optionalInteger("Op", 0, 1).orElse(0) == 0;
    MemberEdit.Builder edit = MemberEdit.newBuilder();
    MemberEdit built =
        (append ? edit.addAllAddTags(distinct) : edit.addAllRemoveTags(distinct)).build();
    return userIds.stream().map(id -> valid(id, member(id).setUpdate(built))).toList();
  }

  /// The changes of UnRegisterUsers.
  static List<UserChange> removals(Call call) {
    return call.body().userIds(call.most(Size.VOLCENGINE_UN_REGISTER_USERS)).stream()
        .map(id -> valid(id, member(id).setRemove(RemoveMember.getDefaultInstance())))
        .toList();
  }

  private static UserChange valid(long userId, MemberChange.Builder change) {
    return new Valid(userId, change.build());
  }

  private static MemberChange.Builder member(long userId) {
    return MemberChange.newBuilder().setId(Long.toString(userId));
  }

  /// The fields that RegisterUsers and BatchUpdateUser share.
  record Profile(long userId, MemberEdit.Builder edit, Optional<String> complaint) {

    static Profile of(Settings settings, Fields item) {
      long userId = item.integer("UserId", 1, Long.MAX_VALUE);
      Optional<String> nickName = item.text("NickName");
      Optional<String> portrait = item.text("Portrait");
      Optional<List<String>> tags = item.texts("Tags");
      Optional<Map<String, String>> ext = item.textMap("Ext");
      MemberEdit.Builder edit = MemberEdit.newBuilder();
      nickName.ifPresent(edit::setNickName);
      portrait.ifPresent(edit::setPortrait);
      tags.ifPresent(
          names -> edit.setTags(Tags.newBuilder().addAllNames(names.stream().distinct().toList())));
      ext.ifPresent(map -> edit.setExt(sorted(map)));
      Optional<String> complaint =
          nickName
              .flatMap(text ->
                  Limits.characters(
                      item.path() + "NickName", text, settings.most(Size.VOLCENGINE_NICK_NAME)))
              .or(() ->
                  portrait.flatMap(text ->
                      Limits.characters(
                          item.path() + "Portrait", text, settings.most(Size.VOLCENGINE_PORTRAIT))))
              .or(() -> tags.flatMap(names -> Limits.tags(settings, item.path() + "Tags", names)))
              .or(() -> ext.flatMap(map -> Limits.ext(settings, item.path() + "Ext", map)));
      return new Profile(userId, edit, complaint);
    }

    private static Ext sorted(Map<String, String> map) {
      Ext.Builder ext = Ext.newBuilder();
      new TreeMap<>(map)
          .forEach(
              (key, value) -> ext.addEntries(ExtEntry.newBuilder().setKey(key).setValue(value)));
      return ext.build();
    }

    UserChange change(MemberChange.Builder valid) {
      return complaint
          .<UserChange>map(message -> new Invalid(userId, message))
          .orElseGet(() -> valid(userId, valid));
    }
  }
}
