package dev.fanfare.gateway;

import dev.fanfare.broadcast.Notice;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Brings the sessions that are behind to the head of their shard: each reads a portion from its
/// own cursor, never past the head, writes it, and so on. It joins between passes, when its cursor
/// equals the head. Owned by the shard's thread, except where it says otherwise.
final class Behind {
  private final FanOut.Ground ground;
  private final FanOut fanOut;
  private final Set<Session> waiting = new LinkedHashSet<>();

  Behind(FanOut.Ground ground, FanOut fanOut) {
    this.ground = ground;
    this.fanOut = fanOut;
  }

  /// Brings a session closer to the head: has its next portion read, or lets it join.
  void catchUp(Session session) {
    ground.thread().serve(session, () -> proceed(session));
  }

  private void proceed(Session session) {
    boolean idle = !session.atHead() && !session.reading() && session.channel().isWritable();
    if (session.closed() || !idle) {
      return;
    }
    long head = fanOut.head();
    boolean confirmed = session.confirmed() == fanOut.rebuilds();
    long cursor = session.cursor();
    if (fanOut.isPassing() || (confirmed && cursor > head)) {
      waiting.add(session);
    } else if (confirmed && cursor == head) {
      join(session);
    } else {
      session.setReading(true);
      Reading reading = new Reading(cursor, Math.max(cursor, head), fanOut.rebuilds());
      ground
          .thread()
          .beside(
              session,
              () -> {
                if (confirmed || confirm(session)) {
                  read(session, reading);
                }
              });
    }
  }

  /// Goes on with those who waited for a pass to end.
  void passed() {
    List<Session> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(this::catchUp);
  }

  /// Takes a session from the head, to where it stands: in a pass that broke off it may have been
  /// given what lies beyond.
  void fallBehind(Session session) {
    if (session.atHead()) {
      ground.roster().beside(session).leaveHead(session);
      session.moveTo(Math.max(fanOut.head(), session.cursor()));
    }
    catchUp(session);
  }

  void closed(Session session) {
    waiting.remove(session);
  }

  /// Takes an acknowledgement of everything up to an offset: of what this connection was given, and
  /// of what lives. It counts as taken in once the releases that it is for were found. That is done
  /// for one at a time, however fast the device sends them and however slow the store is, and then
  /// for the furthest of those that came meanwhile.
  void acknowledge(Session session, long offset) {
    session.say(Math.min(offset, session.shown()));
    takeIn(session);
  }

  private void takeIn(Session session) {
    long upTo = session.said();
    if (session.takingIn() || upTo <= session.acknowledged()) {
      return;
    }
    session.setTakingIn(true);
    Session.Login login = session.login();
    CatchUp catchUp = ground.delivering().catchUp();
    long asOf = Math.max(session.omitted(), fanOut.omitted());
    CatchUp.Acknowledgement said = new CatchUp.Acknowledgement(session.acknowledged(), upTo, asOf);
    ShardThread thread = ground.thread();
    thread.beside(
        session,
        () -> {
          List<Notice> held = catchUp.acknowledged(login.app(), session.viewer(), said);
          thread.run(() -> tookIn(session, held, upTo));
        });
  }

  private void tookIn(Session session, List<Notice> held, long upTo) {
    Session.Login login = session.login();
    held.forEach(
        notice -> ground.receipts().delivered(login.app(), notice.broadcast(), login.ordinal()));
    session.setAcknowledged(upTo);
    session.setTakingIn(false);
    takeIn(session);
  }

  /// What is read of a session's catch-up.
  ///
  /// @param rebuilds what its member is confirmed after, once it was read
  private record Reading(long cursor, long upTo, long rebuilds) {}

  /// Makes sure, beside the loop, that the member is still registered, and takes the cursor that
  /// the device came with as an acknowledgement.
  private boolean confirm(Session session) {
    Session.Login login = session.login();
    if (!ground.delivering().registered().test(login)) {
      ground.thread().run(() -> session.close(CloseCode.CREDENTIALS));
      return false;
    }
    ground.delivering().catchUp().claim(login.app(), login.ordinal(), session.claimed());
    return true;
  }

  /// Reads a portion, beside the loop.
  private void read(Session session, Reading reading) {
    Session.Login login = session.login();
    CatchUp catchUp = ground.delivering().catchUp();
    CatchUp.Portion portion =
        catchUp.next(login.app(), session.viewer(), reading.cursor(), reading.upTo());
    ShardThread thread = ground.thread();
    thread.run(() -> thread.serve(session, () -> took(session, portion, reading.rebuilds())));
  }

  private void took(Session session, CatchUp.Portion portion, long confirmedAfter) {
    if (session.closed()) {
      return;
    }
    session.setConfirmed(confirmedAfter);
    session.setOmitted(portion.omitted());
    if (portion.due().isEmpty()) {
      session.moveTo(portion.upTo());
    } else if (session.channel().isWritable()) {
      if (session.give(portion.due(), ground.receipts())) {
        session.reached(portion.due(), ground.receipts());
      }
      session.moveTo(portion.upTo());
    }
    // Only now: a write can say that the channel takes more before it returns.
    session.setReading(false);
    proceed(session);
  }

  private void join(Session session) {
    ground.roster().beside(session).joinHead(session);
    if (!session.toldCaughtUp()) {
      long head = fanOut.head();
      session.setToldCaughtUp();
      session.show(head);
      Frame caughtUp = ground.delivering().frames().caughtUp(head);
      session.channel().write(Bundle.of(List.of(caughtUp)), () -> {});
    }
  }
}
