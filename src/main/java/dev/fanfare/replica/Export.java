package dev.fanfare.replica;

import dev.fanfare.app.App;
import dev.fanfare.app.Cell;
import dev.fanfare.app.Tenants;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.Matching;
import dev.fanfare.audience.Traits;
import dev.fanfare.journal.Position;
import dev.fanfare.member.Member;
import dev.fanfare.member.Members;
import dev.fanfare.store.Snapshot;
import dev.fanfare.store.StoreException;
import java.util.List;
import java.util.function.Predicate;

/// The members that an audience selects, who they are and what their records say, all as of one
/// position, read portion by portion in order of their ids.
///
/// The position is that of a snapshot of the store: entries and state are one batch, so what the
/// snapshot says was applied is exactly what it holds. The audience is held against each record;
/// the index, which is at a later position by then, is not asked. Owned by one thread.
public final class Export implements AutoCloseable {
  /// Records looked at for one portion.
  private static final int PORTION = 200;

  private final Snapshot snapshot;
  private final Members members;
  private final App app;
  private final Predicate<Traits> selected;
  private final Position position;
  private String last = "";
  private boolean isOver;

  private Export(Snapshot snapshot, App app, Audience audience) {
    this.snapshot = snapshot;
    this.members = new Members(snapshot);
    this.app = app;
    this.selected = Matching.with(audience);
    this.position = Replica.position(Cell.load(snapshot), Replica.read(snapshot).getOffset());
  }

  /// Takes over the snapshot.
  static Export open(Snapshot snapshot, int app, Audience audience) {
    try {
      App then =
          Tenants.load(snapshot)
              .byNumber(app)
              .orElseThrow(() -> new StoreException("the snapshot lacks app " + app));
      return new Export(snapshot, then, audience);
    } catch (RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }

  public Position position() {
    return position;
  }

  /// The next members; a portion can be without any.
  public List<Member> next() {
    List<Member> portion = members.after(app, last, PORTION);
    isOver = portion.size() < PORTION;
    if (!isOver) {
      last = portion.getLast().id();
    }
    return portion.stream().filter(member -> selected.test(new Current(member))).toList();
  }

  /// Whether [#next] has returned the last portion.
  public boolean isOver() {
    return isOver;
  }

  @Override
  public void close() {
    snapshot.close();
  }

  private record Current(Member member) implements Traits {
    @Override
    public String id() {
      return member.id();
    }

    @Override
    public boolean hasTag(String name) {
      return member.tags().contains(name);
    }

    @Override
    public boolean hasAttribute(String name, String value) {
      return value.equals(member.attributes().get(name));
    }
  }
}
