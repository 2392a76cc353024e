package dev.fanfare.gateway;

import dev.fanfare.broadcast.Timeline;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what is new to the sessions at head, and owns the head that they share.
///
/// When the timeline's head moves, a **pass** intersects the recipients of each new notice with the
/// members at head, as they were when the pass began, writes to each of them what is due in one go,
/// and only then moves the shard's head. So a broadcast costs its recipients and nobody else. A
/// pass lets the sockets have the thread after 256 writes, carries at most 64 notices of an app,
/// and never spans the removal of a member.
///
/// A write costs much the same whether it carries one notice or eight. So after a pass that carried
/// several, which means that they are sent faster than one at a time is delivered, and left nothing
/// out, the shard rests for less than the pass took, and what comes meanwhile shares the writes of
/// the next one.
///
/// Everything but [#wake] and [#head] belongs to the shard's own thread.
final class FanOut {
  private static final Logger log = LoggerFactory.getLogger(FanOut.class);
  private static final long RETRY_MILLIS = 1_000;
  private static final int WRITES_PER_TURN = 256;

  /// The longest rest; below it, a millisecond for each turn of the pass, which takes longer.
  private static final int MOST_REST_MILLIS = 20;

  private final ShardThread thread;
  private final Delivering delivering;
  private final Roster roster;
  private final Receipts receipts;
  private final Watcher watcher;
  private final Queue<Pass> passes = new ArrayDeque<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile long head;
  private long target;
  private long rebuilds;
  private long omitted;
  private boolean restsAfter;
  private int turns;
  private boolean rests;

  /// What the rest of the shard hears.
  interface Watcher {
    /// No pass is under way, and the head may have moved.
    void passed();

    /// A member was removed: its sessions end before anything later is told.
    void removed(Timeline.Removal removal);

    /// Everyone at head has to catch up from where they stand: a pass failed, or removals may have
    /// been missed.
    void brokenOff();
  }

  /// What one shard's parts have in common.
  record Ground(ShardThread thread, Delivering delivering, Roster roster, Receipts receipts) {}

  FanOut(Ground ground, Watcher watcher) {
    this.thread = ground.thread();
    this.delivering = ground.delivering();
    this.roster = ground.roster();
    this.receipts = ground.receipts();
    this.watcher = watcher;
    this.rebuilds = delivering.timeline().rebuilds();
    this.head = delivering.timeline().head();
    this.target = head;
  }

  /// The offset up to which everyone at head was told everything. Any thread.
  long head() {
    return head;
  }

  /// Looks at the timeline soon. Any thread.
  void wake() {
    if (woken.compareAndSet(false, true)) {
      thread.run(() -> {
        woken.set(false);
        advance();
      });
    }
  }

  /// Whether a pass is under way; nobody joins the head until it ends.
  boolean isPassing() {
    return !passes.isEmpty();
  }

  /// Which reading of the timeline ([Timeline#rebuilds]) the head stands on.
  long rebuilds() {
    return rebuilds;
  }

  /// When a pass last left something out, because it was over; 0 for never. Milliseconds since the
  /// epoch.
  long omitted() {
    return omitted;
  }

  /// Reports whom the pass under way has reached.
  void report() {
    passes.forEach(pass -> pass.report(receipts));
  }

  /// Starts passes until the timeline's head is reached, unless some are under way: they end here.
  private void advance() {
    attempt(this::start);
  }

  private void start() {
    if (passes.isEmpty() && !rests) {
      startPasses();
    }
  }

  /// Does a part of a pass. When that fails, whatever the reason, the pass ends where it is and
  /// another one begins later: a shard must never fall silent.
  private void attempt(Runnable part) {
    try {
      part.run();
    } catch (Throwable e) {
      log.error("a pass failed; trying again in {} ms", RETRY_MILLIS, e);
      breakOff();
    }
  }

  private void breakOff() {
    List<Pass> unfinished = List.copyOf(passes);
    passes.clear();
    target = head;
    var _ = thread.later(this::wake, RETRY_MILLIS);
    watcher.brokenOff();
    unfinished.forEach(pass -> pass.report(receipts));
  }

  private void startPasses() {
    while (passes.isEmpty()) {
      long next = delivering.timeline().head();
      doubtAfterRebuild();
      if (next <= head) {
        return;
      }
      Map.Entry<Long, List<Timeline.Removal>> removal =
          delivering.timeline().removals(head, next).firstEntry();
      plan(removal == null ? next : removal.getKey() - 1);
      if (passes.isEmpty()) {
        finish();
      }
      if (removal != null && passes.isEmpty() && head == removal.getKey() - 1) {
        removal.getValue().forEach(watcher::removed);
        moveTo(removal.getKey());
      }
    }
    write();
  }

  /// After the timeline was read anew, removals may be missing from it.
  private void doubtAfterRebuild() {
    long now = delivering.timeline().rebuilds();
    if (now != rebuilds) {
      rebuilds = now;
      watcher.brokenOff();
    }
  }

  /// Prepares the passes over what comes after the head, at most up to an offset.
  private void plan(long furthest) {
    if (furthest > head) {
      PassPlan plan = new PassPlan(delivering, roster, head, furthest);
      target = plan.target();
      if (plan.omits()) {
        omitted = delivering.due().now();
      }
      restsAfter = plan.carriesSeveral() && target == furthest;
      turns = 0;
      passes.addAll(plan.passes());
    }
  }

  /// Writes for one turn, then lets others have the thread.
  private void write() {
    int writes = 0;
    Pass pass = passes.peek();
    while (pass != null && writes < WRITES_PER_TURN) {
      if (pass.hasNext()) {
        writes += pass.writeSome(head, receipts);
      } else {
        pass.report(receipts);
        passes.remove();
        pass = passes.peek();
      }
    }
    turns++;
    if (pass != null) {
      thread.yieldTo(() -> attempt(this::write));
    } else {
      finish();
      rest(restsAfter ? Math.min(turns, MOST_REST_MILLIS) : 0);
    }
  }

  private void rest(int millis) {
    rests = true;
    var _ =
        thread.later(
            () -> {
              rests = false;
              advance();
            },
            millis);
  }

  private void finish() {
    moveTo(Math.max(head, target));
  }

  private void moveTo(long offset) {
    head = offset;
    watcher.passed();
  }
}
