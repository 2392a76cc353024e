package dev.fanfare.api;

import com.google.protobuf.ByteString;
import dev.fanfare.app.Caller;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.StartBroadcast;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The call that sends.
record SendCall(Replica replica, Journal journal, RandomGenerator random, AudienceCalls audiences) {
  private static final Set<String> FIELDS =
      Set.of("audience", "message", "from", "ttlSeconds", "startAt", "pacePerSecond", "dryRun");

  /// Sends. 201 with the broadcast, or 200 with the earlier one when this repeats it.
  Response send(Call call) {
    Fields body = call.body().only(FIELDS);
    Audience audience = AudienceBody.parse(body);
    StartBroadcast.Builder start = start(call, body);
    idempotencyKey(call).ifPresent(start::addDuplicateKeys);
    if (body.flag("dryRun", false)) {
      AudienceBody.read(body, call.app());
      return Answers.json(200, audiences.count(call, audience, 0).put("dryRun", true));
    }
    start.setAudience(AudienceSchema.encode(audience));
    return switch (journal.propose(call.command().setStartBroadcast(start).build())) {
      case Outcome.Started(String id, boolean repeated) -> show(call, id, repeated ? 200 : 201);
      case Outcome.Refused(Refusal.UnknownAttribute(String name)) ->
          throw AudienceBody.unknownAttribute(body, name);
      case Outcome.Refused(var refusal) -> throw Problem.of(refusal).raise();
      case Outcome.Done _, Outcome.Members _ ->
          throw new IllegalStateException("not an outcome of a start");
    };
  }

  private Response show(Call call, String id, int status) {
    return replica
        .broadcast(call.app(), id)
        .map(sent -> Answers.json(status, BroadcastJson.write(sent, replica)))
        .orElseThrow(() -> new IllegalStateException("an accepted broadcast is there"));
  }

  private StartBroadcast.Builder start(Call call, Fields body) {
    body.required("message");
    return StartBroadcast.newBuilder()
        .setId(newId())
        .setPivot(replica.broadcasts().pivot(call.app().number(), random))
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
