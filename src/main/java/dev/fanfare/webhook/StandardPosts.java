package dev.fanfare.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.fanfare.app.App;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.json.ExactJson;
import dev.fanfare.member.Members;
import dev.fanfare.schema.EventRecord;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.LifeEvent;
import dev.fanfare.schema.ReceiptEvent;
import dev.fanfare.schema.UnreachedEvent;
import dev.fanfare.store.BitmapBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Says events as Standard Webhooks has them: `{"type", "timestamp", "data"}`, member ids at most
/// [#IDS_IN_REQUEST] in one.
///
/// @param broadcasts read as they are now
/// @param members turn ordinals into ids
record StandardPosts(Broadcasts broadcasts, Members members) implements Posts {
  static final int IDS_IN_REQUEST = 10_000;

  private record Subject(String app, Broadcast broadcast, Webhooks.Event event) {}

  @Override
  public List<Post> of(App app, Webhooks.Event event) {
    Optional<Broadcast> broadcast = broadcasts.find(event.record().getBroadcast());
    if (broadcast.isEmpty()) {
      return List.of();
    }
    Subject subject = new Subject(app.id(), broadcast.get(), event);
    EventRecord record = event.record();
    return switch (record.getKindCase()) {
      case LIFE -> List.of(life(subject, record.getLife()));
      case RECEIPT -> receipts(subject, record.getReceipt());
      case UNREACHED -> unreached(subject, record.getUnreached());
      case KIND_NOT_SET -> throw new IllegalStateException("an event of no kind");
    };
  }

  private static Post life(Subject subject, LifeEvent life) {
    ObjectNode data = data(subject);
    String state = life.getState().name().toLowerCase(Locale.ROOT);
    data.put("state", state)
        .put("recipients", life.getRecipients())
        .put("released", life.getReleased())
        .put("reached", life.getReached())
        .put("delivered", life.getDelivered())
        .put("read", life.getRead());
    return post(subject, state, 0, data);
  }

  private List<Post> receipts(Subject subject, ReceiptEvent receipt) {
    List<Post> posts = new ArrayList<>();
    int chunk = receipt.getChunk();
    pages(subject, chunk, receipt.getReached())
        .forEach(ids -> posts.add(receipt(subject, posts.size(), "reached", ids)));
    pages(subject, chunk, receipt.getDelivered())
        .forEach(ids -> posts.add(receipt(subject, posts.size(), "delivered", ids)));
    pages(subject, chunk, receipt.getRead())
        .forEach(ids -> posts.add(receipt(subject, posts.size(), "read", ids)));
    return posts;
  }

  private static Post receipt(Subject subject, int page, String status, List<String> ids) {
    ObjectNode data = data(subject).put("status", status);
    ids.forEach(data.putArray("members")::add);
    return post(subject, "receipts", page, data);
  }

  private List<Post> unreached(Subject subject, UnreachedEvent unreached) {
    JsonNode info = offlinePushInfo(subject.broadcast());
    if (info.path("PushFlag").asInt() == 1) {
      return List.of();
    }
    List<Post> posts = new ArrayList<>();
    for (List<String> ids : pages(subject, unreached.getChunk(), unreached.getMembers())) {
      ObjectNode data = data(subject).put("slice", unreached.getSlice());
      if (info.isObject()) {
        data.set("offlinePushInfo", info);
      }
      ids.forEach(data.putArray("members")::add);
      posts.add(post(subject, "unreached", posts.size(), data));
    }
    return posts;
  }

  /// What a push said about those who are away, as it said it.
  private static JsonNode offlinePushInfo(Broadcast broadcast) {
    if (broadcast.format() != Format.TENCENT) {
      return JsonNodeFactory.instance.missingNode();
    }
    try {
      return ExactJson.STORED.readTree(broadcast.message()).path("OfflinePushInfo");
    } catch (IOException e) {
      throw new IllegalStateException("a stored message is damaged", e);
    }
  }

  private List<List<String>> pages(Subject subject, int chunk, ByteString bitmap) {
    List<String> ids =
        members.ids(subject.broadcast().app(), chunk, BitmapBytes.parse(bitmap.toByteArray()));
    return Posts.pages(ids, IDS_IN_REQUEST);
  }

  private static ObjectNode data(Subject subject) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("app", subject.app())
        .put("broadcast", subject.broadcast().id());
  }

  private static Post post(Subject subject, String what, int page, ObjectNode data) {
    EventKey key = subject.event().key();
    String id =
        "%s_%s_%d_%d_%d".formatted(subject.broadcast().id(), what, key.offset(), key.part(), page);
    Instant time = Instant.ofEpochMilli(subject.event().record().getTime());
    return new Post(id, "", () -> body("broadcast." + what, time, data));
  }

  @Override
  public Post test(App app, String id, Instant now) {
    ObjectNode data = JsonNodeFactory.instance.objectNode().put("app", app.id());
    return new Post(id, "", () -> body("webhook.test", now, data));
  }

  private static byte[] body(String type, Instant time, ObjectNode data) {
    ObjectNode body =
        JsonNodeFactory.instance.objectNode().put("type", type).put("timestamp", time.toString());
    try {
      return ExactJson.STORED
          .writeValueAsString(body.set("data", data))
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is JSON", e);
    }
  }
}
