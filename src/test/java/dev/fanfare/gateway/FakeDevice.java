package dev.fanfare.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A device behind a socket that holds a few frames: it reads when told to, loses what it has not
/// read when the connection ends, and keeps its cursor as clients do.
final class FakeDevice implements DeviceChannel {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SOCKET_FRAMES = 3;

  private final int socketFrames;
  private final Queue<Written> socket = new ArrayDeque<>();
  private final List<JsonNode> heard = new ArrayList<>();
  private @Nullable CloseCode closedWith;
  private @Nullable String cursor;
  private final List<Integer> writes = new ArrayList<>();
  private Runnable whileWriting = () -> {};
  private BooleanSupplier takesAtOnce = () -> false;
  private int pings;

  private record Written(String json, Runnable reached, boolean last) {}

  FakeDevice() {
    this(SOCKET_FRAMES);
  }

  /// @param socketFrames how many frames its socket holds before it takes no more
  FakeDevice(int socketFrames) {
    this.socketFrames = socketFrames;
  }

  /// How many frames each gathering write had.
  List<Integer> writes() {
    return writes;
  }

  /// What happens in the middle of each write, as transports report writability.
  void whileWriting(Runnable action) {
    whileWriting = action;
  }

  /// Whether a write to an empty socket is taken at once; otherwise it counts as taken when it is
  /// read.
  void takesAtOnce(BooleanSupplier whether) {
    takesAtOnce = whether;
  }

  /// Everything it read, over all its connections.
  List<JsonNode> heard() {
    return heard;
  }

  /// Ids of the broadcasts it read, in order.
  List<String> broadcasts() {
    return heard.stream()
        .filter(message -> message.path("type").asText().equals("broadcast"))
        .map(message -> message.path("id").asText())
        .toList();
  }

  /// What it says as `after`; null until it stored a position.
  @Nullable String cursor() {
    return cursor;
  }

  @Nullable CloseCode closedWith() {
    return closedWith;
  }

  int pings() {
    return pings;
  }

  /// Begins another connection; what was in the socket of the last one is lost.
  void reconnect() {
    socket.clear();
    closedWith = null;
  }

  /// Reads what the socket holds, at most so many frames.
  void read(int frames) {
    for (int i = 0; i < frames && !socket.isEmpty(); i++) {
      Written next = socket.remove();
      if (next.last()) {
        next.reached().run();
      }
      try {
        JsonNode message = JSON.readTree(next.json());
        heard.add(message);
        String type = message.path("type").asText();
        if (type.equals("broadcast") || type.equals("recall") || type.equals("caught-up")) {
          cursor = message.path("position").asText();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public boolean isWritable() {
    return closedWith == null && socket.size() < socketFrames;
  }

  @Override
  public boolean write(Bundle bundle, Runnable reachedLater) {
    if (closedWith != null) {
      return false;
    }
    List<Frame> frames = bundle.frames();
    boolean atOnce = socket.isEmpty() && takesAtOnce.getAsBoolean();
    Runnable reached = atOnce ? () -> {} : reachedLater;
    for (int i = 0; i < frames.size(); i++) {
      String json = json(frames.get(i).as(Encoding.WEB_SOCKET).from(0));
      socket.add(new Written(json, reached, i == frames.size() - 1));
    }
    writes.add(frames.size());
    whileWriting.run();
    return atOnce;
  }

  /// The payload of an unmasked server frame.
  private static String json(ByteBuf frame) {
    frame.skipBytes(1);
    int length = frame.readUnsignedByte();
    if (length == 126) {
      frame.skipBytes(2);
    } else if (length == 127) {
      frame.skipBytes(8);
    }
    return frame.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void ping() {
    pings++;
  }

  @Override
  public void close(CloseCode why) {
    closedWith = why;
  }
}
