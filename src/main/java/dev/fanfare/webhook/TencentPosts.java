package dev.fanfare.webhook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.fanfare.app.App;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.member.Members;
import dev.fanfare.schema.EventRecord;
import dev.fanfare.schema.ReceiptEvent;
import dev.fanfare.store.BitmapBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Says receipts as Tencent's callback `Push.AllMemberPush`: `{"Events": […]}`, at most
/// [#EVENTS_IN_REQUEST] in one, each about one account. Other events have no place in it.
///
/// Everything is an online push, whose vendor is 0.
///
/// @param broadcasts read as they are now
/// @param members turn ordinals into ids
/// @param tasks name broadcasts
record TencentPosts(Broadcasts broadcasts, Members members, Function<Broadcast, PushTask> tasks)
    implements Posts {
  static final int EVENTS_IN_REQUEST = 100;
  static final String COMMAND = "Push.AllMemberPush";
  private static final int ONLINE_PUSH = 2;

  /// How far a push came with an account.
  private enum Stage {
    SENT(1),
    DELIVERED(2),
    CLICKED(3);

    private final int code;

    Stage(int code) {
      this.code = code;
    }
  }

  /// What the events of one request share.
  private record Subject(PushTask task, long taskSeconds, long seconds) {}

  @Override
  public List<Post> of(App app, Webhooks.Event event) {
    EventRecord record = event.record();
    Optional<Broadcast> broadcast = broadcasts.find(record.getBroadcast());
    if (broadcast.isEmpty() || !record.hasReceipt()) {
      return List.of();
    }
    Broadcast sent = broadcast.get();
    Subject subject =
        new Subject(
            tasks.apply(sent),
            Math.floorDiv(sent.started(), 1_000L),
            Math.floorDiv(record.getTime(), 1_000L));
    List<Post> posts = new ArrayList<>();
    ReceiptEvent receipt = record.getReceipt();
    for (Stage stage : Stage.values()) {
      for (List<String> accounts : Posts.pages(accounts(sent, receipt, stage), EVENTS_IN_REQUEST)) {
        String id =
            "%s_callback_%d_%d_%d"
                .formatted(sent.id(), event.key().offset(), event.key().part(), posts.size());
        posts.add(new Post(id, query(app), () -> body(subject, stage, accounts)));
      }
    }
    return posts;
  }

  private List<String> accounts(Broadcast sent, ReceiptEvent receipt, Stage stage) {
    ByteString bits =
        switch (stage) {
          case SENT -> receipt.getReached();
          case DELIVERED -> receipt.getDelivered();
          case CLICKED -> receipt.getRead();
        };
    return members.ids(sent.app(), receipt.getChunk(), BitmapBytes.parse(bits.toByteArray()));
  }

  private static String query(App app) {
    return "SdkAppid="
        + app.tencentSdkAppId()
        + "&CallbackCommand="
        + COMMAND
        + "&contenttype=json";
  }

  private static byte[] body(Subject subject, Stage stage, List<String> accounts) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode events = body.putArray("Events");
    for (String account : accounts) {
      ObjectNode event = events.addObject();
      event
          .put("CallbackCommand", COMMAND)
          .put("EventType", ONLINE_PUSH)
          .put("TaskId", subject.task().id())
          .put("TaskTime", subject.taskSeconds())
          .put("EventTime", subject.seconds())
          .put("To_Account", account)
          .put("PushPlatform", 0)
          .put("PushStage", stage.code)
          .put("ErrCode", 0)
          .put("ErrInfo", "OK");
      subject.task().dataId().ifPresent(dataId -> event.put("DataId", dataId));
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// One event of a task that is none, for an account that is none.
  @Override
  public Post test(App app, String id, Instant now) {
    long seconds = now.getEpochSecond();
    Subject subject = new Subject(new PushTask(id, Optional.empty()), seconds, seconds);
    return new Post(id, query(app), () -> body(subject, Stage.SENT, List.of("test")));
  }
}
