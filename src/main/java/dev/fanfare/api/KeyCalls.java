package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.AccessKey;
import dev.fanfare.app.App;
import dev.fanfare.app.Caller;
import dev.fanfare.app.Mint;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Actions;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.ChangeKey;
import dev.fanfare.schema.RemoveKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The calls about an app's keys: for its owner and the admin.
record KeyCalls(Replica replica, Journal journal, Mint mint) {
  private static final int MOST_KEYS = 100;
  private static final int MOST_DAILY_BROADCASTS = 1_000_000;

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
            "GET",
            "/keys",
            call -> list(call.app()),
            Description.of("Lists the keys without their secrets.").answers(200, "Keys")),
        Operation.inApp(
            "POST",
            "/keys",
            this::add,
            Description.of("Adds a key. Its secret is shown this once.")
                .takes("NewKey", "{'kind': 'api-key', 'name': 'ci', 'role': 'sender'}")
                .answers(201, "Key")),
        Operation.inApp(
            "PATCH",
            "/keys/{kind}/{name}",
            call -> change(call, key(call)),
            Description.of("Changes what is given.")
                .takes("KeyChange", "{'notAfter': '2027-01-01T00:00:00Z'}")
                .answers(200, "Key")),
        Operation.inApp(
            "DELETE",
            "/keys/{kind}/{name}",
            call -> remove(call, key(call)),
            Description.of("Removes a key, which opens nothing from then on.")));
  }

  private static AppKey key(Call call) {
    return KeyFields.kind(call.parameter("kind"))
        .flatMap(known -> find(call.app(), known, call.parameter("name")))
        .orElseThrow(() -> Problem.keyNotFound().raise());
  }

  private static Optional<AppKey> find(App app, AppKey.Kind kind, String name) {
    return app.keys().stream()
        .filter(key -> key.getKind() == kind && key.getName().equals(name))
        .findFirst();
  }

  private static Response list(App app) {
    ObjectNode answer = Json.object();
    ArrayNode keys = answer.putArray("keys");
    app.keys().forEach(key -> keys.add(write(key)));
    return Answers.json(200, answer);
  }

  /// A key without its secrets.
  private static ObjectNode write(AppKey key) {
    ObjectNode json =
        Json.object().put("kind", KeyFields.text(key.getKind())).put("name", key.getName());
    if (key.getKind() == AppKey.Kind.API_KEY) {
      json.put("role", KeyFields.text(key.getRole()));
    }
    if (key.getKind() == AppKey.Kind.VOLCENGINE_ACCESS_KEY) {
      json.put("hasSessionToken", !key.getSessionToken().isEmpty())
          .put("dailyBroadcasts", key.getDailyBroadcasts());
      key.getActionsList().forEach(json.putArray("actions")::add);
    }
    if (key.getNotAfter() != 0) {
      json.put("notAfter", Instant.ofEpochMilli(key.getNotAfter()).toString());
    }
    return json.put("disabled", key.getDisabled())
        .put("createdAt", Instant.ofEpochMilli(key.getCreated()).toString());
  }

  private Response add(Call call) {
    Fields body =
        call.body()
            .only(
                Set.of(
                    "kind",
                    "name",
                    "secret",
                    "role",
                    "sessionToken",
                    "dailyBroadcasts",
                    "actions",
                    "notAfter"));
    AppKey.Builder key = new KeyFields(mint).read(body);
    if (key.getKind() == AppKey.Kind.VOLCENGINE_ACCESS_KEY) {
      long usual = call.app().limits().getAccessKeyDailyBroadcasts();
      key.setDailyBroadcasts(budget(body, usual));
    }
    refuseForeign(body, key.getKind());
    if (call.app().keys().size() >= MOST_KEYS) {
      throw Problem.of(422, "too_many_keys", "an app may have " + MOST_KEYS + " keys").raise();
    }
    AddKey command = AddKey.newBuilder().setKey(key).build();
    Outcomes.require(journal.propose(call.command().setAddKey(command).build()));
    App app = replica.tenants().byNumber(call.app().number()).orElseThrow();
    ObjectNode answer = write(find(app, key.getKind(), key.getName()).orElse(key.build()));
    answer.put("secret", key.getSecret());
    return Answers.json(201, answer);
  }

  private static int budget(Fields body, long absent) {
    return (int) body.number("dailyBroadcasts", 0, MOST_DAILY_BROADCASTS, absent);
  }

  /// A field that another kind of key has must not be ignored.
  private static void refuseForeign(Fields body, AppKey.Kind kind) {
    if (kind != AppKey.Kind.API_KEY && body.has("role")) {
      throw Problem.invalid(body.at("role"), "is for api-key alone").raise();
    }
    for (String name : Set.of("sessionToken", "dailyBroadcasts", "actions")) {
      if (kind != AppKey.Kind.VOLCENGINE_ACCESS_KEY && body.has(name)) {
        throw Problem.invalid(body.at(name), "is for volcengine-access-key alone").raise();
      }
    }
  }

  private Response change(Call call, AppKey key) {
    requireSole(call, key);
    Fields body = call.body().only(Set.of("disabled", "notAfter", "dailyBroadcasts", "actions"));
    refuseForeign(body, key.getKind());
    ChangeKey.Builder change = ChangeKey.newBuilder().setKind(key.getKind()).setName(key.getName());
    if (body.has("disabled")) {
      change.setDisabled(body.flag("disabled", false));
    }
    if (body.isNull("notAfter")) {
      change.setNotAfter(0);
    } else {
      KeyFields.notAfter(body).ifPresent(change::setNotAfter);
    }
    if (body.has("dailyBroadcasts")) {
      change.setDailyBroadcasts(budget(body, 0));
    }
    if (body.has("actions")) {
      change.setActions(Actions.newBuilder().addAllNames(KeyFields.actions(body)));
    }
    Outcomes.require(journal.propose(call.command().setChangeKey(change).build()));
    App app = replica.tenants().byNumber(call.app().number()).orElseThrow();
    return Answers.json(200, write(find(app, key.getKind(), key.getName()).orElse(key)));
  }

  /// What one app's owner does to an access key must not reach other apps.
  private void requireSole(Call call, AppKey key) {
    boolean shared =
        key.getKind() == AppKey.Kind.VOLCENGINE_ACCESS_KEY
            && replica
                .tenants()
                .accessKeyEvenUnusable(key.getName())
                .map(AccessKey::apps)
                .filter(apps -> apps.size() > 1)
                .isPresent();
    if (shared && !(call.caller() instanceof Caller.Admin)) {
      throw Problem.of(403, "forbidden", "the key owns other apps too: the admin key is needed")
          .raise();
    }
  }

  private Response remove(Call call, AppKey key) {
    RemoveKey command =
        RemoveKey.newBuilder().setKind(key.getKind()).setName(key.getName()).build();
    Outcomes.require(journal.propose(call.command().setRemoveKey(command).build()));
    return Answers.empty();
  }
}
