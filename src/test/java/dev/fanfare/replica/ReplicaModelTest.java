package dev.fanfare.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Listing;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.broadcast.RecipientStatus;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Member;
import dev.fanfare.member.Scans;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Cancel;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EndScan;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.LogIn;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.PassWebhook;
import dev.fanfare.schema.Pause;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.schema.RemoveWebhook;
import dev.fanfare.schema.Resume;
import dev.fanfare.schema.RevokeCredentials;
import dev.fanfare.schema.SetPace;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.StartDue;
import dev.fanfare.schema.StartScan;
import dev.fanfare.schema.TagRemoval;
import dev.fanfare.schema.Tags;
import dev.fanfare.schema.TidyTag;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.why.Inquiry;
import dev.fanfare.why.Sentence;
import dev.fanfare.why.Why;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

/// Random commands of every kind, with restarts, checkpoints, failing commits and a moving clock,
/// must leave what a naive model holds.
///
/// Each case is one seed; replay a failure with `-Dseed=N`. `-Dlong=true` runs thousands.
final class ReplicaModelTest {
  private static final List<String> TAGS = List.of("a", "b", "c", "d", "e", "f", "g", "h");
  private static final List<String> CITIES = List.of("ny", "sf");
  private static final int STEPS = 80;

  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final Model model = new Model();

  /// Ids by ordinal: who is meant by the bits of a broadcast.
  private final Map<Integer, String> ids = new HashMap<>();

  private Random random = new Random();
  private TestNode node = TestNode.start(store, clock);

  static LongStream seeds() {
    Long replay = Long.getLong("seed");
    int cases = Boolean.getBoolean("long") ? 5_000 : 200;
    return replay != null ? LongStream.of(replay) : new Random().longs(cases);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void every_command_does_what_the_model_does(long seed) {
    random = new Random(seed);
    node.propose(TestNode.attributeNames("city", "tier"));
    node.propose(
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setChangeLimits(
                ChangeLimits.newBuilder()
                    .addEdits(limit("tombstones", Model.TOMBSTONES))
                    .addEdits(limit("credentialAgeSeconds", Model.CREDENTIAL_AGE))
                    .addEdits(limit("receiptSeconds", Model.RECEIPTS_KEPT))
                    .addEdits(limit("broadcastSeconds", Model.BROADCASTS_KEPT)))
            .build());
    for (int step = 0; step < STEPS; step++) {
      step();
      clock.advance(Duration.ofMillis(random.nextInt(1_500)));
    }
    checkMembers();
    checkTags();
    checkAudiences();
    checkBroadcasts();
    node.close();
    assertThat(node.broken()).isFalse();
    assertThat(Replay.checksum(Replay.play(Replay.entries(store), random)))
        .as("a replay in other groups, without restarts or failures, ends in the same state")
        .isEqualTo(Replay.checksum(store));
  }

  private static LimitEdit.Builder limit(String name, long value) {
    return LimitEdit.newBuilder().setName(name).setValue(value);
  }

  private void step() {
    switch (random.nextInt(34)) {
      case 0, 1, 2, 3, 4 -> register();
      case 5, 6 -> retag();
      case 7 -> remove();
      case 8, 9 -> send();
      case 10, 11, 12 -> timers();
      case 13 -> transition();
      case 14 -> receipts();
      case 15 -> checkpoint();
      case 16 -> restart();
      case 22, 23 -> logIn();
      case 24 -> remove();
      case 25 -> kick();
      case 26, 27 -> webhooks();
      case 17 -> checkAudiences();
      case 18 -> checkBroadcasts();
      case 19 -> removeTag();
      case 20 -> tidy();
      case 21 -> scan();
      case 28, 29 -> purge();
      case 30, 31 -> age();
      default -> checkMembers();
    }
  }

  /// Webhooks change nothing that the model knows; that what they leave is the same in every group
  /// is checked in the end.
  private void webhooks() {
    String id = "w" + random.nextInt(2);
    Command.Builder command = Command.newBuilder();
    switch (random.nextInt(5)) {
      case 0 ->
          command.setAddWebhook(
              AddWebhook.newBuilder()
                  .setId(id)
                  .setUrl("http://" + id)
                  .addAllEvents(List.of(EventKind.LIFE, EventKind.RECEIPT, EventKind.UNREACHED)));
      case 1 -> command.setRemoveWebhook(RemoveWebhook.newBuilder().setId(id));
      case 2 -> {
        long offset = random.nextLong(node.replica().position().offset() + 1);
        command.setPassWebhook(PassWebhook.newBuilder().setId(id).setOffset(offset));
      }
      default -> {
        if (model.pushes.isEmpty()) {
          return;
        }
        Model.Push push = model.pushes.get(random.nextInt(model.pushes.size()));
        command.setFixUnreached(
            FixUnreached.newBuilder().setBroadcast(push.number).setSlice(random.nextInt(2)));
      }
    }
    var _ = propose(command);
  }

  /// Proposes; when a planted fault strikes, proposes again if that is what the engine asks for.
  private Outcome propose(Command command) {
    int fault = random.nextInt(40);
    if (fault == 0) {
      store.fail(MemoryStore.Fault.LOST);
    } else if (fault == 1) {
      store.fail(MemoryStore.Fault.WRITTEN_BUT_FAILED);
    }
    try {
      return node.propose(command);
    } catch (TryAgainException e) {
      return node.propose(command);
    }
  }

  /// A checkpoint that fails must leave to the next one what it did not store.
  private void checkpoint() {
    if (random.nextInt(3) == 0) {
      store.fail(MemoryStore.Fault.LOST);
    }
    try {
      node.replica().checkpoint();
    } catch (StoreException e) {
      assertThat(e).hasMessageContaining("planted");
    }
  }

  /// Removes what was kept long enough, by entries that remove little or much.
  private void purge() {
    long[] event = {Long.MAX_VALUE};
    if (!store.table(Table.EVENT).isEmpty()) {
      event[0] = ByteBuffer.wrap(store.table(Table.EVENT).firstKey()).getLong(Integer.BYTES);
    }
    int keys = 1 + random.nextInt(30);
    while (propose(TestNode.purge(keys)) instanceof Outcome.Done) {
      // The next entry goes on.
    }
    model.purge(clock.millis(), event[0]);
    checkBroadcasts();
    checkMembers();
  }

  /// Lets so much time pass that broadcasts end and what is left of them is kept long enough.
  private void age() {
    clock.advance(Duration.ofHours(random.nextInt(30)));
    for (Model.Push push : model.pushes) {
      end(push);
    }
    clock.advance(Duration.ofSeconds(random.nextInt(2 * (int) Model.RECEIPTS_KEPT)));
  }

  private void end(Model.Push push) {
    long now = clock.millis();
    boolean unfinished = push.life == Model.Life.RUNNING || push.life == Model.Life.PAUSED;
    boolean over = push.expired(now) && (push.live || unfinished);
    boolean leaves = push.started > 0 && push.left == 0 && !push.recallable(now);
    Expire.Builder expire = Expire.newBuilder().setBroadcast(push.number);
    Outcome outcome = propose(Command.newBuilder().setExpire(expire));
    assertThat(outcome instanceof Outcome.Done).isEqualTo(over || leaves);
    if (over) {
      push.live = false;
      push.become(unfinished ? Model.Life.EXPIRED : push.life, now);
    }
    if (leaves) {
      push.left = now;
    }
  }

  private void restart() {
    node.close();
    node = TestNode.start(store, clock);
  }

  private String anyId() {
    return "m" + random.nextInt(40);
  }

  private void register() {
    String id = anyId();
    MemberEdit.Builder edit = MemberEdit.newBuilder();
    Model.Person before = model.members.get(id);
    Model.Person after = model.person(id);
    model.graves.remove(id);
    if (random.nextBoolean()) {
      String nick = "n" + random.nextInt(5);
      edit.setNickName(nick);
      after.nick = nick;
    }
    if (random.nextBoolean()) {
      Set<String> tags = someTags(Model.TAG_LIMIT);
      edit.setTags(Tags.newBuilder().addAllNames(tags));
      after.tags.clear();
      after.tags.addAll(tags);
    }
    if (random.nextBoolean()) {
      boolean cleared = random.nextBoolean();
      String city = CITIES.get(random.nextInt(2));
      AttributeEdit.Builder attribute = AttributeEdit.newBuilder().setName("city");
      edit.addAttributes(cleared ? attribute : attribute.setValue(city));
      if (cleared) {
        after.attributes.remove("city");
      } else {
        after.attributes.put("city", city);
      }
    }
    propose(TestNode.change(MemberChange.newBuilder().setId(id).setRegister(edit)));
    after.changed = ++model.events;
    after.changedTime = clock.millis();
    if (before == null) {
      stays(id);
    }
  }

  /// Notes that a member is new.
  private void stays(String id) {
    int ordinal = node.replica().member(node.app(), id).orElseThrow().ordinal();
    ids.put(ordinal, id);
    model
        .stays
        .computeIfAbsent(id, _ -> new ArrayList<>())
        .add(new Model.Stay(ordinal, model.events, clock.millis()));
  }

  private Set<String> someTags(int most) {
    Set<String> tags = new TreeSet<>();
    for (int i = random.nextInt(most); i > 0; i--) {
      tags.add(TAGS.get(random.nextInt(TAGS.size())));
    }
    return tags;
  }

  private void retag() {
    String id = anyId();
    Set<String> added = someTags(4);
    Set<String> removed = someTags(4);
    Outcome outcome =
        propose(
            TestNode.change(
                MemberChange.newBuilder()
                    .setId(id)
                    .setUpdate(
                        MemberEdit.newBuilder().addAllAddTags(added).addAllRemoveTags(removed))));
    Model.Person member = model.members.get(id);
    assertThat(((Outcome.Members) outcome).refusals().getFirst().isPresent())
        .isEqualTo(member == null);
    if (member != null) {
      List<String> before = List.copyOf(member.tags);
      member.tags.addAll(added);
      member.tags.removeAll(removed);
      if (!before.equals(List.copyOf(member.tags))) {
        member.changed = ++model.events;
        member.changedTime = clock.millis();
      }
    }
  }

  private void remove() {
    String id = anyId();
    Outcome outcome =
        propose(
            TestNode.change(
                MemberChange.newBuilder().setId(id).setRemove(RemoveMember.getDefaultInstance())));
    boolean registered = model.remove(id, second());
    assertThat(((Outcome.Members) outcome).refusals().getFirst().isEmpty()).isEqualTo(registered);
    if (registered) {
      Model.Stay stay = model.stays.getOrDefault(id, List.of()).getLast();
      stay.to = ++model.events;
      stay.toTime = clock.millis();
      stay.toOffset = node.replica().position().offset();
    }
  }

  /// Portions are so small that most removals leave records to be rewritten later.
  private void removeTag() {
    String tag = TAGS.get(random.nextInt(TAGS.size()));
    int carriers = model.select(new Audience.Tag(tag)).size();
    int portion = random.nextInt(4);
    boolean refused = carriers > portion && node.app().tagRemovals().size() == 3;
    RemoveTag remove =
        RemoveTag.newBuilder().setName(tag).setId(random.nextLong()).setPortion(portion).build();
    Outcome outcome = propose(Command.newBuilder().setRemoveTag(remove));
    assertThat(outcome instanceof Outcome.Done).isEqualTo(!refused);
    if (!refused) {
      model.events++;
      for (Model.Person member : model.members.values()) {
        if (member.tags.remove(tag)) {
          member.changed = model.events;
          member.changedTime = clock.millis();
        }
      }
    }
    checkMembers();
  }

  private void tidy() {
    for (TagRemoval removal : node.app().tagRemovals()) {
      TidyTag portion = TidyTag.newBuilder().setId(removal.getId()).setPortion(2).build();
      assertThat(propose(Command.newBuilder().setTidyTag(portion)))
          .isInstanceOf(Outcome.Done.class);
    }
    TidyTag unknown = TidyTag.newBuilder().setId(random.nextLong()).setPortion(2).build();
    assertThat(propose(Command.newBuilder().setTidyTag(unknown)))
        .isInstanceOf(Outcome.Refused.class);
    checkMembers();
  }

  /// Reads a scan page by page while members come and go.
  private void scan() {
    Audience audience = audience(2);
    long id = random.nextLong();
    StartScan start =
        StartScan.newBuilder().setId(id).setAudience(AudienceSchema.encode(audience)).build();
    assertThat(propose(Command.newBuilder().setStartScan(start))).isInstanceOf(Outcome.Done.class);
    Map<String, Integer> frozen = new HashMap<>();
    for (String member : model.select(audience)) {
      frozen.put(member, node.replica().member(node.app(), member).orElseThrow().ordinal());
    }
    Set<String> selected = Set.copyOf(frozen.keySet());
    List<String> read = new ArrayList<>();
    Optional<Integer> from = Optional.of(0);
    while (from.isPresent()) {
      Scans.Page page = node.replica().scans().page(node.app(), id, from.get(), 3);
      page.members().forEach(member -> read.add(member.id()));
      from = page.next();
      switch (random.nextInt(4)) {
        case 0 -> remove();
        case 1 -> register();
        case 2 -> restart();
        default -> retag();
      }
      frozen
          .entrySet()
          .removeIf(member ->
              !read.contains(member.getKey()) && left(member.getKey(), member.getValue()));
    }
    assertThat(read).doesNotHaveDuplicates().isSubsetOf(selected).containsAll(frozen.keySet());
    EndScan end = EndScan.newBuilder().setId(id).build();
    assertThat(propose(Command.newBuilder().setEndScan(end))).isInstanceOf(Outcome.Done.class);
    assertThat(propose(Command.newBuilder().setEndScan(end))).isInstanceOf(Outcome.Refused.class);
  }

  private boolean left(String id, int ordinal) {
    return node.replica().member(node.app(), id).filter(m -> m.ordinal() == ordinal).isEmpty();
  }

  private void checkTags() {
    Map<String, Integer> expected = new TreeMap<>();
    model
        .members
        .values()
        .forEach(m -> m.tags.forEach(tag -> expected.merge(tag, 1, Integer::sum)));
    Map<String, Integer> counted = new TreeMap<>();
    node.replica()
        .tags()
        .list(TestNode.APP, "", "", 100)
        .forEach(tag -> counted.put(tag.name(), tag.members()));
    assertThat(counted).isEqualTo(expected);
  }

  private void kick() {
    String id = anyId();
    Outcome outcome =
        propose(
            Command.newBuilder().setRevokeCredentials(RevokeCredentials.newBuilder().setId(id)));
    Model.Person member = model.members.get(id);
    assertThat(outcome instanceof Outcome.Done).isEqualTo(member != null);
    if (member != null) {
      member.notBefore = second();
    }
  }

  /// Shows a credential that is new, or from around the time at which others are too old.
  private void logIn() {
    String id = anyId();
    boolean before = model.members.containsKey(id);
    long issuedAt = second() - random.nextLong(Model.CREDENTIAL_AGE + 3);
    LogIn.Builder logIn = LogIn.newBuilder().setIssuedAt(issuedAt);
    Outcome outcome = propose(TestNode.change(MemberChange.newBuilder().setId(id).setLogIn(logIn)));
    assertThat(((Outcome.Members) outcome).refusals().getFirst().isEmpty())
        .isEqualTo(model.logIn(id, issuedAt, second()));
    Model.Person after = model.members.get(id);
    if (!before && after != null) {
      after.changed = ++model.events;
      after.changedTime = clock.millis();
      stays(id);
    }
  }

  private long second() {
    return clock.millis() / 1_000;
  }

  private Audience audience(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 7)) {
      case 0 -> new Audience.Everyone();
      case 1 -> new Audience.Tag(TAGS.get(random.nextInt(TAGS.size())));
      case 2 -> new Audience.Attribute("city", CITIES.get(random.nextInt(2)));
      case 3 -> new Audience.Members(List.of(anyId(), anyId() + "x", anyId() + "y"));
      case 4 -> new Audience.And(List.of(audience(depth - 1), audience(depth - 1)));
      case 5 -> new Audience.Or(List.of(audience(depth - 1), audience(depth - 1)));
      default -> new Audience.Not(audience(depth - 1));
    };
  }

  private void send() {
    long startAt = random.nextInt(4) == 0 ? clock.millis() + 1 + random.nextInt(5_000) : 0;
    Model.Push push =
        new Model.Push(
            "b" + ++model.events,
            audience(3),
            1 + random.nextInt(30),
            random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 0,
            startAt);
    push.pivot = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(ids.size() + 1);
    push.since = clock.millis();
    Outcome outcome =
        propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setStartBroadcast(
                    StartBroadcast.newBuilder()
                        .setId(push.id)
                        .setSender("1")
                        .setFormat(Format.NATIVE)
                        .setMessage(ByteString.copyFromUtf8("{}"))
                        .setLifetimeSeconds(push.lifetime)
                        .setAudience(AudienceSchema.encode(push.audience))
                        .setPace(push.pace)
                        .setPivot(push.pivot)
                        .setStartAt(startAt))
                .build());
    assertThat(outcome).isEqualTo(new Outcome.Started(push.id, false));
    push.number = node.replica().broadcast(node.app(), push.id).orElseThrow().number();
    model.pushes.add(push);
    if (startAt == 0) {
      begin(push, clock.millis());
    }
  }

  /// A recipient is a member as registered at that moment, not whoever has the same id later.
  private void begin(Model.Push push, long now) {
    model.begin(push, now);
    Set<String> recipients = new TreeSet<>();
    for (String id : push.recipients) {
      recipients.add(id + "#" + node.replica().member(node.app(), id).orElseThrow().ordinal());
    }
    push.recipients = recipients;
    push.order.addAll(recipients);
    push.order.sort((one, other) ->
        Integer.compareUnsigned(ordinal(one) - push.pivot, ordinal(other) - push.pivot));
  }

  private static int ordinal(String recipient) {
    return Integer.parseInt(recipient.substring(recipient.indexOf('#') + 1));
  }

  private Model.Push anyPush() {
    return model.pushes.get(random.nextInt(model.pushes.size()));
  }

  private Outcome propose(Command.Builder command) {
    return propose(command.setApp(TestNode.APP).build());
  }

  /// Timers propose too much, too early and twice; only what is due takes effect.
  private void timers() {
    if (model.pushes.isEmpty()) {
      return;
    }
    Model.Push push = anyPush();
    long now = clock.millis();
    long number = push.number;
    int slice =
        node.replica().timeline().broadcast(number).map(live -> live.notices().slices()).orElse(0);
    switch (random.nextInt(3)) {
      case 0 -> {
        boolean due = push.life == Model.Life.SCHEDULED && now >= push.startAt;
        Outcome outcome =
            propose(Command.newBuilder().setStartDue(StartDue.newBuilder().setBroadcast(number)));
        assertThat(outcome instanceof Outcome.Done).isEqualTo(due);
        if (due) {
          begin(push, now);
        }
      }
      case 1 -> {
        int asked = slice + random.nextInt(2);
        boolean due =
            push.life == Model.Life.RUNNING
                && asked == slice
                && now >= push.nextDue
                && !push.expired(now);
        Release.Builder release = Release.newBuilder().setBroadcast(number).setSlice(asked);
        Outcome outcome = propose(Command.newBuilder().setRelease(release));
        assertThat(outcome instanceof Outcome.Done).isEqualTo(due);
        if (due) {
          model.release(push, now);
        }
      }
      default -> end(push);
    }
  }

  private void transition() {
    if (model.pushes.isEmpty()) {
      return;
    }
    Model.Push push = anyPush();
    long number = push.number;
    Model.Life life = push.life;
    boolean running = life == Model.Life.RUNNING;
    boolean paused = life == Model.Life.PAUSED;
    switch (random.nextInt(5)) {
      case 0 -> {
        check(
            Command.newBuilder().setPause(Pause.newBuilder().setBroadcast(number)),
            running || paused);
        push.become(running ? Model.Life.PAUSED : life, clock.millis());
      }
      case 1 -> {
        check(
            Command.newBuilder().setResume(Resume.newBuilder().setBroadcast(number)),
            running || paused);
        if (paused) {
          push.become(Model.Life.RUNNING, clock.millis());
          push.nextDue = clock.millis();
        }
      }
      case 2 -> {
        int pace = random.nextInt(6);
        check(
            Command.newBuilder()
                .setSetPace(SetPace.newBuilder().setBroadcast(number).setPace(pace)),
            running || paused || life == Model.Life.SCHEDULED);
        if (running || paused) {
          push.tick = Model.tick(pace, push.recipients.size() - push.released);
          push.nextDue = Math.min(push.nextDue, clock.millis() + push.tick);
          push.pace = pace;
        } else if (life == Model.Life.SCHEDULED) {
          push.pace = pace;
        }
      }
      case 3 -> {
        boolean allowed =
            (running || paused || life == Model.Life.COMPLETED) && push.recallable(clock.millis());
        check(
            Command.newBuilder().setRecall(Recall.newBuilder().setBroadcast(number)),
            allowed || life == Model.Life.RECALLED);
        push.become(allowed ? Model.Life.RECALLED : life, clock.millis());
      }
      default -> {
        boolean scheduled = life == Model.Life.SCHEDULED;
        check(
            Command.newBuilder().setCancel(Cancel.newBuilder().setBroadcast(number)),
            scheduled || life == Model.Life.CANCELLED);
        if (scheduled) {
          push.become(Model.Life.CANCELLED, clock.millis());
          push.live = false;
          push.left = clock.millis();
        }
      }
    }
  }

  private void check(Command.Builder command, boolean allowed) {
    assertThat(propose(command) instanceof Outcome.Done).isEqualTo(allowed);
  }

  private void receipts() {
    if (model.pushes.isEmpty()) {
      return;
    }
    Model.Push push = anyPush();
    RoaringBitmap reached = new RoaringBitmap();
    RoaringBitmap delivered = new RoaringBitmap();
    RoaringBitmap read = new RoaringBitmap();
    Set<String> reachedIds = someOf(reached);
    Set<String> deliveredIds = someOf(delivered);
    Set<String> readIds = someOf(read);
    propose(
        Command.newBuilder()
            .setReceipts(
                Receipts.newBuilder()
                    .addChunks(
                        ReceiptChunk.newBuilder()
                            .setBroadcast(push.number)
                            .setReached(bytes(reached))
                            .setDelivered(bytes(delivered))
                            .setRead(bytes(read)))));
    if (push.purged != 0) {
      return;
    }
    reachedIds.retainAll(push.recipients);
    push.reached.addAll(reachedIds);
    deliveredIds.addAll(readIds);
    deliveredIds.retainAll(push.reached);
    push.delivered.addAll(deliveredIds);
    readIds.retainAll(push.reached);
    push.read.addAll(readIds);
  }

  /// Ordinals of members and of some who left; only the former can gain a bit.
  private Set<String> someOf(RoaringBitmap bits) {
    Set<String> named = new HashSet<>();
    ids.forEach((ordinal, id) -> {
      if (random.nextInt(3) == 0) {
        bits.add(ordinal);
        boolean current =
            node.replica()
                .member(node.app(), id)
                .filter(member -> member.ordinal() == ordinal)
                .isPresent();
        if (current) {
          named.add(id + "#" + ordinal);
        }
      }
    });
    return named;
  }

  private static ByteString bytes(RoaringBitmap bits) {
    return ByteString.copyFrom(BitmapBytes.serialize(bits));
  }

  private void checkMembers() {
    for (int i = 0; i < 40; i++) {
      String id = "m" + i;
      assertThat(node.replica().credentialsNotBefore(node.app(), id, clock.instant()))
          .as(id)
          .isEqualTo(model.notBefore(id, second()));
      var stored = node.replica().member(node.app(), id);
      Model.Person expected = model.members.get(id);
      assertThat(stored.isPresent()).isEqualTo(expected != null);
      if (stored.isPresent() && expected != null) {
        Member member = stored.get();
        assertThat(member.nickName()).isEqualTo(expected.nick);
        assertThat(member.tags()).containsExactlyElementsOf(expected.tags);
        assertThat(member.attributes()).isEqualTo(expected.attributes);
      }
    }
  }

  private void checkAudiences() {
    for (int i = 0; i < 5; i++) {
      Audience audience = audience(4);
      var counted = node.replica().count(node.app(), audience, 100, new RoaringBitmap());
      assertThat(counted.matched()).as("%s", audience).isEqualTo(model.select(audience).size());
      assertThat(new TreeSet<>(counted.sample())).isEqualTo(model.select(audience));
    }
  }

  private void checkBroadcasts() {
    for (Model.Push push : model.pushes) {
      Broadcast stored = node.replica().broadcast(node.app(), push.id).orElseThrow();
      assertThat(stored.receiptsPurged()).isEqualTo(push.purged);
      assertThat(stored.state()).isEqualTo(BroadcastState.valueOf(push.life.name()));
      assertThat(stored.counters())
          .isEqualTo(
              new Broadcast.Counters(
                  push.recipients.size(),
                  push.released,
                  push.reached.size(),
                  push.delivered.size(),
                  push.read.size()));
      checkReleases(push, stored.number());
      checkGrowth(stored);
      checkReasons(push, stored);
      checkListings(push, stored.number());
    }
    List<String> newest = new ArrayList<>();
    node.replica()
        .broadcasts()
        .newest(TestNode.APP, Long.MAX_VALUE, broadcast -> newest.add(broadcast.id()));
    assertThat(newest.reversed())
        .containsExactlyElementsOf(model.pushes.stream().map(push -> push.id).toList());
  }

  /// Points only rise, and the last one is what the counters are now.
  private void checkGrowth(Broadcast broadcast) {
    Broadcasts.Point before = null;
    for (Broadcasts.Point point : node.replica().broadcasts().growth(broadcast.number())) {
      if (before != null) {
        assertThat(point.time()).isGreaterThan(before.time());
        assertThat(point.counters().released())
            .isGreaterThanOrEqualTo(before.counters().released());
        assertThat(point.counters().reached()).isGreaterThanOrEqualTo(before.counters().reached());
      }
      before = point;
    }
    Broadcast.Counters none = new Broadcast.Counters(broadcast.counters().recipients(), 0, 0, 0, 0);
    assertThat(before == null ? none : before.counters()).isEqualTo(broadcast.counters());
  }

  private void checkReasons(Model.Push push, Broadcast broadcast) {
    Inquiry inquiry = new Inquiry(node.replica().broadcasts(), node.replica().members(), clock);
    Reasons reasons = new Reasons(model, clock.millis());
    for (int i = 0; i < 41; i++) {
      String id = "m" + i;
      Why why = inquiry.why(broadcast, id);
      assertThat(told(why)).as("%s %s", push.id, id).isEqualTo(reasons.why(push, id));
      assertThat(Sentence.of(id, why)).contains(why instanceof Why.Cancelled ? "cancelled" : id);
    }
  }

  private static String told(Why why) {
    String facts =
        switch (why) {
          case Why.NotRegistered(long knownSince) -> " " + knownSince;
          case Why.NoLongerKnown(long purged) -> " " + purged;
          case Why.RegisteredLater(long at) -> " " + at;
          case Why.RemovedBefore(long at) -> " " + at;
          case Why.DidNotMatch(var tree, long changed, long removed) -> {
            if (tree.isEmpty()) {
              yield " removed " + removed;
            }
            yield changed == 0
                ? tree.get().matches() ? " but it does" : " then"
                : " changed " + changed + " " + tree.get().matches();
          }
          case Why.Scheduled(long at, var now) ->
              " " + at + now.map(tree -> " " + tree.matches()).orElse(" absent");
          case Why.Cancelled(long at) -> " " + at;
          case Why.NotReleasedYet(int slice, long due) -> " " + slice + " " + due;
          case Why.Paused(int slice, long since) -> " " + slice + " " + since;
          case Why.NotReached(int slice, long released, long expires) ->
              " " + slice + " " + released + " " + expires;
          case Why.Expired(long released, long at) -> " " + released + " " + at;
          case Why.NotOnline(long released) -> " " + released;
          case Why.Recalled(long released, long at) -> " " + released + " " + at;
          case Why.Removed(long released, long at) -> " " + released + " " + at;
          case Why.Got(var _, int slice, var _, long recalled, long removed) ->
              " " + slice + " " + recalled + " " + removed;
        };
    return why.answer() + facts;
  }

  private void checkListings(Model.Push push, long number) {
    if (push.purged != 0) {
      assertThat(listed(number, RecipientStatus.ALL)).isEmpty();
      return;
    }
    Set<String> unreached = new TreeSet<>(push.order);
    unreached.removeAll(push.reached);
    assertThat(listed(number, RecipientStatus.ALL)).isEqualTo(new TreeSet<>(push.order));
    assertThat(listed(number, RecipientStatus.UNREACHED)).isEqualTo(unreached);
    assertThat(listed(number, RecipientStatus.REACHED)).isEqualTo(push.reached);
    assertThat(listed(number, RecipientStatus.DELIVERED)).isEqualTo(push.delivered);
    assertThat(listed(number, RecipientStatus.READ)).isEqualTo(push.read);
  }

  private Set<String> listed(long number, RecipientStatus status) {
    Set<String> listed = new TreeSet<>();
    long from = 0;
    while (from >= 0) {
      Listing.Page page = node.replica().broadcasts().listing(number, status).page(from, 3);
      assertThat(page.ordinals().size()).isLessThanOrEqualTo(3);
      for (int ordinal : page.ordinals()) {
        assertThat(listed.add(ids.get(ordinal) + "#" + ordinal)).as("listed once").isTrue();
      }
      from = page.next();
    }
    return listed;
  }

  /// Every released recipient is in exactly one slice, and nobody else is in any.
  private void checkReleases(Model.Push push, long number) {
    List<Notice> notices = new ArrayList<>();
    for (Notice notice : node.replica().timeline().notices(TestNode.APP, 0, Long.MAX_VALUE)) {
      if (notice instanceof Notice.Release && notice.broadcast() == number) {
        notices.add(notice);
      }
    }
    int covered = 0;
    for (int ordinal : ids.keySet()) {
      if (node.replica().broadcasts().isRecipient(number, ordinal)) {
        long slices = notices.stream().filter(notice -> notice.covers(ordinal)).count();
        assertThat(slices).isBetween(0L, 1L);
        covered += (int) slices;
      }
    }
    if (node.replica().timeline().broadcast(number).isPresent()) {
      assertThat(covered).isEqualTo(push.released);
    }
  }
}
