package dev.fanfare.client;

import com.google.gson.JsonObject;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/// A device of a member, kept connected until it is closed or refused for good.
///
/// One thread, `fanfare-device`, makes the connections, calls the listener, the store and the
/// source of tokens, and keeps the process running; OkHttp reads and writes on its own. After the
/// end none of them is left. The methods here may be called on any thread, also in a listener.
public final class FanfareDevice implements AutoCloseable {
  private static final long PING_SECONDS = 25;
  private static final long STORE_EVERY_MILLIS = 250;
  private static final int FAREWELLS = 20;
  private static final long FAREWELL_MILLIS = 2_000;

  private final DeviceOptions options;
  private final DeviceListener listener;
  private final long farewellMillis;
  private final OkHttpClient http;
  private final Thread thread = new Thread(this::run, "fanfare-device");
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Outbox outbox = new Outbox();
  private final Seen seen = new Seen();
  private final BackOff backOff = new BackOff(new Random());
  private volatile @Nullable Link link;

  // Owned by the thread.
  private @Nullable String token;
  private @Nullable String refused;
  private boolean greeted;
  private @Nullable String unsaved;
  private long savedMillis = nowMillis() - STORE_EVERY_MILLIS;

  private FanfareDevice(DeviceOptions options, DeviceListener listener, long farewellMillis) {
    this.options = options;
    this.listener = listener;
    this.farewellMillis = farewellMillis;
    OkHttpClient own = options.http();
    OkHttpClient.Builder builder = own == null ? new OkHttpClient.Builder() : own.newBuilder();
    this.http = builder.pingInterval(PING_SECONDS, TimeUnit.SECONDS).build();
  }

  /// Connects a device and keeps it connected. Returns at once; how it goes is told to the
  /// listener.
  public static FanfareDevice connect(DeviceOptions options, DeviceListener listener) {
    return connect(options, listener, FAREWELL_MILLIS);
  }

  /// @param farewellMillis for how long its last words may take to go out when it is closed
  static FanfareDevice connect(
      DeviceOptions options, DeviceListener listener, long farewellMillis) {
    FanfareDevice device = new FanfareDevice(options, listener, farewellMillis);
    device.thread.start();
    return device;
  }

  /// The last position processed; null before there is one.
  public @Nullable String position() {
    return seen.position();
  }

  /// Says that the person opened a broadcast: sent when connected, five a second.
  ///
  /// @return false when the device is closed, or when 1,000 others wait
  /// @throws IllegalArgumentException for what cannot be an id: empty, or above 128 characters
  public boolean read(String id) {
    if (id.isEmpty() || id.length() > 128) {
      throw new IllegalArgumentException("not the id of a broadcast");
    }
    if (closing.getCount() == 0 || !outbox.read(id)) {
      return false;
    }
    wake();
    return true;
  }

  /// Closes for good, soon: stores and acknowledges what was processed, and tells the listener
  /// [DeviceState.Kind#CLOSED]. Does not wait for that, see [#awaitClosed].
  @Override
  public void close() {
    closing.countDown();
    wake();
  }

  /// Waits until the device is closed and its threads have ended their work.
  ///
  /// @return false when that took longer
  public boolean awaitClosed(long millis) throws InterruptedException {
    return closed.await(millis, TimeUnit.MILLISECONDS);
  }

  private void wake() {
    Link current = link;
    if (current != null) {
      current.wake();
    }
  }

  private void run() {
    End end = End.CLOSED;
    try {
      load();
      long delay = 0;
      while (delay >= 0 && !closing.await(delay, TimeUnit.MILLISECONDS)) {
        end = connection();
        delay = isClosing() ? -1 : delayAfter(end);
        if (delay >= 0) {
          tell(DeviceState.waiting(seen.member(), end, delay));
        }
      }
    } catch (InterruptedException e) {
      end = End.broken("interrupted");
    } catch (Throwable e) {
      end = End.broken("the device failed: " + e);
      fault(e);
    } finally {
      leave(end);
    }
  }

  private void leave(End end) {
    End told = isClosing() ? End.CLOSED : end;
    closing.countDown();
    release();
    try {
      tell(DeviceState.closed(seen.member(), told));
    } finally {
      closed.countDown();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /// Ends the threads of a client that is ours.
  private void release() {
    if (options.http() == null) {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
  }

  private void load() {
    PositionStore store = options.store();
    String after = options.after();
    if (after != null) {
      seen.moveTo(after);
    }
    if (store == null) {
      return;
    }
    try {
      Progress progress = store.load();
      if (progress != null) {
        seen.restore(progress);
      }
    } catch (Throwable e) {
      fault(e);
    }
  }

  /// One connection, from the token to its end.
  private End connection() throws InterruptedException {
    tell(DeviceState.of(DeviceState.Kind.CONNECTING, seen.member()));
    End without = renew();
    String bearer = token;
    if (without != null || bearer == null || isClosing()) {
      return without == null ? End.CLOSED : without;
    }
    Request request;
    try {
      request = options.request(bearer, seen.position());
    } catch (IllegalArgumentException e) {
      refused = bearer;
      return End.withoutToken("the token has characters that no header can carry");
    }
    greeted = false;
    Link opened = new Link(http, request, farewellMillis);
    link = opened;
    try {
      return listen(opened);
    } finally {
      hangUp(opened);
    }
  }

  private void hangUp(Link opened) throws InterruptedException {
    try {
      settle();
      farewell(opened);
    } finally {
      link = null;
      opened.close();
    }
  }

  /// Makes sure that there is a token.
  ///
  /// @return null, or why there is none
  private @Nullable End renew() throws InterruptedException {
    if (token != null) {
      return null;
    }
    try {
      token = options.token().token();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return End.broken("token: " + e.getMessage());
    }
    if (token == null || token.isEmpty()) {
      return End.withoutToken("no token");
    }
    return token.equals(refused) ? End.withoutToken("the token was refused before") : null;
  }

  /// Milliseconds until the next connection; negative: none.
  private long delayAfter(End end) {
    if (end.lasts()) {
      return -1;
    }
    if (end.asksForToken()) {
      if (token == null || token.isEmpty() || token.equals(refused)) {
        return -1;
      }
      refused = token;
      token = null;
    }
    return backOff.after(end);
  }

  private End listen(Link from) throws InterruptedException {
    while (true) {
      String text = from.next(greeted ? outbox.waitMillis(nowMillis()) : Long.MAX_VALUE);
      if (isClosing()) {
        return End.CLOSED;
      }
      if (text == null) {
        End end = from.end();
        if (end != null) {
          return end;
        }
      } else {
        JsonObject frame = Json.parse(text);
        if (frame == null) {
          return End.broken("the server sent what is not JSON");
        }
        if (!take(frame)) {
          return End.OTHER_MEMBER;
        }
        if (!from.hasMore() || nowMillis() - savedMillis >= STORE_EVERY_MILLIS) {
          settle();
        }
      }
      send(from);
    }
  }

  private void send(Link to) {
    if (greeted && outbox.waitMillis(nowMillis()) == 0) {
      String message = outbox.next(nowMillis());
      if (message != null) {
        to.send(message);
      }
    }
  }

  /// The last words of a device that is closed, within the burst that the server allows.
  private void farewell(Link to) {
    for (int i = 0; greeted && isClosing() && i < FAREWELLS; i++) {
      String message = outbox.next(nowMillis());
      if (message == null) {
        return;
      }
      to.send(message);
    }
  }

  /// @return false for the greeting of another member
  private boolean take(JsonObject frame) {
    String type = Json.text(frame, "type");
    boolean moving = false;
    switch (type) {
      case "hello":
        return greet(Json.text(frame, "member"));
      case "gap":
        call(() -> listener.onGap(Json.text(frame, "from")));
        break;
      case "broadcast":
        moving = true;
        broadcast(frame);
        break;
      case "recall":
        moving = true;
        call(() -> listener.onRecall(Json.text(frame, "id")));
        break;
      case "caught-up":
        moving = true;
        tell(DeviceState.of(DeviceState.Kind.CAUGHT_UP, seen.member()));
        break;
      default: // from a newer server
    }
    String position = Json.text(frame, "position");
    if (moving && !position.isEmpty()) {
      seen.moveTo(position);
      unsaved = position;
      backOff.startAnew();
    }
    return true;
  }

  private boolean greet(String member) {
    if (!seen.belongsTo(member)) {
      return false;
    }
    greeted = true;
    outbox.connected(nowMillis());
    tell(DeviceState.of(DeviceState.Kind.CONNECTED, member));
    return true;
  }

  private void broadcast(JsonObject frame) {
    if (!seen.isNew(Json.text(frame, "id"))) {
      return;
    }
    if (Json.text(frame, "format").equals("tencent")) {
      Json.object(frame, "message").addProperty("To_Account", seen.member());
    }
    call(() -> listener.onBroadcast(new Broadcast(frame)));
  }

  /// Keeps what was processed, then lets it be acknowledged.
  private void settle() {
    String position = unsaved;
    if (position == null) {
      return;
    }
    unsaved = null;
    savedMillis = nowMillis();
    PositionStore store = options.store();
    if (store != null) {
      try {
        store.save(seen.progress(position));
      } catch (Exception e) {
        fault(e);
      }
    }
    outbox.acknowledge(position);
  }

  private void tell(DeviceState state) {
    call(() -> listener.onState(state));
  }

  private void call(Runnable handler) {
    try {
      handler.run();
    } catch (Throwable e) { // languages without checked exceptions throw any
      fault(e);
    }
  }

  /// Tells the listener what failed. What a virtual machine cannot survive goes on, and ends the
  /// device.
  private void fault(Throwable error) {
    if (error instanceof VirtualMachineError) {
      throw (VirtualMachineError) error;
    }
    try {
      listener.onError(error);
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable e) {
      // There is nobody left to tell.
    }
  }

  private static long nowMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
