package dev.fanfare.volcengine;

import dev.fanfare.app.AccessKey;
import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What this face reads of the node.
interface State {
  Tenants tenants();

  Settings settings(App app);

  Account account(AccessKey key);

  Optional<Member> member(App app, String id);

  Broadcasts broadcasts();

  /// The last second since the epoch whose credentials of this member are invalid; 0 for none.
  long credentialsNotBefore(App app, String id, Instant now);

  List<Presence.Connection> connections(App app, Collection<Member> members);

  static State of(Replica replica, Presence presence) {
    return new State() {
      @Override
      public Tenants tenants() {
        return replica.tenants();
      }

      @Override
      public Settings settings(App app) {
        return Settings.of(app);
      }

      @Override
      public Account account(AccessKey key) {
        return Account.of(key, replica.tenants());
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
      public long credentialsNotBefore(App app, String id, Instant now) {
        return replica.credentialsNotBefore(app, id, now);
      }

      @Override
      public List<Presence.Connection> connections(App app, Collection<Member> members) {
        return presence.connections(app.number(), members);
      }
    };
  }
}
