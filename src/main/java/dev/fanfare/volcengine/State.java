package dev.fanfare.volcengine;

import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.member.Member;
import dev.fanfare.replica.Replica;
import java.util.Optional;

/// What this face reads of the replica.
interface State {
  Tenants tenants();

  Optional<Member> member(App app, String id);

  static State of(Replica replica) {
    return new State() {
      @Override
      public Tenants tenants() {
        return replica.tenants();
      }

      @Override
      public Optional<Member> member(App app, String id) {
        return replica.member(app, id);
      }
    };
  }
}
