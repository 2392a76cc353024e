package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.fanfare.app.Caller;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.Role;
import dev.fanfare.schema.StartBroadcast;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The calls that count audiences and send to them.
record BroadcastCalls(Replica replica, Journal journal, RandomGenerator random) {
  private static final Set<String> FIELDS =
      Set.of("audience", "message", "from", "ttlSeconds", "startAt", "pacePerSecond", "dryRun");

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "POST",
                "/audience:count",
                this::count,
                Description.of("Counts who an audience selects now, exactly, with a sample of ids.")
                    .takes("CountRequest", "{'audience': 'tag:vip and not city=ny', 'sample': 10}")
                    .answers(200, "Count"))
            .allows(Access.of(Role.SENDER, Role.READER)),
        Operation.inApp(
                "POST",
                "/broadcasts",
                this::send,
                Description.of(
                        "Sends to an audience. 200 with the earlier broadcast when the call repeats"
                            + " one, 200 with a count when it is a dry run.")
                    .header("Idempotency-Key", "1 to 255 visible ASCII characters, kept 7 days")
                    .takes(
                        "NewBroadcast",
                        "{'audience': {'tag': 'vip'}, 'message': {'body': {'text': 'hello'}}}")
                    .answers(201, "Broadcast"))
            .allows(Access.of(Role.SENDER)),
        Operation.inApp(
                "GET",
                "/broadcasts/{broadcast}",
                call -> show(call, call.parameter("broadcast"), 200),
                Description.of("Shows a broadcast of any dialect; its counters are exact.")
                    .answers(200, "Broadcast"))
            .allows(Access.of(Role.SENDER, Role.READER)));
  }

  /// How many an audience selects now, with a sample of their ids.
  Response count(Call call) {
    Fields body = call.body().only(Set.of("audience", "sample"));
    int sample = (int) body.number("sample", 0, ApiLimits.SAMPLE, 0);
    return Answers.json(200, count(call, AudienceBody.read(body, call.app()), sample));
  }

  private ObjectNode count(Call call, Audience audience, int sample) {
    Replica.Count count = replica.count(call.app(), audience, sample);
    ObjectNode answer = Json.object().put("matched", count.matched());
    ArrayNode ids = answer.putArray("sample");
    count.sample().forEach(ids::add);
    return answer
        .put("position", count.position().toString())
        .put("text", AudienceText.print(audience));
  }

  private Response show(Call call, String id, int status) {
    return replica
        .broadcast(call.app(), id)
        .map(found -> BroadcastJson.write(found, replica.position().epoch()))
        .map(json -> Answers.json(status, json))
        .orElseThrow(() -> Problem.broadcastNotFound().raise());
  }

  /// Sends. 201 with the broadcast, or 200 with the earlier one when this repeats it.
  Response send(Call call) {
    Fields body = call.body().only(FIELDS);
    Audience audience = AudienceBody.read(body, call.app());
    StartBroadcast.Builder start = start(call, body);
    idempotencyKey(call).ifPresent(start::addDuplicateKeys);
    if (body.flag("dryRun", false)) {
      return Answers.json(200, count(call, audience, 0).put("dryRun", true));
    }
    start.setAudience(AudienceSchema.encode(audience));
    if (start.getPace() > 0) {
      start.setPivot(pivot(call));
    }
    return switch (journal.propose(call.command().setStartBroadcast(start).build())) {
      case Outcome.Started(String id, boolean repeated) -> show(call, id, repeated ? 200 : 201);
      case Outcome.Refused(var refusal) -> throw Problem.of(refusal).raise();
      case Outcome.Done _, Outcome.Members _ ->
          throw new IllegalStateException("not an outcome of a start");
    };
  }

  private StartBroadcast.Builder start(Call call, Fields body) {
    body.required("message");
    return StartBroadcast.newBuilder()
        .setId(newId())
        .setFormat(Format.NATIVE)
        .setMessage(message(body.object("message"), call.app().limits().getMessageBytes()))
        .setSender(
            body.has("from") ? body.text("from", 1, ApiLimits.SENDER_BYTES) : sender(call.caller()))
        .setLifetimeSeconds(
            body.number("ttlSeconds", 0, ApiLimits.TTL_SECONDS, ApiLimits.DEFAULT_TTL_SECONDS))
        .setStartAt(body.time("startAt").orElse(0L))
        .setPace((int) body.number("pacePerSecond", 1, ApiLimits.PACE_PER_SECOND, 0));
  }

  private static String sender(Caller caller) {
    return switch (caller) {
      case Caller.Admin admin -> admin.name();
      case Caller.AppKey key -> key.name();
    };
  }

  private static ByteString message(Fields message, int mostBytes) {
    message.only(Set.of("body", "ext"));
    message.required("body");
    if (message.has("ext")) {
      message.object("ext");
    }
    byte[] bytes = Json.write(message.node());
    if (bytes.length > mostBytes) {
      throw new Problem(
              413,
              "message_too_large",
              "a message may have " + mostBytes + " bytes",
              message.pointer())
          .raise();
    }
    return ByteString.copyFrom(bytes);
  }

  /// A random place among the members, so that it is not always the same ones who wait longest.
  private int pivot(Call call) {
    return random.nextInt(1 + replica.count(call.app(), new Audience.Everyone(), 0).matched());
  }

  private String newId() {
    byte[] bytes = new byte[12];
    random.nextBytes(bytes);
    return "b-" + HexFormat.of().formatHex(bytes);
  }

  private static Optional<DuplicateKey> idempotencyKey(Call call) {
    Request request = call.request();
    return request
        .header("Idempotency-Key")
        .map(key -> {
          requireVisible(key);
          return DuplicateKey.newBuilder()
              .setKind(DuplicateKey.Kind.IDEMPOTENCY)
              .setKey(sha256((call.app().id() + "\n" + key).getBytes(StandardCharsets.UTF_8)))
              .setBody(sha256(request.body()))
              .build();
        });
  }

  private static void requireVisible(String key) {
    boolean good =
        !key.isEmpty()
            && key.length() <= ApiLimits.IDEMPOTENCY_KEY_CHARACTERS
            && key.chars().allMatch(c -> c > ' ' && c < 0x7F);
    if (!good) {
      throw Problem.of(
              400,
              "invalid_idempotency_key",
              "an Idempotency-Key has 1 to 255 visible ASCII characters")
          .raise();
    }
  }

  private static ByteString sha256(byte[] bytes) {
    try {
      return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
