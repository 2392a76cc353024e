package dev.fanfare.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fanfare.client.FakeGateway.Connection;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FanfareDeviceTest {
  /// For how long a device that is closed may take.
  private static final long PATIENCE_MILLIS = 20_000;

  private final FakeGateway gateway = newGateway();
  private final Notes notes = new Notes();

  @TempDir Path directory;

  private static FakeGateway newGateway() {
    try {
      return new FakeGateway();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A device that a test leaves behind still stores what it processed: the directory goes after
  /// it.
  @AfterEach
  void stop() throws Exception {
    gateway.close();
    awaitNoThreads();
  }

  private DeviceOptions options() {
    return DeviceOptions.of(gateway.url(), "demo", () -> "secret");
  }

  @Test
  void the_token_travels_in_a_header_and_the_rest_as_parameters() throws Exception {
    DeviceOptions options =
        options().withDevice("phone-1").withPlatform("Android").withAfter("1x-7");
    try (FanfareDevice device = FanfareDevice.connect(options, notes)) {
      Connection connection = gateway.accept();
      assertThat(connection.url().encodedPath()).isEqualTo("/ws");
      assertThat(connection.url().encodedQuery())
          .isEqualTo("app=demo&device=phone-1&platform=Android&after=1x-7");
      assertThat(connection.header("Authorization")).isEqualTo("Bearer secret");
      assertThat(device.position()).isEqualTo("1x-7");
    }
  }

  @Test
  void a_reconnect_resumes_after_the_last_position_and_drops_what_comes_again() throws Exception {
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      Connection first = gateway.accept().greet("10001");
      assertThat(first.after()).isNull();
      first.broadcast(1).broadcast(1).broadcast(2);
      notes.awaitBroadcasts(2);
      first.close(1013);
      Connection second = gateway.accept().greet("10001");
      assertThat(second.after()).isEqualTo("1x-2");
      assertThat(second.url().queryParameter("device"))
          .isEqualTo(first.url().queryParameter("device"));
      second.broadcast(1).broadcast(2).broadcast(3).caughtUp(4);
      notes.await(DeviceState.Kind.CAUGHT_UP);
      String heard = second.hear();
      while (!heard.contains("1x-4")) { // what is acknowledged was kept before
        heard = second.hear();
      }
      assertThat(heard).contains("\"ack\"");
      assertThat(notes.ids()).containsExactly("b-1", "b-2", "b-3");
      assertThat(device.position()).isEqualTo("1x-4");
    }
  }

  @Test
  void positions_of_hello_and_gap_are_never_kept() throws Exception {
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      Connection first = gateway.accept().greet("10001");
      first.say("{'type':'gap','from':'1a-9','position':'1a-9'}");
      first.say("{'type':'future','position':'9-9'}");
      first.close(1013);
      Connection second = gateway.accept().greet("10001");
      assertThat(second.after()).isNull();
      second.say("{'type':'recall','id':'b-0','position':'1x-5'}").caughtUp(6);
      notes.await(DeviceState.Kind.CAUGHT_UP);
      assertThat(notes.others()).containsExactly("gap 1a-9", "recall b-0");
      assertThat(device.read("b-1")).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4000, 4009, 4010})
  void a_device_that_is_sent_away_stays_away(int code) throws Exception {
    FanfareDevice device = FanfareDevice.connect(options(), notes);
    gateway.accept().greet("10001").close(code);
    assertThat(notes.await(DeviceState.Kind.CLOSED).code()).isEqualTo(code);
    assertThat(device.awaitClosed(PATIENCE_MILLIS)).isTrue();
    assertThat(device.read("b-1")).isFalse();
    assertThat(gateway.hearsWithin(700)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void a_refusal_ends_the_device(int status) throws Exception {
    gateway.refuse(status);
    FanfareDevice.connect(options(), notes);
    assertThat(notes.await(DeviceState.Kind.CLOSED).status()).isEqualTo(status);
    assertThat(gateway.hearsWithin(700)).isFalse();
  }

  @Test
  void a_token_that_ended_is_renewed_once() throws Exception {
    Iterator<String> tokens = List.of("one", "two", "two").iterator();
    DeviceOptions options = DeviceOptions.of(gateway.url(), "demo", tokens::next);
    FanfareDevice.connect(options, notes);
    gateway.accept().greet("10001").close(1013);
    Connection second = gateway.accept().greet("10001");
    assertThat(second.header("Authorization")).as("a good token").isEqualTo("Bearer one");
    second.close(4001);
    Connection third = gateway.accept().greet("10001");
    assertThat(third.header("Authorization")).isEqualTo("Bearer two");
    third.close(4001);
    assertThat(notes.await(DeviceState.Kind.CLOSED).reason()).contains("refused before");
  }

  @Test
  void a_server_without_room_is_left_alone_for_as_long_as_it_says() throws Exception {
    gateway.refuse(503, "Retry-After", "2");
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      assertThat(notes.await(DeviceState.Kind.WAITING).delayMillis()).isEqualTo(2_000);
      gateway.accept();
      assertThat(device.position()).isNull();
    }
  }

  @Test
  void a_handshake_that_breaks_is_tried_again() throws Exception {
    gateway.breakNext();
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      gateway.accept();
      assertThat(device.position()).isNull();
    }
  }

  @Test
  void ten_thousand_frames_at_once_are_acknowledged_in_a_few_messages() throws Exception {
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      Connection connection = gateway.accept().greet("10001");
      IntStream.rangeClosed(1, 10_000).forEach(connection::broadcast);
      connection.caughtUp(10_001);
      int messages = 1;
      while (!connection.hear().contains("\"1x-10001\"")) {
        messages++;
      }
      assertThat(messages).isLessThan(100);
      assertThat(notes.broadcasts()).hasSize(10_000);
      assertThat(device.position()).isEqualTo("1x-10001");
    }
  }

  @Test
  void what_is_not_json_breaks_the_connection() throws Exception {
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      gateway.accept().greet("10001").broadcast(1).say("{'type'");
      assertThat(notes.await(DeviceState.Kind.WAITING).reason()).contains("not JSON");
      assertThat(gateway.accept().after()).isEqualTo("1x-1");
      assertThat(device.position()).isEqualTo("1x-1");
    }
  }

  @Test
  void reads_are_said_again_on_the_next_connection() throws Exception {
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      device.read("b-1");
      Connection first = gateway.accept().greet("10001");
      assertThat(first.hear()).isEqualTo("{\"type\":\"read\",\"id\":\"b-1\"}");
      first.close(1013);
      assertThat(gateway.accept().greet("10001").hear()).contains("b-1");
      assertThatIllegalArgumentException().isThrownBy(() -> device.read(""));
    }
  }

  @Test
  void a_new_device_on_the_same_file_goes_on_where_the_old_one_ended() throws Exception {
    File file = directory.resolve("position.json").toFile();
    DeviceOptions options = options().withStore(new FileStore(file)).withAfter("older");
    FanfareDevice first = FanfareDevice.connect(options, notes);
    Connection connection = gateway.accept().greet("10001");
    IntStream.rangeClosed(1, 1_500).forEach(connection::broadcast);
    notes.awaitBroadcasts(1_500);
    first.close();
    assertThat(first.awaitClosed(PATIENCE_MILLIS)).isTrue();
    Progress kept = new FileStore(file).load();
    assertThat(kept).isNotNull();
    assertThat(kept.ids()).hasSize(1_000).startsWith("b-501").endsWith("b-1500");
    try (FanfareDevice second = FanfareDevice.connect(options, notes)) {
      Connection resumed = gateway.accept().greet("10001");
      assertThat(resumed.after()).isEqualTo("1x-1500");
      resumed.broadcast(501).broadcast(1_501);
      notes.awaitBroadcasts(1_501);
      assertThat(notes.ids().getLast()).isEqualTo("b-1501");
      assertThat(second.read("b-1501")).isTrue();
    }
  }

  @Test
  void a_store_of_another_member_ends_the_device() throws Exception {
    FileStore store = new FileStore(directory.resolve("position.json").toFile());
    store.save(new Progress("1x-1", "10002", List.of()));
    FanfareDevice device = FanfareDevice.connect(options().withStore(store), notes);
    gateway.accept().greet("10001");
    assertThat(notes.await(DeviceState.Kind.CLOSED).reason()).contains("another member");
    assertThat(device.awaitClosed(PATIENCE_MILLIS)).isTrue();
  }

  @Test
  void a_failing_listener_is_reported_and_stops_nothing() throws Exception {
    DeviceListener failing =
        new DeviceListener() {
          @Override
          public void onBroadcast(Broadcast broadcast) {
            throw new IllegalStateException("listener");
          }

          @Override
          public void onError(Throwable error) {
            notes.onError(error);
          }
        };
    try (FanfareDevice device = FanfareDevice.connect(options(), failing)) {
      Connection connection = gateway.accept().greet("10001").broadcast(1);
      assertThat(connection.hear()).contains("\"1x-1\"");
      assertThat(notes.others()).containsExactly("error listener");
      assertThat(device.position()).isEqualTo("1x-1");
    }
  }

  /// What the type of a listener cannot promise to hold back: Kotlin has no checked exceptions, and
  /// a library may be missing.
  static List<Throwable> whatNoSignatureNames() {
    return List.of(new IOException("listener"), new NoClassDefFoundError("listener"));
  }

  @ParameterizedTest
  @MethodSource("whatNoSignatureNames")
  void a_listener_that_throws_what_none_may_stops_nothing(Throwable thrown) throws Exception {
    List<Throwable> told = new CopyOnWriteArrayList<>();
    DeviceListener failing =
        new DeviceListener() {
          @Override
          public void onBroadcast(Broadcast broadcast) {
            FanfareDeviceTest.<RuntimeException>sneak(thrown);
          }

          @Override
          public void onError(Throwable error) {
            told.add(error);
            FanfareDeviceTest.<RuntimeException>sneak(error);
          }
        };
    try (FanfareDevice device = FanfareDevice.connect(options(), failing)) {
      Connection connection = gateway.accept().greet("10001").broadcast(1);
      assertThat(connection.hear()).contains("\"1x-1\"");
      assertThat(told).containsExactly(thrown);
      assertThat(device.position()).isEqualTo("1x-1");
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void a_token_that_no_header_can_carry_ends_the_device() throws Exception {
    DeviceOptions options = DeviceOptions.of(gateway.url(), "demo", () -> "secret\n");
    FanfareDevice device = FanfareDevice.connect(options, notes);
    DeviceState end = notes.await(DeviceState.Kind.CLOSED);
    assertThat(end.status()).isEqualTo(401);
    assertThat(end.reason()).contains("header").doesNotContain("secret");
    assertThat(device.awaitClosed(PATIENCE_MILLIS)).isTrue();
    assertThat(gateway.hearsWithin(700)).isFalse();
  }

  @Test
  void a_device_that_fails_says_why_it_is_closed() throws Exception {
    TokenSource failing =
        () -> {
          throw new NoClassDefFoundError("a library");
        };
    FanfareDevice device =
        FanfareDevice.connect(DeviceOptions.of(gateway.url(), "demo", failing), notes);
    assertThat(notes.await(DeviceState.Kind.CLOSED).reason()).contains("a library");
    assertThat(device.awaitClosed(PATIENCE_MILLIS)).isTrue();
    assertThat(notes.others()).containsExactly("error a library");
  }

  @Test
  void what_a_virtual_machine_cannot_survive_ends_the_device() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    BlockingQueue<DeviceState> ends = new LinkedBlockingQueue<>();
    DeviceListener full =
        new DeviceListener() {
          @Override
          public void onBroadcast(Broadcast broadcast) {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> told.countDown());
            throw new OutOfMemoryError("in a test");
          }

          @Override
          public void onState(DeviceState state) {
            if (state.kind() == DeviceState.Kind.CLOSED) {
              ends.add(state);
              throw new OutOfMemoryError("in a test, again");
            }
          }
        };
    FanfareDevice device = FanfareDevice.connect(options(), full);
    gateway.accept().greet("10001").broadcast(1);
    assertThat(device.awaitClosed(PATIENCE_MILLIS)).isTrue();
    assertThat(ends.take().reason()).contains("OutOfMemoryError");
    assertThat(told.await(20, TimeUnit.SECONDS)).as("the thread's handler is told").isTrue();
    assertThat(device.position()).isNull();
  }

  @Test
  void nothing_is_acknowledged_before_the_listener_is_done() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    DeviceListener slow =
        broadcast -> {
          begun.countDown();
          awaitQuietly(release);
        };
    try (FanfareDevice device = FanfareDevice.connect(options(), slow)) {
      Connection connection = gateway.accept().greet("10001").broadcast(1).broadcast(2);
      begun.await();
      assertThat(connection.unheard()).isZero();
      assertThat(device.position()).isNull();
      release.countDown();
      assertThat(connection.hear()).contains("\"ack\"");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_broadcast_keeps_all_digits_and_one_of_tencent_names_its_receiver() throws Exception {
    try (FanfareDevice device = FanfareDevice.connect(options(), notes)) {
      Connection connection = gateway.accept().greet("10001");
      connection.say(
          "{'type':'broadcast','position':'1x-1','id':'a','format':'volcengine','sentAt':5,"
              + "'message':{'MessageId':9223372036854775807}}");
      connection.say(
          "{'type':'broadcast','position':'1x-2','id':'b','format':'tencent','expiresAt':7,"
              + "'message':{'MsgSeq':0}}");
      notes.awaitBroadcasts(2);
      Broadcast volcengine = notes.broadcasts().getFirst();
      assertThat(volcengine.message().get("MessageId").getAsLong()).isEqualTo(Long.MAX_VALUE);
      assertThat(volcengine.sentAtMillis()).isEqualTo(5);
      assertThat(volcengine.expiresAtMillis()).isZero();
      Broadcast tencent = notes.broadcasts().getLast();
      assertThat(tencent.message().toString()).isEqualTo("{\"MsgSeq\":0,\"To_Account\":\"10001\"}");
      assertThat(device.read("b")).isTrue();
    }
  }

  @Test
  void close_keeps_and_acknowledges_what_was_processed_and_leaves_no_thread() throws Exception {
    FileStore store = new FileStore(directory.resolve("position.json").toFile());
    DeviceOptions options = options().withStore(store);
    for (int n = 1; n <= 20; n++) {
      FanfareDevice device = FanfareDevice.connect(options, notes, PATIENCE_MILLIS);
      Connection connection = gateway.accept().greet("10001").broadcast(n);
      notes.awaitBroadcasts(n);
      device.close();
      assertThat(device.awaitClosed(PATIENCE_MILLIS)).isTrue();
      assertThat(connection.hear()).contains("\"1x-" + n + "\"");
      Progress kept = store.load();
      assertThat(kept).isNotNull();
      assertThat(kept.position()).isEqualTo("1x-" + n);
    }
    assertThat(notes.states().getLast().kind()).isEqualTo(DeviceState.Kind.CLOSED);
    gateway.close();
    awaitNoThreads();
  }

  /// Waits until neither a device nor its OkHttp has a thread left that is at work. OkHttp keeps
  /// two idle daemons for a minute, for all of its clients together.
  private static void awaitNoThreads() throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    List<String> left = left();
    while (!left.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("threads that are left: " + left);
      }
      Thread.sleep(20);
      left = left();
    }
  }

  private static List<String> left() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("fanfare-") || name.startsWith("OkHttp"))
        .filter(name -> !name.equals("OkHttp TaskRunner"))
        .toList();
  }

  @Test
  void wrong_options_are_refused_at_once() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceOptions.of("ftp://host", "demo", () -> "t"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceOptions.of("ws://host/?token=x", "demo", () -> "t"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceOptions.of("ws://host", "", () -> "t"));
    assertThatIllegalArgumentException().isThrownBy(() -> options().withDevice("a b"));
  }
}
