package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Snapshot;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A broadcast that is sent again is the same one: the very same bytes while their signature is
/// valid, and the same body of the same key for a minute.
@Timeout(60)
class DuplicateBroadcastTest {
  private static final String BODY = Bodies.broadcast("InboxType", "0");
  private static final String OTHER = Bodies.broadcast("InboxType", "1");

  @Test
  void the_same_request_is_accepted_once_while_its_signature_is_valid() {
    try (LiveServer server = new LiveServer()) {
      Request request =
          LiveServer.AK.request(FakeServer.query("UserBroadcast"), BODY, server.now());
      String first = id(server.face().answer(request));
      assertThat(id(server.face().answer(request))).isEqualTo(first);
      server.clock.advance(Duration.ofMinutes(15));
      assertThat(id(server.face().answer(request))).as("15 minutes later").isEqualTo(first);
      assertThat(server.sent()).isEqualTo(1);
      server.clock.advance(Duration.ofSeconds(1));
      assertThat(FakeServer.error(server.face().answer(request))).contains("InvalidTimestamp");
      assertThat(server.sent()).isEqualTo(1);
    }
  }

  @Test
  void a_signature_with_x_expires_is_remembered_for_as_long_as_it_says() {
    try (LiveServer server = new LiveServer()) {
      Map<String, String> query = new LinkedHashMap<>(FakeServer.query("UserBroadcast"));
      query.put("X-Expires", "3600");
      Request request = LiveServer.AK.request(query, BODY, server.now());
      String first = id(server.face().answer(request));
      server.clock.advance(Duration.ofHours(1));
      id(server.answer("UserBroadcast", OTHER));
      assertThat(id(server.face().answer(request))).isEqualTo(first);
      assertThat(server.sent()).isEqualTo(2);
    }
  }

  @Test
  void the_same_request_is_accepted_once_also_over_a_restart() {
    try (LiveServer server = new LiveServer()) {
      Request request =
          LiveServer.AK.request(FakeServer.query("UserBroadcast"), BODY, server.now());
      String first = id(server.face().answer(request));
      server.restart();
      server.clock.advance(Duration.ofMinutes(5));
      assertThat(id(server.face().answer(request))).isEqualTo(first);
      assertThat(server.sent()).isEqualTo(1);
    }
  }

  @Test
  void the_same_request_is_accepted_once_while_the_first_is_in_flight() throws Exception {
    Gate gate = new Gate();
    UnaryOperator<Store> through = store -> new GatedStore(store, gate);
    try (LiveServer server = new LiveServer(through, UnaryOperator.identity())) {
      Request request =
          LiveServer.AK.request(FakeServer.query("UserBroadcast"), BODY, server.now());
      Set<String> ids = ConcurrentHashMap.newKeySet();
      gate.shut();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        callers.add(Thread.ofPlatform().start(() -> ids.add(id(server.face().answer(request)))));
      }
      gate.awaitSomeone();
      for (Thread caller : callers) {
        awaitWaiting(caller);
      }
      assertThat(ids).isEmpty();
      gate.open();
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(ids).hasSize(1);
      assertThat(server.sent()).isEqualTo(1);
    }
  }

  @Test
  void the_same_body_with_a_new_signature_is_the_same_broadcast_for_a_minute() {
    try (LiveServer server = new LiveServer()) {
      String first = id(server.answer("UserBroadcast", BODY));
      server.clock.advance(Duration.ofSeconds(60));
      assertThat(id(server.answer("UserBroadcast", BODY))).isEqualTo(first);
      server.clock.advance(Duration.ofSeconds(1));
      String second = id(server.answer("UserBroadcast", BODY));
      assertThat(second).as("after the window").isNotEqualTo(first);
      assertThat(id(server.answer("UserBroadcast", BODY))).isEqualTo(second);
      assertThat(server.sent()).isEqualTo(2);
    }
  }

  @Test
  void the_window_of_a_body_survives_a_restart() {
    try (LiveServer server = new LiveServer()) {
      String first = id(server.answer("UserBroadcast", BODY));
      server.restart();
      server.clock.advance(Duration.ofSeconds(30));
      assertThat(id(server.answer("UserBroadcast", BODY))).isEqualTo(first);
    }
  }

  @Test
  void another_body_or_another_key_is_a_new_broadcast() {
    try (LiveServer server = new LiveServer()) {
      String first = id(server.answer("UserBroadcast", BODY));
      assertThat(id(server.answer("UserBroadcast", OTHER))).isNotEqualTo(first);
      assertThat(id(server.answer("UserBroadcast", BODY + " "))).isNotEqualTo(first);
      assertThat(id(server.answer(LiveServer.AKB, "UserBroadcast", BODY))).isNotEqualTo(first);
      assertThat(server.sent()).isEqualTo(4);
    }
  }

  @Test
  void a_window_of_0_turns_bodies_off_and_leaves_signatures_on() {
    try (LiveServer server =
        new LiveServer(UnaryOperator.identity(), limits -> limits.setBodyWindowSeconds(0))) {
      Request request =
          LiveServer.AK.request(FakeServer.query("UserBroadcast"), BODY, server.now());
      String first = id(server.face().answer(request));
      assertThat(id(server.face().answer(request))).isEqualTo(first);
      server.clock.advance(Duration.ofSeconds(1));
      assertThat(id(server.answer("UserBroadcast", BODY))).isNotEqualTo(first);
      assertThat(server.sent()).isEqualTo(2);
    }
  }

  @Test
  void a_refused_broadcast_is_judged_again() {
    try (LiveServer server =
        new LiveServer(UnaryOperator.identity(), limits -> limits.setLiveBroadcasts(0))) {
      Request request =
          LiveServer.AK.request(FakeServer.query("UserBroadcast"), BODY, server.now());
      for (int i = 0; i < 2; i++) {
        assertThat(FakeServer.error(server.face().answer(request))).contains("FlowLimitExceeded");
      }
      assertThat(server.sent()).isZero();
      assertThat(server.memory.table(Table.DUPLICATE)).isEmpty();
    }
  }

  private static String id(Response response) {
    assertThat(FakeServer.text(response)).endsWith(",\"Result\":{}}");
    return String.valueOf(response.headers().get("X-Fanfare-Broadcast"));
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  /// Holds the writer until it is opened.
  private static final class Gate {
    private final CountDownLatch someone = new CountDownLatch(1);
    private volatile @Nullable CountDownLatch latch;

    void shut() {
      latch = new CountDownLatch(1);
    }

    void open() {
      CountDownLatch shut = latch;
      latch = null;
      if (shut != null) {
        shut.countDown();
      }
    }

    void awaitSomeone() throws InterruptedException {
      someone.await();
    }

    void pass() {
      CountDownLatch shut = latch;
      if (shut != null) {
        someone.countDown();
        try {
          shut.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /// A store whose writes wait at a gate.
  private record GatedStore(Store store, Gate gate) implements Store {
    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return store.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
      store.scan(table, from, to, visitor);
    }

    @Override
    public Snapshot snapshot() {
      return store.snapshot();
    }

    @Override
    public void write(Batch batch) {
      gate.pass();
      store.write(batch);
    }

    @Override
    public void reopen() {
      store.reopen();
    }

    @Override
    public long freeBytes() {
      return store.freeBytes();
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
