package dev.fanfare.presence;

import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.LocalPresence;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/// Who is connected to any node of the cell: to this one as it is, to the others as they told. Any
/// thread.
record CellPresence(LocalPresence here, Elsewhere elsewhere) implements Presence {

  @Override
  public List<Connection> connections(int app, Collection<Member> members) {
    List<Connection> all = new ArrayList<>(here.connections(app, members));
    all.addAll(elsewhere.connections(app, members));
    return all;
  }

  @Override
  public RoaringBitmap online(int app) {
    RoaringBitmap online = here.online(app);
    online.or(elsewhere.online(app));
    return online;
  }

  @Override
  public boolean mayHave(int app, ConnectionId connection) {
    return here.mayHave(app, connection) || elsewhere.isThere(connection.node());
  }

  @Override
  public Optional<Instant> asOf() {
    return Optional.of(elsewhere.asOf());
  }
}
