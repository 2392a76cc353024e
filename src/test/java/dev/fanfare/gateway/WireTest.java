package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The short way to a socket that takes all, some or nothing, as it likes, and the channel behind
/// it that takes the rest. Replay a failure with `-Dseed=N`.
final class WireTest {
  private Random random = new Random();
  private final ByteArrayOutputStream socket = new ByteArrayOutputStream();
  private boolean socketTakesAll;

  static LongStream seeds() {
    Long replay = Long.getLong("seed");
    return replay != null ? LongStream.of(replay) : new Random().longs(300);
  }

  /// How many of so many bytes the socket takes now.
  private int taken(int offered) {
    return switch (socketTakesAll ? 0 : random.nextInt(4)) {
      case 0 -> offered;
      case 1 -> 0;
      default -> random.nextInt(offered + 1);
    };
  }

  /// The short way to the socket.
  @SuppressWarnings("restricted") // An address is all that a socket is given.
  private int send(long address, int length) {
    int taken = taken(length);
    MemorySegment bytes = MemorySegment.ofAddress(address).reinterpret(taken);
    socket.writeBytes(bytes.toArray(ValueLayout.JAVA_BYTE));
    return taken;
  }

  /// A channel over the same socket.
  private final class MoodyChannel extends EmbeddedChannel {
    @Override
    protected void doWrite(ChannelOutboundBuffer waiting) {
      while (waiting.current() instanceof ByteBuf next) {
        int offered = next.readableBytes();
        int taken = taken(offered);
        socket.writeBytes(ByteBufUtil.getBytes(next, next.readerIndex(), taken));
        waiting.removeBytes(taken);
        if (taken == 0 && offered > 0) {
          return;
        }
      }
    }

    void becomesWritable() {
      unsafe().flush();
    }
  }

  private Bundle bundle() {
    List<Frame> frames = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      byte[] json = new byte[random.nextInt(10) == 0 ? 40_000 : random.nextInt(300)];
      random.nextBytes(json);
      frames.add(new Frame(new Frame.Head("broadcast", "p"), json));
    }
    return Bundle.of(frames);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void socket_gets_every_byte_once_and_in_order_and_tells_when_it_has(long seed) {
    random = new Random(seed);
    MoodyChannel channel = new MoodyChannel();
    Encoding encoding = random.nextBoolean() ? Encoding.WEB_SOCKET : Encoding.EVENT_STREAM;
    Wire wire = new Wire(channel, encoding, new Joint(), this::send);
    ByteArrayOutputStream given = new ByteArrayOutputStream();
    List<Integer> reached = new ArrayList<>();
    Bundle bundle = bundle();
    for (int i = 0; i < 50; i++) {
      bundle = random.nextBoolean() ? bundle : bundle();
      for (Frame frame : bundle.frames()) {
        given.writeBytes(ByteBufUtil.getBytes(frame.as(encoding).from(0)));
      }
      int number = i;
      int end = given.size();
      boolean atOnce =
          wire.write(
              bundle,
              () -> {
                assertThat(socket.size()).isGreaterThanOrEqualTo(end);
                reached.add(number);
              });
      if (atOnce) {
        assertThat(socket.size()).isEqualTo(end);
        reached.add(number);
      }
      if (random.nextInt(3) == 0) {
        channel.becomesWritable();
      }
      channel.runPendingTasks();
    }
    socketTakesAll = true;
    channel.becomesWritable();
    channel.runPendingTasks();
    assertThat(socket.toByteArray()).isEqualTo(given.toByteArray());
    assertThat(reached).hasSize(50).isSorted().doesNotHaveDuplicates();
  }

  /// The descriptor of a closed channel may be another connection's by now.
  @Test
  void closed_channel_is_never_written_to() {
    socketTakesAll = true;
    MoodyChannel channel = new MoodyChannel();
    Wire wire = new Wire(channel, Encoding.WEB_SOCKET, new Joint(), this::send);
    Bundle small = Bundle.of(List.of(new Frame(new Frame.Head("broadcast", "p"), new byte[100])));
    assertThat(wire.write(small, () -> {})).isTrue();
    int before = socket.size();
    channel.unsafe().close(channel.newPromise());
    boolean atOnce =
        wire.write(
            small,
            () -> {
              throw new AssertionError("reached");
            });
    assertThat(atOnce).isFalse();
    assertThat(socket.size()).isEqualTo(before);
  }

  @Test
  void socket_that_fails_is_closed() {
    MoodyChannel channel = new MoodyChannel();
    Wire.Bare broken =
        (_, _) -> {
          throw new IOException("broken pipe");
        };
    Wire wire = new Wire(channel, Encoding.WEB_SOCKET, new Joint(), broken);
    assertThat(wire.write(bundle(), () -> {})).isFalse();
    assertThat(channel.isOpen()).isFalse();
  }
}
