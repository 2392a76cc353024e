package dev.fanfare.member;

import dev.fanfare.app.AppCommands;
import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Term;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.schema.TagRemoval;
import dev.fanfare.schema.TidyTag;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.roaringbitmap.RoaringBitmap;

/// Applies removals of a tag from everyone. Owned by the applier's thread.
///
/// The removal takes effect at its entry, whole: members, counts and audiences are without the tag
/// from there on. A few records it rewrites itself; when there are more, the app's record notes it
/// ([RemovedTags]) and later entries rewrite a portion each.
public final class TagCommands {
  /// The most records that one entry rewrites.
  public static final int PORTION = 1_000;

  private final Batch batch;
  private final AppCommands apps;
  private final Deltas deltas;
  private final Function<Term, RoaringBitmap> carriers;

  /// @param carriers the ordinals that have a term, in the committed index
  public TagCommands(
      Batch batch, AppCommands apps, Deltas deltas, Function<Term, RoaringBitmap> carriers) {
    this.batch = batch;
    this.apps = apps;
    this.deltas = deltas;
    this.carriers = carriers;
  }

  public Outcome remove(Stamp stamp, int app, RemoveTag command) {
    AppRecord tenant = apps.record(app);
    Term term = Term.tag(app, command.getName());
    RoaringBitmap members = carriers.apply(term);
    if (members.isEmpty()) {
      return new Outcome.Done();
    }
    boolean large = members.getLongCardinality() > Math.min(command.getPortion(), PORTION);
    int limit = tenant.getSettings().getLimits().getTagRemovals();
    if (large && tenant.getTagRemovalsCount() >= limit) {
      return new Outcome.Refused(new Refusal.TooManyTagRemovals(limit));
    }
    TagRemoval removal =
        TagRemoval.newBuilder()
            .setId(command.getId())
            .setName(command.getName())
            .setOffset(stamp.offset())
            .setTime(stamp.time())
            .build();
    AppRecord noted = tenant.toBuilder().addTagRemovals(removal).build();
    deltas.drop(term);
    batch.delete(Table.TERM, Tags.key(term));
    AppCounters counters = apps.counters(app);
    apps.putCounters(app, counters.toBuilder().setTerms(counters.getTerms() - 1).build());
    if (large) {
      new FrozenMembers(app, command.getId()).put(batch, members);
      apps.put(noted);
    } else {
      rewrite(noted, members);
    }
    return new Outcome.Done();
  }

  /// Rewrites the next portion of a removal, and forgets the removal when none is left.
  public Outcome tidy(int app, TidyTag command) {
    long id = command.getId();
    AppRecord tenant = apps.record(app);
    Optional<TagRemoval> removal =
        tenant.getTagRemovalsList().stream().filter(noted -> noted.getId() == id).findFirst();
    if (removal.isEmpty()) {
      return new Outcome.Refused(new Refusal.NotDue());
    }
    RoaringBitmap next =
        new FrozenMembers(app, id).take(batch, Math.min(command.getPortion(), PORTION));
    if (next.isEmpty()) {
      List<TagRemoval> left =
          tenant.getTagRemovalsList().stream().filter(noted -> noted.getId() != id).toList();
      apps.put(tenant.toBuilder().clearTagRemovals().addAllTagRemovals(left).build());
    } else {
      rewrite(tenant, next);
    }
    return new Outcome.Done();
  }

  private void rewrite(AppRecord app, RoaringBitmap members) {
    members.forEach((int ordinal) -> rewrite(app, ordinal));
  }

  private void rewrite(AppRecord app, int ordinal) {
    int number = app.getNumber();
    byte[] idBytes = batch.get(Table.ORDINAL, Members.ordinalKey(number, ordinal));
    if (idBytes == null) {
      return;
    }
    byte[] key = Members.key(number, new String(idBytes, StandardCharsets.UTF_8));
    byte[] stored = batch.get(Table.MEMBER, key);
    if (stored == null) {
      return;
    }
    MemberRecord before = Members.parse(stored);
    MemberRecord after = RemovedTags.without(before, app.getTagRemovalsList());
    if (before.getOrdinal() == ordinal && !after.equals(before)) {
      batch.put(Table.MEMBER, key, after.toByteArray());
    }
  }
}
