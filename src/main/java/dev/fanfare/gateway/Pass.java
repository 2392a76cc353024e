package dev.fanfare.gateway;

import dev.fanfare.broadcast.Notice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way of one move of the head through one app's sessions at head on one shard: each member who
/// is due something, in ascending order of ordinals, gets all of it in one write. The members are
/// those at head when the pass was planned. Owned by the shard's thread.
final class Pass {
  private static final Logger log = LoggerFactory.getLogger(Pass.class);
  private static final int TOGETHER = 16;

  private final int app;
  private final AppSessions sessions;
  private final List<Part> parts;
  private final PeekableIntIterator members;

  /// Who was reached since this was last reported.
  private RoaringBitmap reached = new RoaringBitmap();

  /// Sessions that are written to next. They are looked up together before the first is, so that
  /// the processor fetches what they need at the same time and not one after the other.
  private final List<Ready> ready = new ArrayList<>(TOGETHER);

  private long combination;
  private @Nullable Bundle bundle;

  private record Ready(Session session, Bundle due) {}

  /// A notice of the pass, and the members at head who are due it.
  private record Part(Delivery delivery, RoaringBitmap hits, PeekableIntIterator next) {
    Part(PassPlan.Hit hit) {
      this(hit.delivery(), hit.members(), hit.members().getIntIterator());
    }

    /// Whether the member whose turn it is is due this. Members take turns in ascending order.
    boolean isDue(int ordinal) {
      if (next.hasNext() && next.peekNext() == ordinal) {
        next.next();
        return true;
      }
      return false;
    }
  }

  /// @param hits at most 64, in journal order
  Pass(int app, AppSessions sessions, List<PassPlan.Hit> hits) {
    this.app = app;
    this.sessions = sessions;
    this.parts = hits.stream().map(Part::new).toList();
    RoaringBitmap all = new RoaringBitmap();
    parts.forEach(part -> all.or(part.hits()));
    this.members = all.getIntIterator();
  }

  boolean hasNext() {
    return members.hasNext();
  }

  /// Writes to the sessions at head of the next few members.
  ///
  /// @param head the cursor of those whose channel is full
  /// @return how many sessions it looked at
  int writeSome(long head, Receipts receipts) {
    int looked = 0;
    while (members.hasNext() && looked < TOGETHER) {
      looked += prepare(members.next(), head);
    }
    for (Ready next : ready) {
      if (give(next, head, receipts)) {
        reached.add(next.session().login().ordinal());
      }
    }
    ready.clear();
    return looked;
  }

  /// Looks the sessions of a member up; those whose channel is full fall behind.
  private int prepare(int ordinal, long head) {
    Bundle due = due(ordinal);
    int looked = 0;
    for (Session next = sessions.first(ordinal); next != null; next = next.sibling()) {
      looked++;
      if (next.atHead()) {
        if (next.channel().isWritable()) {
          ready.add(new Ready(next, due));
        } else {
          fallBehind(next, head);
        }
      }
    }
    return Math.max(looked, 1);
  }

  /// What a member is told; the same object as for the member before when it is the same.
  private Bundle due(int ordinal) {
    long wanted = 0;
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).isDue(ordinal)) {
        wanted |= 1L << i;
      }
    }
    Bundle due = bundle;
    if (due == null || wanted != combination) {
      due = combine(wanted);
      combination = wanted;
      bundle = due;
    }
    return due;
  }

  private Bundle combine(long wanted) {
    List<Delivery> chosen = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      if ((wanted >>> i & 1) != 0) {
        chosen.add(parts.get(i).delivery());
      }
    }
    return Bundle.ofDeliveries(chosen);
  }

  /// Whether the socket took all of it. A session that cannot be written to must not stop those
  /// after it; an error, such as memory that ran out, may be theirs too.
  private boolean give(Ready next, long head, Receipts receipts) {
    Session session = next.session();
    try {
      return session.atHead() && session.give(next.due(), receipts);
    } catch (RuntimeException e) {
      log.error("a session could not be written to", e);
      giveUp(session, head);
      return false;
    } catch (Error e) {
      giveUp(session, head);
      throw e;
    }
  }

  /// Closes a session of which nobody knows what it was given.
  private void giveUp(Session session, long head) {
    fallBehind(session, head);
    session.close(CloseCode.OVER_CAPACITY);
  }

  private void fallBehind(Session session, long head) {
    sessions.leaveHead(session);
    session.moveTo(head);
  }

  /// Reports who was reached since this was last asked: one operation on bitmaps for each release,
  /// however many members there are.
  void report(Receipts receipts) {
    for (Part part : parts) {
      if (part.delivery().notice() instanceof Notice.Release release) {
        receipts.reached(app, release.broadcast(), RoaringBitmap.and(part.hits(), reached));
      }
    }
    reached = new RoaringBitmap();
  }
}
