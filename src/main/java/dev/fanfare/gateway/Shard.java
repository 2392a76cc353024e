package dev.fanfare.gateway;

import dev.fanfare.app.Cell;
import dev.fanfare.app.SigningKey;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.journal.Position;
import dev.fanfare.member.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// The sessions of one event loop: who comes, who goes, what their devices and sockets say.
///
/// A session is either at head, and hears what is new from [FanOut], or behind, and catches up by
/// [Behind]. One whose channel is full when it is its turn falls behind, with the last offset
/// wholly handed to its channel as its cursor.
///
/// Everything but [#wake], [#close] and [#head] belongs to the shard's own thread.
final class Shard {
  static final long SLOW_SECONDS = 30;

  private final FanOut.Ground ground;
  private final FanOut fanOut;
  private final Behind behind;
  private final Joint joint = new Joint();

  /// @param readers runs what may wait for the disk
  Shard(ScheduledExecutorService loop, Executor readers, Delivering delivering) {
    ShardThread thread = new ShardThread(loop, readers);
    this.ground = new FanOut.Ground(thread, delivering, new Roster(), new Receipts());
    this.fanOut = new FanOut(ground, new Watcher());
    this.behind = new Behind(ground, fanOut);
  }

  /// The offset up to which everyone at head was told everything. Any thread.
  long head() {
    return fanOut.head();
  }

  /// Looks at the timeline soon. Any thread.
  void wake() {
    fanOut.wake();
  }

  /// Where its connections join frames.
  Joint joint() {
    return joint;
  }

  /// Ends a session. Any thread.
  void close(Session session, CloseCode why) {
    ground.thread().run(() -> end(session, why));
  }

  private void end(Session session, CloseCode why) {
    session.close(why);
    closed(session);
  }

  /// What devices reported since this was last asked; the caller takes it over.
  Receipts takeReceipts() {
    fanOut.report();
    return ground.receipts().take();
  }

  /// Takes in a session whose handshake is complete and tells it where it starts.
  void open(Session session, Session.Start start, long time) {
    if (!ground.delivering().devices().add(this, session)) {
      session.setClosed();
      session.close(CloseCode.TOO_MANY_DEVICES);
      return;
    }
    ground.roster().add(session);
    ground.thread().serve(session, () -> greet(session, start, time));
  }

  private void greet(Session session, Session.Start start, long time) {
    Session.Login login = session.login();
    Frames frames = ground.delivering().frames();
    List<Frame> greeting = new ArrayList<>();
    greeting.add(frames.hello(login.appId(), login.member(), session.cursor(), time));
    if (start.gap() != null) {
      greeting.add(frames.gap(start.gap()));
    }
    session.channel().write(Bundle.of(greeting), () -> {});
    behind.catchUp(session);
  }

  /// Forgets a session whose channel is closed. Harmless when repeated.
  void closed(Session session) {
    if (!session.closed()) {
      session.setClosed();
      takesData(session);
      behind.closed(session);
      ground.delivering().devices().remove(session);
      ground.roster().remove(session);
      Session.Login login = session.login();
      if (session.confirmed() >= 0) {
        CatchUp catchUp = ground.delivering().catchUp();
        catchUp.remember(login.app(), login.ordinal(), session.claimed(), session.acknowledged());
      }
    }
  }

  /// Hears that a session's channel takes more, or that it no longer does.
  void writabilityChanged(Session session) {
    if (session.closed()) {
      return;
    }
    if (session.channel().isWritable()) {
      takesData(session);
      behind.catchUp(session);
    } else if (session.patience() == null) {
      session.setPatience(
          ground
              .thread()
              .later(
                  () -> session.close(CloseCode.TOO_SLOW),
                  TimeUnit.SECONDS.toMillis(SLOW_SECONDS)));
    }
  }

  private static void takesData(Session session) {
    Future<?> patience = session.patience();
    if (patience != null) {
      patience.cancel(false);
      session.setPatience(null);
    }
  }

  /// Takes an acknowledgement of everything up to a position. One of another history says nothing.
  void acknowledge(Session session, Position position) {
    switch (ground.delivering().frames().place(position)) {
      case Cell.Place.Exact(long offset) -> behind.acknowledge(session, offset);
      case Cell.Place.Lost(long end) -> behind.acknowledge(session, end);
      case Cell.Place.Unknown() -> {}
    }
  }

  /// Takes the report that a person opened a broadcast. What the member was not reached by is
  /// dropped when the report is applied.
  void read(Session session, String broadcastId) {
    Session.Login login = session.login();
    ground
        .delivering()
        .timeline()
        .byId(login.app(), broadcastId)
        .ifPresent(
            broadcast -> ground.receipts().read(login.app(), broadcast.number(), login.ordinal()));
  }

  /// What fan-out tells the rest.
  private final class Watcher implements FanOut.Watcher {
    @Override
    public void passed() {
      behind.passed();
    }

    @Override
    public void removed(Timeline.Removal removal) {
      AppSessions sessions = ground.roster().of(removal.app());
      if (sessions != null) {
        ended(sessions, removal).forEach(session -> end(session, why(removal)));
      }
    }

    private static CloseCode why(Timeline.Removal removal) {
      return removal instanceof Timeline.Removal.OfConnection
          ? CloseCode.GOING_AWAY
          : CloseCode.CREDENTIALS;
    }

    private List<Session> ended(AppSessions sessions, Timeline.Removal removal) {
      return switch (removal) {
        case Timeline.Removal.OfMember(_, int ordinal, long notBefore) ->
            sessions.of(ordinal).stream()
                .filter(session -> !session.login().credential().isAfter(notBefore))
                .toList();
        case Timeline.Removal.OfKeys(_, Set<SigningKey> left) -> {
          List<Session> unsigned = new ArrayList<>();
          sessions.forEach(session -> {
            if (!left.contains(session.login().credential().key())) {
              unsigned.add(session);
            }
          });
          yield unsigned;
        }
        case Timeline.Removal.OfConnection(_, ConnectionId id) ->
            sessions.of(id.ordinal()).stream().filter(session -> session.isCalled(id)).toList();
      };
    }

    @Override
    public void brokenOff() {
      ground.roster().forEach(behind::fallBehind);
    }
  }
}
