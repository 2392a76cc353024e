package dev.fanfare.member;

import dev.fanfare.app.AppCommands;
import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Term;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.SlotValue;
import dev.fanfare.schema.TombstoneRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// Applies changes of members into one group's batch: the record, its ordinal, the counters of app
/// and terms, and the deltas that the index plays after the commit. Owned by the applier's thread.
///
/// Each member of a command is judged for itself: a refusal leaves that member as it was and the
/// others take effect.
public final class MemberCommands {
  /// As `if_version`: any, as long as there is the member.
  public static final long ANY_VERSION = -1;

  /// Never given away, so that the next one is known even when all are.
  private static final int LAST_ORDINAL = -1;

  private final Batch batch;
  private final AppCommands apps;
  private final Deltas deltas;
  private final FormerMembers former;
  private final Tombstones tombstones;
  private final TermCounts termCounts;
  private final List<Revoked> revocations = new ArrayList<>();

  /// Credentials that stopped being valid in this group.
  ///
  /// @param notBefore the last second since the epoch in which they were issued; `Long.MAX_VALUE`
  ///   when the member was removed
  public record Revoked(long offset, int app, int ordinal, long notBefore) {}

  public MemberCommands(Batch batch, AppCommands apps, Deltas deltas) {
    this.batch = batch;
    this.apps = apps;
    this.deltas = deltas;
    this.former = new FormerMembers(batch);
    this.tombstones = new Tombstones(batch);
    this.termCounts = new TermCounts(batch, deltas);
  }

  /// Whose credentials stopped being valid, in journal order.
  public List<Revoked> revocations() {
    return revocations;
  }

  public Outcome change(Stamp stamp, int app, ChangeMembers command) {
    AppRecord tenant = apps.record(app);
    List<Optional<Refusal>> refusals = new ArrayList<>(command.getChangesCount());
    for (MemberChange change : command.getChangesList()) {
      refusals.add(change(stamp, tenant, change));
    }
    termCounts.write();
    return new Outcome.Members(refusals);
  }

  /// The ordinal of a registered member, as this group sees it.
  public OptionalInt ordinal(int app, String id) {
    MemberRecord member = find(apps.record(app), id);
    return member == null ? OptionalInt.empty() : OptionalInt.of(member.getOrdinal());
  }

  private Optional<Refusal> change(Stamp stamp, AppRecord app, MemberChange change) {
    MemberRecord before = find(app, change.getId());
    if (change.hasIfVersion() && !isAt(change.getIfVersion(), before)) {
      return Optional.of(new Refusal.VersionMismatch());
    }
    return switch (change.getKindCase()) {
      case REGISTER ->
          registered(app, change, write(stamp, app, change.getId(), before, change.getRegister()));
      case PUT -> registered(app, change, put(stamp, app, change.getId(), before, change.getPut()));
      case LOG_IN ->
          before != null
              ? Optional.empty()
              : logIn(stamp, app, change.getId(), change.getLogIn().getIssuedAt());
      case UPDATE ->
          before == null
              ? Optional.of(new Refusal.MemberNotFound())
              : update(stamp, app, change.getId(), before, change.getUpdate());
      case REMOVE ->
          before == null
              ? Optional.of(new Refusal.MemberNotFound())
              : remove(stamp, app, change.getId(), before);
      case KIND_NOT_SET -> throw new IllegalStateException("a member change says nothing");
    };
  }

  /// Whoever registers a member says that it may come back.
  private Optional<Refusal> registered(
      AppRecord app, MemberChange change, Optional<Refusal> refusal) {
    if (refusal.isEmpty()) {
      tombstones.lift(app.getNumber(), change.getId());
    }
    return refusal;
  }

  /// Registers a member that shows a credential, unless that is too old or was issued before the
  /// member was removed or its credentials were revoked. A tombstone stays.
  private Optional<Refusal> logIn(Stamp stamp, AppRecord app, String id, long issuedAt) {
    long age = Integer.toUnsignedLong(app.getSettings().getLimits().getCredentialAgeSeconds());
    TombstoneRecord tombstone = tombstones.find(app.getNumber(), id);
    boolean revoked =
        tombstone != null
            && issuedAt <= Math.max(tombstone.getRemoved(), tombstone.getCredentialsNotBefore());
    return revoked || issuedAt < second(stamp) - age
        ? Optional.of(new Refusal.MemberNotFound())
        : write(stamp, app, id, null, MemberEdit.getDefaultInstance());
  }

  /// Revokes the credentials that a member has until now; it is changed in nothing else.
  public Outcome revokeCredentials(Stamp stamp, int app, String id) {
    MemberRecord before = find(apps.record(app), id);
    if (before == null) {
      return new Outcome.Refused(new Refusal.MemberNotFound());
    }
    long now = second(stamp);
    MemberRecord after = before.toBuilder().setCredentialsNotBefore(now).build();
    batch.put(Table.MEMBER, Members.key(app, id), after.toByteArray());
    revocations.add(new Revoked(stamp.offset(), app, before.getOrdinal(), now));
    return new Outcome.Done();
  }

  private static long second(Stamp stamp) {
    return Math.floorDiv(stamp.time(), 1_000L);
  }

  /// What a kick said about the credentials of a member that was removed since.
  private long keptNotBefore(int app, String id) {
    TombstoneRecord tombstone = tombstones.find(app, id);
    return tombstone == null ? 0 : tombstone.getCredentialsNotBefore();
  }

  /// Everything that the edit does not name becomes empty.
  private Optional<Refusal> put(
      Stamp stamp, AppRecord app, String id, @Nullable MemberRecord before, MemberEdit edit) {
    MemberRecord.Builder start =
        before == null
            ? fresh(stamp, app, id)
            : before.toBuilder()
                .clearNickName()
                .clearPortrait()
                .clearRobot()
                .clearTags()
                .clearExt()
                .clearAttributes();
    return write(stamp, app, id, before, start, edit);
  }

  private Optional<Refusal> update(
      Stamp stamp, AppRecord app, String id, MemberRecord before, MemberEdit edit) {
    if (!MemberEditing.writesFields(edit)) {
      MemberRecord.Builder after = before.toBuilder();
      if (MemberEditing.edit(app, before, after, edit).isEmpty() && after.build().equals(before)) {
        return Optional.empty();
      }
    }
    return write(stamp, app, id, before, edit);
  }

  private Optional<Refusal> write(
      Stamp stamp, AppRecord app, String id, @Nullable MemberRecord before, MemberEdit edit) {
    return write(
        stamp, app, id, before, before == null ? fresh(stamp, app, id) : before.toBuilder(), edit);
  }

  /// The record of a member that is registered now.
  private MemberRecord.Builder fresh(Stamp stamp, AppRecord app, String id) {
    int number = app.getNumber();
    return MemberRecord.newBuilder()
        .setOrdinal(apps.counters(number).getNextOrdinal())
        .setCreated(stamp.time())
        .setRegisteredAt(stamp.offset())
        .setCredentialsNotBefore(keptNotBefore(number, id));
  }

  /// Judges everything first, then writes.
  ///
  /// @param start what the edit starts from: the record before, or what a put leaves of it
  private Optional<Refusal> write(
      Stamp stamp,
      AppRecord app,
      String id,
      @Nullable MemberRecord before,
      MemberRecord.Builder start,
      MemberEdit edit) {
    int number = app.getNumber();
    AppCounters counters = apps.counters(number);
    int memberLimit = app.getSettings().getLimits().getMembers();
    if (before == null && memberLimit != 0 && counters.getMembers() >= memberLimit) {
      return Optional.of(new Refusal.TooManyMembers(memberLimit));
    }
    if (before == null && counters.getNextOrdinal() == LAST_ORDINAL) {
      return Optional.of(new Refusal.OutOfOrdinals());
    }
    Optional<Refusal> refusal = MemberEditing.edit(app, before, start, edit);
    if (refusal.isPresent()) {
      return refusal;
    }
    MemberRecord after = start.setModified(stamp.time()).setVersion(stamp.offset()).build();
    int robots = counters.getRobots() + (after.getRobot() ? 1 : 0) - robots(before);
    int robotLimit = app.getSettings().getLimits().getRobots();
    if (robots > robotLimit && robots > counters.getRobots()) {
      return Optional.of(new Refusal.TooManyRobots(robotLimit));
    }
    TermChanges changes = new TermChanges(terms(number, before), terms(number, after));
    int terms = counters.getTerms() + changes.growth();
    int termLimit = app.getSettings().getLimits().getTerms();
    if (terms > termLimit && terms > counters.getTerms()) {
      return Optional.of(new Refusal.TooManyTerms(termLimit));
    }
    changes.write(after.getOrdinal());
    AppCounters.Builder counted = counters.toBuilder().setRobots(robots).setTerms(terms);
    if (before == null) {
      counted.setNextOrdinal(after.getOrdinal() + 1).setMembers(counters.getMembers() + 1);
      byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
      batch.put(Table.ORDINAL, Members.ordinalKey(number, after.getOrdinal()), idBytes);
      deltas.set(Term.everyone(number), after.getOrdinal());
    }
    apps.putCounters(number, counted.build());
    batch.put(Table.MEMBER, Members.key(number, id), after.toByteArray());
    return Optional.empty();
  }

  private Optional<Refusal> remove(Stamp stamp, AppRecord app, String id, MemberRecord before) {
    int number = app.getNumber();
    int ordinal = before.getOrdinal();
    TermChanges changes = new TermChanges(terms(number, before), List.of());
    AppCounters counters = apps.counters(number);
    apps.putCounters(
        number,
        counters.toBuilder()
            .setMembers(counters.getMembers() - 1)
            .setRobots(counters.getRobots() - robots(before))
            .setTerms(counters.getTerms() + changes.growth())
            .build());
    changes.write(ordinal);
    deltas.clear(Term.everyone(number), ordinal);
    batch.delete(Table.MEMBER, Members.key(number, id));
    former.add(stamp, number, id, before);
    byte[] chunk = Key.of(number).and(ordinal >>> 16).toBytes();
    RoaringBitmap removed = BitmapBytes.parse(batch.get(Table.REMOVED, chunk));
    removed.add(ordinal & 0xFFFF);
    batch.put(Table.REMOVED, chunk, BitmapBytes.serialize(removed));
    tombstones.add(stamp, app, new Tombstones.Removed(id, before.getCredentialsNotBefore()));
    revocations.add(new Revoked(stamp.offset(), number, ordinal, Long.MAX_VALUE));
    return Optional.empty();
  }

  private static boolean isAt(long version, @Nullable MemberRecord member) {
    return member != null && (version == ANY_VERSION || version == member.getVersion());
  }

  private @Nullable MemberRecord find(AppRecord app, String id) {
    byte[] stored = batch.get(Table.MEMBER, Members.key(app.getNumber(), id));
    return stored == null
        ? null
        : RemovedTags.without(Members.parse(stored), app.getTagRemovalsList());
  }

  private static int robots(@Nullable MemberRecord member) {
    return member != null && member.getRobot() ? 1 : 0;
  }

  /// Each once, because tags and slots are.
  private static List<Term> terms(int app, @Nullable MemberRecord member) {
    if (member == null) {
      return List.of();
    }
    List<Term> terms = new ArrayList<>(member.getTagsCount() + member.getAttributesCount());
    for (String tag : member.getTagsList()) {
      terms.add(Term.tag(app, tag));
    }
    for (SlotValue attribute : member.getAttributesList()) {
      terms.add(Term.attribute(app, attribute.getSlot(), attribute.getValue()));
    }
    return terms;
  }

  /// The terms that one change adds to a member and takes from it.
  private final class TermChanges {
    private final List<TermCounts.Count> added;
    private final List<TermCounts.Count> dropped;

    TermChanges(List<Term> before, List<Term> after) {
      this.added = without(before, after);
      this.dropped = without(after, before);
    }

    private List<TermCounts.Count> without(List<Term> others, List<Term> terms) {
      Set<Term> left = others.isEmpty() ? Set.of() : new HashSet<>(others);
      List<TermCounts.Count> counts = new ArrayList<>(terms.size());
      for (Term term : terms) {
        if (!left.contains(term)) {
          counts.add(termCounts.of(term));
        }
      }
      return counts;
    }

    /// By how much the app's number of distinct terms grows.
    int growth() {
      int growth = 0;
      for (TermCounts.Count count : added) {
        growth += count.members() == 0 ? 1 : 0;
      }
      for (TermCounts.Count count : dropped) {
        growth -= count.members() == 1 ? 1 : 0;
      }
      return growth;
    }

    void write(int ordinal) {
      added.forEach(count -> count.add(ordinal));
      dropped.forEach(count -> count.remove(ordinal));
    }
  }
}
