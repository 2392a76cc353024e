package dev.fanfare.tencent;

import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What this face reads of the node.
interface State {
  Tenants tenants();

  Optional<Member> member(App app, String id);

  Broadcasts broadcasts();

  List<Presence.Connection> connections(App app, Collection<Member> members);

  static State of(Replica replica, Presence presence) {
    return new State() {
      @Override
      public Tenants tenants() {
        return replica.tenants();
      }

      @Override
      public Optional<Member> member(App app, String id) {
        return replica.member(app, id);
      }

      @Override
      public Broadcasts broadcasts() {
        return replica.broadcasts();
      }

      @Override
      public List<Presence.Connection> connections(App app, Collection<Member> members) {
        return presence.connections(app.number(), members);
      }
    };
  }
}
