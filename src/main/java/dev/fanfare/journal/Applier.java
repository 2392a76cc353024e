package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreClosedException;
import dev.fanfare.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies entries in groups: what several entries change becomes durable as one batch, and only
/// then are readers shown it and callers answered. So the cost of a sync is shared by all of a
/// group.
///
/// A commit that fails leaves open whether it happened. The applier then forgets its memory,
/// reopens the store and looks: the group is there and stands, or nothing of it is.
///
/// Owned by the engine's applier thread; any thread may ask [#storeOpen].
///
/// @param <E> an entry as its engine knows it
public final class Applier<E> {
  private static final Logger log = LoggerFactory.getLogger(Applier.class);
  private static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);

  private final Store store;
  private final StateMachine state;
  private final Engine<E> engine;
  private volatile boolean storeOpen = true;
  private boolean stored;

  public Applier(Store store, StateMachine state, Engine<E> engine) {
    this.store = store;
    this.state = state;
    this.engine = engine;
  }

  /// What an engine does with its entries.
  public interface Engine<E> {
    Command command(E entry);

    /// Gives the entry its place and applies it, and adds to the batch what the engine stores with
    /// it.
    void apply(Batch batch, E entry);

    /// The group is durable and shown to readers.
    void committed(List<E> group);

    /// The store failed and nothing of the group is there.
    void lost(List<E> group, StoreException cause);

    /// The store cannot be reopened; that is tried again once a second.
    void unavailable(StoreException cause);
  }

  /// Whether the store is open, as it is unless a commit failed.
  public boolean storeOpen() {
    return storeOpen;
  }

  /// Whether the last group reached the store, however its commit ended.
  public boolean stored() {
    return stored;
  }

  /// Cuts entries into as few groups as the commands allow that read what is committed.
  public List<List<E>> groups(List<E> entries) {
    List<List<E>> groups = new ArrayList<>();
    List<E> group = List.of();
    for (E entry : entries) {
      if (group.isEmpty() || state.readsCommitted(engine.command(entry))) {
        group = new ArrayList<>();
        groups.add(group);
      }
      group.add(entry);
    }
    return groups;
  }

  /// Applies a group and makes it durable. Returns false when it was lost with the store, which is
  /// open again by then.
  ///
  /// @throws StoreClosedException when the store was closed; whether the group is there is not
  ///   known
  /// @throws UnknownEntryException when this version does not know a command; the group left
  ///   nothing in the store, and the state has to be rebuilt before it is used again
  public boolean commit(List<E> group) {
    long before = state.applied().offset();
    stored = false;
    try {
      Batch batch = state.begin();
      group.forEach(entry -> engine.apply(batch, entry));
      state.seal();
      store.write(batch);
      stored = true;
      state.committed();
    } catch (StoreException e) {
      return recover(group, before, e);
    }
    engine.committed(group);
    return true;
  }

  /// @param before the last offset before the group; memory may know of the group already, because
  ///   showing it to readers may be what failed
  private boolean recover(List<E> group, long before, StoreException cause) {
    log.error("a commit of {} commands failed; reopening the store", group.size(), cause);
    rebuild();
    if (state.applied().offset() == before) {
      engine.lost(group, cause);
      return false;
    }
    engine.committed(group);
    return true;
  }

  /// Forgets memory and reads it from the reopened store; tries until that works.
  ///
  /// @throws StoreClosedException when the store was closed, as it is when the process stops
  public void rebuild() {
    storeOpen = false;
    while (!storeOpen) {
      try {
        store.reopen();
        state.rebuild();
        storeOpen = true;
      } catch (StoreClosedException e) {
        throw e;
      } catch (StoreException e) {
        log.error("the store cannot be reopened; trying again in {}", REOPEN_PAUSE, e);
        engine.unavailable(e);
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(REOPEN_PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
