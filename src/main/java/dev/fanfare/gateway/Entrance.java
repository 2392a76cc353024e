package dev.fanfare.gateway;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Where handshakes are judged and admitted devices get their place. Any thread, unless said
/// otherwise.
final class Entrance implements Handshake.Admission {
  private static final int HANDSHAKES_AT_ONCE = 256;
  private static final int ACKNOWLEDGEMENTS_AT_ONCE = 256;

  private final Judging judging;
  private final Map<EventExecutor, Place> places;
  private final Executor readers;
  private final Clock wall;
  private final Semaphore handshakes = new Semaphore(HANDSHAKES_AT_ONCE);
  private final Semaphore acknowledgements = new Semaphore(ACKNOWLEDGEMENTS_AT_ONCE);
  private volatile boolean closed;

  /// Who may do what.
  record Judging(Connecting connecting, AllowedOrigins origins, ReceiptsByPost posted) {}

  /// What an event loop has.
  record Place(Shard shard, Keepalive keepalive) {}

  /// @param places one for each event loop
  /// @param readers runs what may wait for the disk
  Entrance(Judging judging, Map<EventExecutor, Place> places, Executor readers, Clock wall) {
    this.judging = judging;
    this.places = places;
    this.readers = readers;
    this.wall = wall;
  }

  /// From here on nobody gets in.
  void close() {
    closed = true;
  }

  @Override
  public boolean allows(@Nullable String app, String origin) {
    return judging.origins().allow(app, origin);
  }

  @Override
  public boolean besideLoop(Runnable work) {
    return run(work, handshakes);
  }

  /// Those who wait for a slow journal keep nobody from connecting.
  @Override
  public boolean acknowledging(Runnable work) {
    return run(work, acknowledgements);
  }

  private boolean run(Runnable work, Semaphore permits) {
    if (closed || !permits.tryAcquire()) {
      return false;
    }
    try {
      readers.execute(() -> {
        try {
          work.run();
        } finally {
          permits.release();
        }
      });
      return true;
    } catch (RejectedExecutionException _) {
      permits.release();
      return false;
    }
  }

  @Override
  public Connecting.Judgement judge(Connecting.Claim claim) {
    return judging.connecting().judge(claim);
  }

  @Override
  public void take(Session.Login login, DeviceMessage message) {
    judging.posted().take(login, message);
  }

  @Override
  public Shard shard(Channel channel) {
    return place(channel).shard();
  }

  @Override
  public void opened(DeviceConnection connection, Connecting.Admitted admitted) {
    Place place = place(connection.channel());
    place.keepalive().add(connection);
    place.shard().open(connection.session(), admitted.start(), wall.millis());
    if (closed) {
      connection.close(CloseCode.GOING_AWAY);
    }
  }

  private Place place(Channel channel) {
    return Objects.requireNonNull(places.get(channel.eventLoop()), "a place per loop");
  }
}
