package dev.fanfare;

import dev.fanfare.app.App;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.embedded.EmbeddedJournal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.ApiKey;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Purge;
import dev.fanfare.schema.RevokeCredentials;
import dev.fanfare.schema.Role;
import dev.fanfare.schema.SetAttributeNames;
import dev.fanfare.schema.Tags;
import dev.fanfare.store.Store;
import java.time.Clock;
import java.util.List;

/// A journal and its replica on a store, without network, with one app bootstrapped.
public final class TestNode implements AutoCloseable {
  public static final int APP = 1;

  private static final int ATTEMPTS = 10;

  private final Replica replica;
  private final Journal journal;
  private volatile boolean broken;

  private TestNode(Store store, Engine engine) {
    this.replica = new Replica(store);
    this.journal = engine.start(store, replica, () -> broken = true);
  }

  /// Starts a journal on a store.
  public interface Engine {
    Journal start(Store store, StateMachine state, Runnable onBroken);
  }

  private static Engine embedded(Clock wall) {
    return (store, state, onBroken) ->
        new EmbeddedJournal(
            store, state, new EmbeddedJournal.Clocks(wall, System::nanoTime), onBroken);
  }

  /// Starts on what the store holds, even if that is nothing.
  public static TestNode startUnbootstrapped(Store store, Clock wall) {
    return new TestNode(store, embedded(wall));
  }

  /// Starts on what the store holds; bootstraps an empty one.
  public static TestNode start(Store store, Clock wall) {
    return start(store, wall, bootstrap());
  }

  /// The same, with another first command for an empty store.
  public static TestNode start(Store store, Clock wall, Command first) {
    return start(store, embedded(wall), first);
  }

  /// The same, on another engine.
  public static TestNode start(Store store, Engine engine, Command first) {
    TestNode node = new TestNode(store, engine);
    if (node.replica.cell().isEmpty()) {
      node.insist(first);
    }
    return node;
  }

  public static Command bootstrap() {
    return Command.newBuilder()
        .setBootstrap(
            Bootstrap.newBuilder()
                .setAdminKey("admin-key")
                .setEpoch("1abcdef")
                .setLevel(1)
                .setApp(
                    CreateApp.newBuilder()
                        .setId("demo")
                        .setVolcengineAppId(123456)
                        .setTencentSdkAppId(1_400_000_001L)
                        .setDeviceKey("device-key")
                        .addApiKeys(
                            ApiKey.newBuilder()
                                .setName("main")
                                .setRole(Role.OWNER)
                                .setSecret("app-key"))
                        .addAccessKeys(
                            dev.fanfare.schema.AccessKey.newBuilder()
                                .setAccessKey("AK")
                                .setSecretKey("SK"))
                        .setLimits(
                            Limits.newBuilder()
                                .setTagsPerMember(100)
                                .setRobots(5_000)
                                .setTerms(1_000_000)
                                .setLiveBroadcasts(1_000)
                                .setBodyWindowSeconds(60)
                                .setIdempotencySeconds(604_800)
                                .setRunningScans(10)
                                .setScanSeconds(3_600)
                                .setTagRemovals(3)
                                .setAuditEntries(10_000)
                                .setCredentialAgeSeconds(15_552_000)
                                .setTombstones(1_000_000)
                                .setBroadcastSeconds(7_776_000)
                                .setReceiptSeconds(604_800)
                                .setUnreachedSeconds(10))))
        .build();
  }

  public Replica replica() {
    return replica;
  }

  public Journal journal() {
    return journal;
  }

  /// Whether an invariant broke.
  public boolean broken() {
    return broken;
  }

  public App app() {
    return replica.tenants().byNumber(APP).orElseThrow();
  }

  public Outcome propose(Command command) {
    return journal.propose(command);
  }

  /// Proposes a command that takes effect once however often it comes, until it is answered, which
  /// a journal elsewhere does not promise to do at once.
  public Outcome insist(Command command) {
    for (int left = ATTEMPTS - 1; ; left--) {
      try {
        return propose(command);
      } catch (TryAgainException | OutcomeUnknownException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  /// Registers a member with exactly these tags.
  public Outcome register(String id, String... tags) {
    return propose(registration(id, tags));
  }

  /// The same, until it is answered.
  public void registerSurely(String id, String... tags) {
    var _ = insist(registration(id, tags));
  }

  private static Command registration(String id, String... tags) {
    return change(
        MemberChange.newBuilder()
            .setId(id)
            .setRegister(
                MemberEdit.newBuilder().setTags(Tags.newBuilder().addAllNames(List.of(tags)))));
  }

  /// Revokes the credentials that a member has until now.
  public Outcome revokeCredentials(String id) {
    return propose(
        Command.newBuilder()
            .setApp(APP)
            .setRevokeCredentials(RevokeCredentials.newBuilder().setId(id))
            .build());
  }

  /// Removes what was kept long enough, an entry at a time.
  public void purge() {
    while (propose(purge(1_000)) instanceof Outcome.Done) {
      // The next entry goes on.
    }
  }

  public static Command purge(int keys) {
    return Command.newBuilder().setApp(APP).setPurge(Purge.newBuilder().setKeys(keys)).build();
  }

  /// Sets a limit of the app.
  public Outcome limit(String name, long value) {
    return propose(
        Command.newBuilder()
            .setApp(APP)
            .setChangeLimits(
                ChangeLimits.newBuilder()
                    .addEdits(LimitEdit.newBuilder().setName(name).setValue(value)))
            .build());
  }

  public static Command change(MemberChange.Builder... changes) {
    ChangeMembers.Builder all = ChangeMembers.newBuilder();
    for (MemberChange.Builder change : changes) {
      all.addChanges(change);
    }
    return Command.newBuilder().setApp(APP).setChangeMembers(all).build();
  }

  public static Command attributeNames(String... names) {
    return Command.newBuilder()
        .setApp(APP)
        .setSetAttributeNames(SetAttributeNames.newBuilder().addAllNames(List.of(names)))
        .build();
  }

  @Override
  public void close() {
    journal.close();
  }
}
