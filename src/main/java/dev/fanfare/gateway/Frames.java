package dev.fanfare.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Notice;
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

/// Encodes what devices are told. A notice is encoded once per node and shared by all sessions,
/// live or catching up; the most recent stay cached, in at most 32 MB. Any thread.
final class Frames {
  private static final long CACHED_BYTES = 32L << 20;
  private static final int ENTRY_BYTES = 200;
  private static final JsonFactory JSON = new JsonFactory();

  private final Replica replica;
  private final Map<Format, MessageForm> forms;
  private final Cache<Long, Frame> cache =
      Caffeine.newBuilder()
          .maximumWeight(CACHED_BYTES)
          .weigher((Long _, Frame frame) -> ENTRY_BYTES + frame.bytes())
          .build();

  Frames(Replica replica, Map<Format, MessageForm> forms) {
    this.replica = replica;
    this.forms = forms;
  }

  /// The frame of a notice; empty when its broadcast is gone meanwhile.
  Optional<Frame> of(Notice notice) {
    Optional<Frame> frame = Optional.ofNullable(cache.getIfPresent(notice.offset()));
    if (frame.isEmpty()) {
      frame = replica.broadcasts().find(notice.broadcast()).map(found -> encode(notice, found));
      frame.ifPresent(encoded -> cache.put(notice.offset(), encoded));
    }
    return frame;
  }

  Frame hello(String app, String member, long offset, long time) {
    return object(json -> {
      json.writeStringField("type", "hello");
      json.writeStringField("app", app);
      json.writeStringField("member", member);
      json.writeStringField("position", replica.position(offset).toString());
      json.writeNumberField("time", time);
    });
  }

  Frame caughtUp(long offset) {
    return object(json -> {
      json.writeStringField("type", "caught-up");
      json.writeStringField("position", replica.position(offset).toString());
    });
  }

  Frame gap(String from) {
    return object(json -> {
      json.writeStringField("type", "gap");
      json.writeStringField("from", from);
    });
  }

  private Frame encode(Notice notice, Broadcast broadcast) {
    String position = replica.position(notice.offset()).toString();
    return object(json -> {
      switch (notice) {
        case Notice.Withdrawal _ -> {
          json.writeStringField("type", "recall");
          json.writeStringField("position", position);
          json.writeStringField("id", broadcast.id());
        }
        case Notice.Release _ -> {
          json.writeStringField("type", "broadcast");
          json.writeStringField("position", position);
          writeBroadcast(json, broadcast);
        }
      }
    });
  }

  private void writeBroadcast(JsonGenerator json, Broadcast broadcast) throws IOException {
    json.writeStringField("id", broadcast.id());
    json.writeNumberField("sentAt", broadcast.created());
    if (broadcast.expires() != 0) {
      json.writeNumberField("expiresAt", broadcast.expires());
    }
    json.writeStringField("from", broadcast.sender());
    json.writeStringField("format", broadcast.format().name().toLowerCase(Locale.ROOT));
    json.writeFieldName("message");
    MessageForm form = Objects.requireNonNull(forms.get(broadcast.format()), "a form per format");
    json.writeRawValue(new String(form.render(broadcast), StandardCharsets.UTF_8));
  }

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static Frame object(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory can be written", e);
    }
    return Frame.of(bytes.toByteArray());
  }
}
