package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.app.Mint;
import dev.fanfare.app.Network;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Administrators;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.Networks;
import dev.fanfare.schema.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The calls about apps themselves. What changes an app is for the admin.
///
/// @param profile of apps that are made without saying one
record AppCalls(Replica replica, Journal journal, Mint mint, LimitsProfile profile) {
  private static final int MOST_ACCESS_KEYS = 20;
  private static final int MOST_ADMINISTRATORS = 100;
  private static final int ADMINISTRATOR_BYTES = 64;
  private static final int MOST_CALLERS = 100;
  private static final int NETWORK_BYTES = 64;
  private static final long MOST_SDK_APP_ID = 0xFFFF_FFFFL;

  List<Operation> operations() {
    return List.of(
        Operation.inCell(
                "GET",
                "/v1/apps",
                this::list,
                Description.of("Lists the apps that the key may enter.").answers(200, "Apps"))
            .allows(Access.ALL),
        Operation.inCell(
            "POST",
            "/v1/apps",
            this::create,
            Description.of("Makes an app. Secrets are shown this once.")
                .takes("NewApp", "{'id': 'shop', 'volcengine': {'appId': 123456}}")
                .answers(201, "App")),
        Operation.inApp(
                "GET",
                "",
                call -> Answers.json(200, AppJson.write(call.app())),
                Description.of("Shows an app without its secrets.").answers(200, "App"))
            .allows(Access.ALL),
        Operation.inApp(
                "PATCH",
                "",
                this::change,
                Description.of("Changes what is given.")
                    .takes("AppChange", "{'tencent': {'administrators': ['administrator']}}")
                    .answers(200, "App"))
            .allows(Access.ADMIN),
        Operation.inApp(
                "GET",
                "/limits",
                call -> Answers.json(200, LimitsJson.described(call.app().limits())),
                Description.of("Shows the limits, the default and documented value beside each.")
                    .answers(200, "Limits"))
            .allows(Access.ALL),
        Operation.inApp(
                "PATCH",
                "/limits",
                this::changeLimits,
                Description.of("Changes the limits that are given.")
                    .takes("LimitsChange", "{'robots': 100, 'rates': {'RegisterUsers': 60}}")
                    .answers(200, "Limits"))
            .allows(Access.ADMIN));
  }

  private Response list(CellCall call) {
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("apps");
    replica.tenants().all().stream()
        .filter(app -> call.caller().mayEnter(app))
        .sorted(Comparator.comparing(App::id))
        .forEach(app -> list.add(AppJson.write(app)));
    return Answers.json(200, answer);
  }

  /// Makes an app. 201 with it and its secrets, which are not shown again.
  private Response create(CellCall call) {
    Fields body =
        call.body().only(Set.of("id", "volcengine", "tencent", "limitsProfile", "origins"));
    String id = Fields.text(body.required("id"), body.at("id"), 1, 40);
    if (!id.matches("[a-z0-9-]*[a-z-][a-z0-9-]*")) {
      String rule = "has to be 1 to 40 of a-z, 0-9 and -, and not digits alone";
      throw Problem.invalid(body.at("id"), rule).raise();
    }
    Limits limits = limitsProfile(body).orElse(profile).limits();
    CreateApp.Builder created = CreateApp.newBuilder().setId(id).setLimits(limits);
    created.addKeys(own(AppKey.Kind.API_KEY).setRole(Role.OWNER));
    created.addKeys(own(AppKey.Kind.DEVICE_KEY));
    if (!body.isNull("volcengine")) {
      volcengine(section(body, "volcengine"), created);
    }
    if (!body.isNull("tencent")) {
      tencent(section(body, "tencent"), created);
    }
    if (body.has("origins")) {
      created.addAllOrigins(Origins.read(body));
    }
    CreateApp command = created.build();
    Outcomes.require(journal.propose(call.command().setCreateApp(command).build()));
    App app = replica.tenants().byId(id).orElseThrow();
    return Answers.json(201, AppJson.write(app, command));
  }

  private AppKey.Builder own(AppKey.Kind kind) {
    return AppKey.newBuilder().setKind(kind).setName("default").setSecret(mint.secret(kind));
  }

  private static Fields section(Fields body, String name) {
    return body.has(name) ? body.object(name) : new Fields(Json.object(), body.at(name));
  }

  private void volcengine(Fields body, CreateApp.Builder created) {
    body.only(Set.of("appId", "accessKeys"));
    created.setVolcengineAppId(volcengineAppId(body, mint.vendorNumber()));
    List<JsonNode> keys =
        body.has("accessKeys")
            ? body.array("accessKeys", MOST_ACCESS_KEYS)
            : List.of(Json.object());
    for (int i = 0; i < keys.size(); i++) {
      Fields key =
          Fields.object(keys.get(i), body.at("accessKeys") + "/" + i)
              .only(Set.of("accessKey", "secretKey", "sessionToken"));
      AppKey.Builder added =
          AppKey.newBuilder().setDailyBroadcasts(created.getLimits().getAccessKeyDailyBroadcasts());
      KeyFields fields = new KeyFields(mint);
      fields.accessKey(key, "accessKey", "secretKey", added);
      fields.sessionToken(key, added);
      created.addKeys(added);
    }
  }

  private void tencent(Fields body, CreateApp.Builder created) {
    body.only(Set.of("sdkAppId", "secretKey", "administrators", "callers"));
    created
        .addAllTencentCallers(body.has("callers") ? callers(body) : List.of())
        .setTencentSdkAppId(tencentSdkAppId(body, mint.vendorNumber()))
        .addAllTencentAdministrators(
            body.has("administrators") ? administrators(body) : List.of("administrator"))
        .addKeys(
            AppKey.newBuilder()
                .setKind(AppKey.Kind.TENCENT_SECRET)
                .setName("default")
                .setSecret(
                    new KeyFields(mint).secret(body, "secretKey", AppKey.Kind.TENCENT_SECRET)));
  }

  private static long volcengineAppId(Fields body, long absent) {
    return body.number("appId", 1, Integer.MAX_VALUE, absent);
  }

  private static long tencentSdkAppId(Fields body, long absent) {
    return body.number("sdkAppId", 1, MOST_SDK_APP_ID, absent);
  }

  private static List<String> administrators(Fields body) {
    return body.texts("administrators", MOST_ADMINISTRATORS, ADMINISTRATOR_BYTES);
  }

  private static List<String> callers(Fields body) {
    List<String> networks = body.texts("callers", MOST_CALLERS, NETWORK_BYTES);
    if (!networks.stream().allMatch(network -> Network.parse(network).isPresent())) {
      String rule = "has to hold IP addresses and networks, such as 10.0.0.0/8";
      throw Problem.invalid(body.at("callers"), rule).raise();
    }
    return networks;
  }

  private static Optional<LimitsProfile> limitsProfile(Fields body) {
    if (!body.has("limitsProfile")) {
      return Optional.empty();
    }
    String name = body.text("limitsProfile", 1, 64);
    return Optional.of(
        LimitsProfile.named(name)
            .orElseThrow(() ->
                Problem.invalid(body.at("limitsProfile"), "has to be documented, strict or open")
                    .raise()));
  }

  private Response change(Call call) {
    Fields body =
        call.body().only(Set.of("disabled", "volcengine", "tencent", "limitsProfile", "origins"));
    ChangeApp.Builder change = ChangeApp.newBuilder();
    if (body.has("disabled")) {
      change.setDisabled(body.flag("disabled", false));
    }
    if (body.has("volcengine")) {
      Fields volcengine = body.object("volcengine").only(Set.of("appId"));
      if (volcengine.has("appId")) {
        change.setVolcengineAppId(volcengineAppId(volcengine, 0));
      }
    }
    if (body.has("tencent")) {
      Fields tencent = body.object("tencent").only(Set.of("sdkAppId", "administrators", "callers"));
      if (tencent.has("sdkAppId")) {
        change.setTencentSdkAppId(tencentSdkAppId(tencent, 0));
      }
      if (tencent.has("administrators")) {
        change.setTencentAdministrators(
            Administrators.newBuilder().addAllNames(administrators(tencent)));
      }
      if (tencent.has("callers")) {
        change.setTencentCallers(Networks.newBuilder().addAllNetworks(callers(tencent)));
      }
    }
    limitsProfile(body).ifPresent(chosen -> change.setLimits(chosen.limits()));
    if (body.has("origins")) {
      change.setOrigins(dev.fanfare.schema.Origins.newBuilder().addAllValues(Origins.read(body)));
    }
    Outcomes.require(journal.propose(call.command().setChangeApp(change).build()));
    return Answers.json(200, AppJson.write(committed(call)));
  }

  private Response changeLimits(Call call) {
    var change = LimitsJson.read(call.body());
    Outcomes.require(journal.propose(call.command().setChangeLimits(change).build()));
    return Answers.json(200, LimitsJson.described(committed(call).limits()));
  }

  private App committed(Call call) {
    return replica.tenants().byNumber(call.app().number()).orElseThrow();
  }
}
