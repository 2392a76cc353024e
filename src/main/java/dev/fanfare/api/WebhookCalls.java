package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Mint;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.RemoveWebhook;
import dev.fanfare.schema.WebhookFormat;
import dev.fanfare.schema.WebhookRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.webhook.Signing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The calls about an app's webhooks: for its owner and the admin.
///
/// @param hooks the deliveries of this node tell how requests went, and send tests
record WebhookCalls(NativeFace.Hooks hooks, Journal journal, Mint mint) {
  private static final Map<String, EventKind> EVENTS =
      new TreeMap<>(
          Map.of(
              "life", EventKind.LIFE,
              "receipts", EventKind.RECEIPT,
              "unreached", EventKind.UNREACHED));
  private static final Map<String, WebhookFormat> FORMATS =
      new TreeMap<>(
          Map.of(
              "standard", WebhookFormat.STANDARD_WEBHOOK,
              "tencent", WebhookFormat.TENCENT_WEBHOOK));

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
            "GET",
            "/webhooks",
            this::list,
            Description.of("Lists webhooks, how their last event went, and what is pending.")
                .answers(200, "Webhooks")),
        Operation.inApp(
            "POST",
            "/webhooks",
            this::add,
            Description.of("Adds a webhook. Its secret is in this answer and in no other.")
                .takes("NewWebhook", "{'url': 'https://93.184.216.34/hook', 'events': ['life']}")
                .answers(201, "Webhook")),
        Operation.inApp(
            "DELETE", "/webhooks/{webhook}", this::remove, Description.of("Removes a webhook.")),
        Operation.inApp(
            "POST",
            "/webhooks/{webhook}:test",
            this::test,
            Description.of("Posts a test to a webhook now and says how that went.")
                .answers(200, "WebhookTest")));
  }

  private Response list(Call call) {
    WebhooksRecord record = hooks.webhooks().of(call.app().number());
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("webhooks");
    record.getWebhooksList().forEach(webhook -> list.add(write(call, webhook)));
    answer.put("pendingEvents", record.getPending()).put("lostEvents", record.getLost());
    return Answers.json(200, answer);
  }

  /// A webhook without its secret.
  private ObjectNode write(Call call, WebhookRecord webhook) {
    AddWebhook settings = webhook.getSettings();
    ObjectNode json = Json.object().put("id", settings.getId()).put("url", settings.getUrl());
    FORMATS.forEach((name, format) -> {
      if (settings.getFormat() == format) {
        json.put("format", name);
      }
    });
    ArrayNode events = json.putArray("events");
    EVENTS.forEach((name, kind) -> {
      if (settings.getEventsList().contains(kind)) {
        events.add(name);
      }
    });
    json.put("createdAt", Instant.ofEpochMilli(webhook.getCreated()).toString());
    hooks
        .deliveries()
        .status(call.app(), settings.getId())
        .ifPresent(status -> {
          ObjectNode last = json.putObject("lastResult");
          last.put("at", status.at().toString()).put("ok", status.error().isEmpty());
          status.error().ifPresent(error -> last.put("error", error));
          last.put("failuresInARow", status.failures());
        });
    return json;
  }

  private Response add(Call call) {
    Fields body = call.body().only(Set.of("url", "events", "format", "token"));
    String url = Fields.text(body.required("url"), body.at("url"), 1, 2_000);
    hooks
        .targets()
        .complaint(url)
        .ifPresent(complaint -> {
          throw Problem.invalid(body.at("url"), complaint).raise();
        });
    WebhookFormat format = format(body);
    AddWebhook added =
        AddWebhook.newBuilder()
            .setId("wh-" + mint.text(12))
            .setUrl(url)
            .setSecret(Signing.secret(mint.random()))
            .addAllEvents(format == WebhookFormat.TENCENT_WEBHOOK ? receipts(body) : events(body))
            .setFormat(format)
            .setToken(token(body, format))
            .build();
    Outcomes.require(journal.propose(call.command().setAddWebhook(added).build()));
    ObjectNode answer = write(call, find(call, added.getId()));
    return Answers.json(201, answer.put("secret", added.getSecret()));
  }

  private static WebhookFormat format(Fields body) {
    String name = body.has("format") ? body.text("format", 1, 64) : "standard";
    WebhookFormat format = FORMATS.get(name);
    if (format == null) {
      String all = String.join(", ", FORMATS.keySet());
      throw Problem.invalid(body.at("format"), "has to be one of " + all).raise();
    }
    return format;
  }

  private static String token(Fields body, WebhookFormat format) {
    if (!body.has("token")) {
      return "";
    }
    if (format != WebhookFormat.TENCENT_WEBHOOK) {
      throw Problem.invalid(body.at("token"), "is of the format tencent alone").raise();
    }
    return body.text("token", 1, 128);
  }

  /// The events of the format tencent, which has no others.
  private static List<EventKind> receipts(Fields body) {
    List<EventKind> receipts = List.of(EventKind.RECEIPT);
    if (body.has("events") && !events(body).equals(receipts)) {
      throw Problem.invalid(body.at("events"), "can be receipts alone in this format").raise();
    }
    return receipts;
  }

  private static List<EventKind> events(Fields body) {
    if (!body.has("events")) {
      return List.of(EventKind.LIFE, EventKind.RECEIPT, EventKind.UNREACHED);
    }
    List<EventKind> events = new ArrayList<>();
    for (String name : body.texts("events", EVENTS.size(), 64)) {
      EventKind kind = EVENTS.get(name);
      if (kind == null) {
        String all = String.join(", ", EVENTS.keySet());
        throw Problem.invalid(body.at("events"), "has to be some of " + all).raise();
      }
      events.add(kind);
    }
    if (events.isEmpty()) {
      throw Problem.invalid(body.at("events"), "has to name an event").raise();
    }
    return events.stream().sorted().toList();
  }

  private Response remove(Call call) {
    String id = call.parameter("webhook");
    find(call, id);
    RemoveWebhook removed = RemoveWebhook.newBuilder().setId(id).build();
    Outcomes.require(journal.propose(call.command().setRemoveWebhook(removed).build()));
    return Answers.empty();
  }

  private Response test(Call call) {
    WebhookRecord webhook = find(call, call.parameter("webhook"));
    Optional<String> error = hooks.deliveries().test(call.app(), webhook, "test-" + mint.text(16));
    ObjectNode answer = Json.object().put("ok", error.isEmpty());
    error.ifPresent(text -> answer.put("error", text));
    return Answers.json(200, answer);
  }

  private WebhookRecord find(Call call, String id) {
    return hooks.webhooks().of(call.app().number()).getWebhooksList().stream()
        .filter(webhook -> webhook.getSettings().getId().equals(id))
        .findFirst()
        .orElseThrow(() -> Problem.of(404, "webhook_not_found", "no webhook has this id").raise());
  }
}
