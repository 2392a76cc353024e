package dev.fanfare.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fanfare.app.Cell;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.journal.Position;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Encodes what devices are told. A notice is encoded once per node and shared by all sessions,
/// live or catching up; the most recent stay cached, in at most 32 MB. Any thread.
final class Frames {
  private static final long CACHED_BYTES = 32L << 20;
  private static final int ENTRY_BYTES = 200;
  private static final int MAX_UNRENDERABLE = 10_000;
  private static final Logger log = LoggerFactory.getLogger(Frames.class);
  private static final JsonFactory JSON = new JsonFactory();

  /// Numbers of broadcasts whose messages cannot be rendered: their state is frozen, so it stays
  /// so.
  private final Set<Long> unrenderable = ConcurrentHashMap.newKeySet();

  private final Replica replica;
  private final Map<Format, MessageForm> forms;
  private final Cache<Long, Frame> cache =
      Caffeine.newBuilder()
          .maximumWeight(CACHED_BYTES)
          .weigher((Long _, Frame frame) -> ENTRY_BYTES + frame.occupies())
          .build();

  Frames(Replica replica, Map<Format, MessageForm> forms) {
    this.replica = replica;
    this.forms = forms;
  }

  /// The frame of a notice; empty when its broadcast is gone meanwhile, and when its message cannot
  /// be rendered: nobody ever gets that one, and nobody waits for it.
  Optional<Frame> of(Notice notice) {
    Optional<Frame> frame = Optional.ofNullable(cache.getIfPresent(notice.offset()));
    if (frame.isEmpty() && !unrenderable.contains(notice.broadcast())) {
      frame = replica.broadcasts().find(notice.broadcast()).flatMap(found -> render(notice, found));
      frame.ifPresent(encoded -> cache.put(notice.offset(), encoded));
    }
    return frame;
  }

  /// How many broadcasts were left out because their messages cannot be rendered.
  int unrenderable() {
    return unrenderable.size();
  }

  private Optional<Frame> render(Notice notice, Broadcast broadcast) {
    try {
      return Optional.of(encode(notice, broadcast));
    } catch (RuntimeException e) {
      if (unrenderable.size() < MAX_UNRENDERABLE && unrenderable.add(broadcast.number())) {
        log.error("broadcast {} cannot be rendered; devices do not get it", broadcast.id(), e);
      }
      return Optional.empty();
    }
  }

  /// What a position that a device names says here.
  Cell.Place place(Position position) {
    return replica.place(position);
  }

  Frame hello(String app, String member, long offset, long time) {
    return message(
        "hello",
        null,
        json -> {
          json.writeStringField("app", app);
          json.writeStringField("member", member);
          json.writeStringField("position", replica.position(offset).toString());
          json.writeNumberField("time", time);
        });
  }

  Frame caughtUp(long offset) {
    String position = replica.position(offset).toString();
    return message("caught-up", position, json -> json.writeStringField("position", position));
  }

  Frame gap(String from) {
    return message("gap", null, json -> json.writeStringField("from", from));
  }

  private Frame encode(Notice notice, Broadcast broadcast) {
    String position = replica.position(notice.offset()).toString();
    String type =
        switch (notice) {
          case Notice.Withdrawal _ -> "recall";
          case Notice.Release _ -> "broadcast";
        };
    return message(
        type,
        position,
        json -> {
          json.writeStringField("position", position);
          switch (notice) {
            case Notice.Withdrawal _ -> writeWithdrawal(json, broadcast);
            case Notice.Release _ -> writeBroadcast(json, broadcast);
          }
        });
  }

  private void writeBroadcast(JsonGenerator json, Broadcast broadcast) throws IOException {
    json.writeStringField("id", broadcast.id());
    json.writeNumberField("sentAt", broadcast.started());
    if (broadcast.expires() != 0) {
      json.writeNumberField("expiresAt", broadcast.expires());
    }
    json.writeStringField("from", broadcast.sender());
    json.writeStringField("format", broadcast.format().name().toLowerCase(Locale.ROOT));
    json.writeFieldName("message");
    json.writeRawValue(new String(form(broadcast).render(broadcast), StandardCharsets.UTF_8));
  }

  private void writeWithdrawal(JsonGenerator json, Broadcast broadcast) throws IOException {
    json.writeStringField("id", broadcast.id());
    Optional<byte[]> message = form(broadcast).renderWithdrawal(broadcast);
    if (message.isPresent()) {
      json.writeFieldName("message");
      json.writeRawValue(new String(message.get(), StandardCharsets.UTF_8));
    }
  }

  private MessageForm form(Broadcast broadcast) {
    return Objects.requireNonNull(forms.get(broadcast.format()), "a form per format");
  }

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static Frame message(String type, @Nullable String position, Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("type", type);
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory can be written", e);
    }
    return new Frame(new Frame.Head(type, position), bytes.toByteArray());
  }
}
