package dev.fanfare.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.Batch;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Snapshot;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// What is read again after a commit failed is what was committed, whatever else goes on.
final class RebuildTest {
  private final TestClock clock = new TestClock();
  private final HookedStore store = new HookedStore();
  private TestNode node = TestNode.start(store, clock);

  RebuildTest() {}

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void checkpoint_during_a_rebuild_loses_no_member() throws InterruptedException {
    register(1);
    node.replica().checkpoint();
    for (int i = 2; i <= 5; i++) {
      register(i);
    }
    AtomicReference<Thread> checkpoint = new AtomicReference<>();
    store.afterScan(
        Table.INDEX,
        () -> {
          checkpoint.set(Thread.ofPlatform().start(node.replica()::checkpoint));
          awaitEndOrWait(checkpoint.get());
        });
    store.memory.fail(MemoryStore.Fault.LOST);
    assertThatThrownBy(() -> register(6)).isInstanceOf(TryAgainException.class);
    checkpoint.get().join();
    assertThat(everyone()).isEqualTo(5);

    register(7);
    node.replica().checkpoint();
    node.close();
    node = TestNode.start(store, clock);
    assertThat(everyone()).isEqualTo(6);
  }

  @Test
  void group_is_accepted_whose_readers_could_not_be_shown_it_at_once() {
    register(1);
    store.failGetAfterWrite(Table.PROGRESS);
    StartBroadcast start =
        StartBroadcast.newBuilder()
            .setId("b")
            .setMessage(ByteString.copyFromUtf8("{}"))
            .setLifetimeSeconds(60)
            .setAudience(AudienceSchema.encode(new Audience.Everyone()))
            .build();
    assertThat(
            node.propose(
                Command.newBuilder().setApp(TestNode.APP).setStartBroadcast(start).build()))
        .isEqualTo(new Outcome.Started("b", false));
    assertThat(store.memory.reopened()).isEqualTo(1);
  }

  private void register(int number) {
    assertThat(node.register("m" + number)).isInstanceOf(Outcome.Members.class);
  }

  private int everyone() {
    return node.replica()
        .count(node.app(), new Audience.Everyone(), 0, new RoaringBitmap())
        .matched();
  }

  /// Until it ended, or waits for the one who asks.
  private static void awaitEndOrWait(Thread thread) {
    while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
      try {
        thread.join(Duration.ofMillis(1));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// A store at whose moments something happens, once.
  private static final class HookedStore implements Store {
    private final MemoryStore memory = new MemoryStore();
    private final AtomicReference<@Nullable Table> scanned = new AtomicReference<>();
    private final AtomicReference<@Nullable Table> unreadable = new AtomicReference<>();
    private Runnable then = () -> {};
    private volatile boolean written;

    void afterScan(Table table, Runnable happens) {
      then = happens;
      scanned.set(table);
    }

    /// Fails the next read of a table, once there was a write.
    void failGetAfterWrite(Table table) {
      written = false;
      unreadable.set(table);
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      if (written && unreadable.compareAndSet(table, null)) {
        throw new StoreException("planted fault: a read fails");
      }
      return memory.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
      memory.scan(table, from, to, visitor);
      if (scanned.compareAndSet(table, null)) {
        then.run();
      }
    }

    @Override
    public void write(Batch batch) {
      memory.write(batch);
      written = true;
    }

    @Override
    public void reopen() {
      memory.reopen();
    }

    @Override
    public Snapshot snapshot() {
      return memory.snapshot();
    }

    @Override
    public long freeBytes() {
      return memory.freeBytes();
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
