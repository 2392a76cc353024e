package dev.fanfare.replica;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.app.App;
import dev.fanfare.app.Cell;
import dev.fanfare.app.Tenants;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.Counted;
import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Index;
import dev.fanfare.audience.Selected;
import dev.fanfare.audience.Selection;
import dev.fanfare.audit.AuditTrail;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Position;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.member.Member;
import dev.fanfare.member.Members;
import dev.fanfare.member.Scans;
import dev.fanfare.member.Tags;
import dev.fanfare.schema.Applied;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.IndexDeltas;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.store.Tables;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// The state that follows from the journal.
///
/// Written by the applier's thread through [StateMachine]: records go into the group's batch, index
/// changes are gathered beside it. After the commit the index plays them, then the timeline's head
/// moves, then callers are answered. So whoever was answered finds the effect in every read below,
/// which any thread may call.
public final class Replica implements StateMachine {
  /// The level of rules that this version begins a journal with.
  public static final int LEVEL = Group.LEVEL;

  private static final byte[] APPLIED = Key.bytes("applied");

  private final Store store;
  private final Members members;
  private final Tags tags;
  private final Scans scans;
  private final AuditTrail audit;
  private final Broadcasts broadcasts;
  private final Timeline timeline;
  private volatile Index index = new Index();
  private volatile Checkpoints checkpoints;
  private volatile Tenants tenants;
  private volatile Optional<Cell> cell = Optional.empty();
  private Applied applied = Applied.getDefaultInstance();
  private @Nullable Group group;
  private final AtomicLong deltaBytes = new AtomicLong();

  /// Held while the index is written to the store and while it is read back, because a checkpoint
  /// moves deltas into chunks, and whoever reads in between finds them in neither.
  private final ReentrantLock indexOnDisk = new ReentrantLock();

  /// Reads the state from the store.
  ///
  /// @throws StoreException when what is stored is damaged
  public Replica(Store store) {
    this.store = store;
    this.members = new Members(store);
    this.tags = new Tags(store);
    this.scans = new Scans(store, members);
    this.audit = new AuditTrail(store);
    this.broadcasts = new Broadcasts(store);
    this.timeline = new Timeline(store);
    this.tenants = Tenants.load(store);
    this.checkpoints = new Checkpoints(store, index);
    rebuild();
  }

  /// All apps and keys as last committed.
  public Tenants tenants() {
    return tenants;
  }

  /// The cell as last committed; empty before the bootstrap.
  public Optional<Cell> cell() {
    return cell;
  }

  /// A registered member.
  public Optional<Member> member(App app, String id) {
    return members.find(app, id);
  }

  public Tags tags() {
    return tags;
  }

  public Scans scans() {
    return scans;
  }

  public AuditTrail audit() {
    return audit;
  }

  /// The members that an audience selects now; empty when they are more than `most`.
  ///
  /// @throws dev.fanfare.audience.AudienceException when it names an attribute that the app has not
  public Optional<Shown> select(App app, Audience audience, int most) {
    Selected selected = index.select(resolve(app, audience));
    long matched = selected.ordinals().getLongCardinality();
    if (matched > most) {
      return Optional.empty();
    }
    List<Member> found = scans.members(app, selected.ordinals());
    return Optional.of(new Shown((int) matched, found, position(selected.position())));
  }

  /// Members that were selected at a position, as they were a moment later.
  ///
  /// @param matched how many were selected
  /// @param members without those who left since
  public record Shown(int matched, List<Member> members, Position position) {}

  /// The last second since the epoch whose credentials of this member, registered or not, are
  /// invalid; 0 for none.
  ///
  /// @param now by the node's clock
  public long credentialsNotBefore(App app, String id, Instant now) {
    return members.credentialsNotBefore(app, id, now);
  }

  /// A broadcast by its id.
  public Optional<Broadcast> broadcast(App app, String id) {
    return broadcasts.find(app.number(), id);
  }

  public Members members() {
    return members;
  }

  public Broadcasts broadcasts() {
    return broadcasts;
  }

  public Timeline timeline() {
    return timeline;
  }

  /// How many members an audience selects now, exactly, and how many of them are online, with the
  /// ids of some of them.
  ///
  /// @param online ordinals
  /// @throws dev.fanfare.audience.AudienceException when it names an attribute that the app has not
  public Count count(App app, Audience audience, int sample, RoaringBitmap online) {
    Counted counted = index.count(resolve(app, audience), sample, online);
    List<String> ids = new ArrayList<>();
    for (int ordinal : counted.sampleOrdinals()) {
      members.idOf(app.number(), ordinal).ifPresent(ids::add);
    }
    return new Count(counted.matched(), counted.online(), ids, position(counted.position()));
  }

  private Selection resolve(App app, Audience audience) {
    return Selection.resolve(audience, new CommittedResolver(members, app));
  }

  /// All members of an app that an audience selects, as they are now, whatever happens while they
  /// are read.
  public Export export(App app, Audience audience) {
    return Export.open(store.snapshot(), app.number(), audience);
  }

  /// What [#count] found, as of a position.
  public record Count(int matched, int online, List<String> sample, Position position) {}

  /// Where the state stands, as its readers see it.
  public Position position() {
    return position(timeline.head());
  }

  /// The position with this offset, in the epoch that it lies in.
  public Position position(long offset) {
    return position(cell, offset);
  }

  static Position position(Optional<Cell> cell, long offset) {
    return cell.map(known -> known.position(offset)).orElse(new Position("0aaaaaa", offset));
  }

  /// What a position that somebody names says in this history.
  public Cell.Place place(Position position) {
    return cell.map(known -> known.place(position, timeline.head()))
        .orElse(new Cell.Place.Unknown());
  }

  /// Bytes of index deltas committed since the last checkpoint: what a restart has to play.
  public long deltaBytes() {
    return deltaBytes.get();
  }

  /// Writes a checkpoint of the index. One thread at a time; commits go on meanwhile.
  public void checkpoint() {
    indexOnDisk.lock();
    try {
      deltaBytes.set(0);
      checkpoints.write();
    } finally {
      indexOnDisk.unlock();
    }
  }

  @Override
  public Stamp applied() {
    return new Stamp(applied.getOffset(), applied.getTime());
  }

  @Override
  public boolean readsCommitted(Command command) {
    return Group.readsCommitted(command);
  }

  @Override
  public Batch begin() {
    Group begun = new Group(new Batch(store), applied, index);
    group = begun;
    return begun.batch();
  }

  @Override
  public Outcome apply(Stamp stamp, Command command) {
    return open().apply(stamp, command);
  }

  @Override
  public void seal() {
    Group sealed = open();
    sealed.seal();
    Batch batch = sealed.batch();
    if (!sealed.deltas().isEmpty()) {
      byte[] deltas = sealed.deltas().toSchema().toByteArray();
      batch.put(Table.DELTA, Key.bytes(sealed.applied().getOffset()), deltas);
      deltaBytes.addAndGet(deltas.length);
    }
    batch.put(Table.META, APPLIED, sealed.applied().toByteArray());
  }

  @Override
  public void committed() {
    Group committed = open();
    group = null;
    applied = committed.applied();
    index.play(committed.deltas(), applied.getOffset());
    if (committed.changedApps()) {
      tenants = Tenants.load(store);
      cell = Cell.load(store);
    }
    timeline.show(committed.touched(), committed.removals(), applied.getOffset());
  }

  @Override
  public void rebuild() {
    group = null;
    applied = readApplied();
    indexOnDisk.lock();
    try {
      readIndex();
    } finally {
      indexOnDisk.unlock();
    }
    tenants = Tenants.load(store);
    cell = Cell.load(store);
    timeline.rebuild(applied.getOffset());
  }

  private void readIndex() {
    Index rebuilt = new Index();
    Checkpoints loading = new Checkpoints(store, rebuilt);
    long position = loading.load();
    long[] bytes = {0};
    store.scan(
        Table.DELTA,
        Key.bytes(position + 1),
        null,
        (key, value) -> {
          rebuilt.play(deltas(value), ByteBuffer.wrap(key).getLong());
          bytes[0] += value.length;
          return true;
        });
    rebuilt.play(new Deltas(), applied.getOffset());
    deltaBytes.set(bytes[0]);
    index = rebuilt;
    checkpoints = loading;
  }

  private Applied readApplied() {
    requireKnownLevel(store);
    return read(store);
  }

  /// Makes sure that this version can go on with the state in a store, without reading the state.
  ///
  /// @throws dev.fanfare.journal.UnknownEntryException when only a newer version knows its rules
  public static void requireKnownLevel(Store store) {
    Group.requireKnownLevel(read(store).getLevel());
  }

  /// The stamp of the last entry that a store's state has, without reading the state.
  public static Stamp applied(Store store) {
    Applied read = read(store);
    return new Stamp(read.getOffset(), read.getTime());
  }

  /// How far the state in some tables has come.
  static Applied read(Tables tables) {
    byte[] stored = tables.get(Table.META, APPLIED);
    try {
      return stored == null ? Applied.getDefaultInstance() : Applied.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the applied position is damaged", e);
    }
  }

  private static Deltas deltas(byte[] value) {
    try {
      return Deltas.of(IndexDeltas.parseFrom(value));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("index deltas are damaged", e);
    }
  }

  private Group open() {
    Group open = group;
    if (open == null) {
      throw new IllegalStateException("no group was begun");
    }
    return open;
  }

  private record CommittedResolver(Members members, App tenant) implements Selection.Resolver {
    @Override
    public int app() {
      return tenant.number();
    }

    @Override
    public OptionalInt slot(String attributeName) {
      int slot = tenant.attributeNames().indexOf(attributeName);
      return slot < 0 ? OptionalInt.empty() : OptionalInt.of(slot);
    }

    @Override
    public OptionalInt ordinal(String memberId) {
      return members
          .find(tenant, memberId)
          .map(member -> OptionalInt.of(member.ordinal()))
          .orElse(OptionalInt.empty());
    }
  }
}
