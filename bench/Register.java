import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Measures durable registrations over the Volcengine API: callers that each send `RegisterUsers`
/// with 20 new users, five tags each, one call after the other, signed as the SDKs do.
///
/// ```
/// ./fanfare serve --dev --data DIR        (in another terminal; DIR on a real disk, not tmpfs)
/// java bench/Register.java --data DIR [--seconds 15] [--warm-up 5] [--callers 32]
/// ```
///
/// Prints members per second, latency of a call in milliseconds (first byte sent to answer read),
/// and the processor time that this program took. Client and server share the machine: what the
/// client takes, about one SHA-256 of the body and an HMAC per call among it, the server lacks. So
/// the client is made cheap: a platform thread and a blocking socket per caller, no HTTP library,
/// no JSON library. Afterwards the number of members is compared with the number acknowledged.
final class Register {
  private static final String USAGE =
      "Register.java --data DIR [--seconds S] [--warm-up S] [--callers C]";
  private static final int USERS_PER_CALL = 20;
  private static final int TAGS_PER_USER = 5;

  private final Node node;
  private final Population population = new Population(Integer.MAX_VALUE, TAGS_PER_USER);
  private final AtomicLong nextUser;
  private final AtomicLong acknowledged = new AtomicLong();

  /// Nanoseconds of [System#nanoTime]: calls that begin in between are measured.
  private record Window(long from, long to) {
    boolean open(long time) {
      return time - to < 0;
    }

    boolean measured(long time) {
      return time - from >= 0 && open(time);
    }
  }

  private Register(Node node) {
    this.node = node;
    // Ids that an earlier run on the same directory cannot have used.
    this.nextUser = new AtomicLong(System.currentTimeMillis() * 1_000_000);
  }

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    int seconds = options.positive("seconds", 15);
    int warmUp = options.number("warm-up", 5);
    int callers = options.positive("callers", 32);
    Node node = Node.read(Path.of(options.text("data")));
    new Register(node).run(callers, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
  }

  private void run(int callers, Duration warmUp, Duration length) throws Exception {
    long before = everyone();
    long from = System.nanoTime() + warmUp.toNanos();
    Window window = new Window(from, from + length.toNanos());
    Duration cpuBefore = cpu();
    Latencies latencies = call(callers, window);
    Duration all = warmUp.plus(length);
    double members = (double) latencies.count() * USERS_PER_CALL;
    System.out.printf(
        Locale.ROOT,
        "%d callers, %d members per call, %d s: %,.0f members/s%n",
        callers,
        USERS_PER_CALL,
        length.toSeconds(),
        members / length.toSeconds());
    System.out.println(latencies.line("RegisterUsers"));
    System.out.printf(
        Locale.ROOT,
        "client: %.2f processor seconds per second%n",
        (double) cpu().minus(cpuBefore).toNanos() / all.toNanos());
    long added = everyone() - before;
    if (added != acknowledged.get()) {
      throw new IllegalStateException(
          "acknowledged " + acknowledged + " new members, but there are " + added + " more");
    }
  }

  private long everyone() throws IOException {
    try (Connection connection = node.connect()) {
      return node.count(connection, "\"everyone\"");
    }
  }

  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private Latencies call(int callers, Window window)
      throws InterruptedException, ExecutionException {
    List<Future<Latencies>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      for (int i = 0; i < callers; i++) {
        running.add(threads.submit(() -> caller(window)));
      }
    }
    Latencies all = new Latencies();
    for (Future<Latencies> caller : running) {
      all.addAll(caller.get());
    }
    return all;
  }

  private Latencies caller(Window window) throws IOException, GeneralSecurityException {
    Latencies latencies = new Latencies();
    try (Connection connection = node.connect()) {
      Signer signer = new Signer(node.accessKey(), node.secretKey(), connection.host());
      for (long began; window.open(began = System.nanoTime()); ) {
        byte[] body = users(nextUser.getAndAdd(USERS_PER_CALL));
        String signed = signer.headers("RegisterUsers", body, Instant.now());
        long sent = System.nanoTime();
        Connection.Answer answer =
            connection.call("POST", Signer.target("RegisterUsers"), signed, body);
        long took = System.nanoTime() - sent;
        if (answer.status() != 200 || answer.body().contains("FailedInfos")) {
          throw new IllegalStateException("refused: " + answer);
        }
        acknowledged.addAndGet(USERS_PER_CALL);
        if (window.measured(began)) {
          latencies.add(took);
        }
      }
    }
    return latencies;
  }

  private byte[] users(long first) {
    StringBuilder json = new StringBuilder(4_096);
    json.append("{\"AppId\":").append(node.volcengineApp()).append(",\"Users\":[");
    for (long user = first; user < first + USERS_PER_CALL; user++) {
      json.append(user == first ? "" : ",").append("{\"UserId\":").append(user);
      json.append(",\"NickName\":\"user ").append(user).append("\",\"Tags\":[");
      int[] tags = population.tagsOf((int) (user & Integer.MAX_VALUE));
      for (int i = 0; i < tags.length; i++) {
        json.append(i == 0 ? "\"t" : ",\"t").append(tags[i]).append('"');
      }
      json.append("]}");
    }
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Signs calls as the vendor's Java SDK does: HMAC-SHA256 over the canonical request. Owned by
  /// one thread.
  static final class Signer {
    private static final String REGION = "cn-north-1";
    private static final String SIGNED = "content-type;host;x-content-sha256;x-date";
    private static final DateTimeFormatter DATE =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final String accessKey;
    private final byte[] secretKey;
    private final String host;
    private final MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    private final Mac mac = Mac.getInstance("HmacSHA256");
    private SecretKeySpec key = new SecretKeySpec(new byte[1], "HmacSHA256");
    private String keyDay = "";

    /// @param host as in the Host header
    Signer(String accessKey, String secretKey, String host) throws GeneralSecurityException {
      this.accessKey = accessKey;
      this.secretKey = utf8(secretKey);
      this.host = host;
    }

    static String target(String action) {
      return "/?" + query(action);
    }

    private static String query(String action) {
      return "Action=" + action + "&Version=2020-12-01";
    }

    /// The header lines that sign a call; its Content-Type is `application/json`.
    String headers(String action, byte[] body, Instant now) throws GeneralSecurityException {
      String date = DATE.format(now);
      String day = date.substring(0, 8);
      String bodyHash = hex(sha256.digest(body));
      String canonical =
          "POST\n/\n" + query(action) + "\ncontent-type:application/json\nhost:" + host
              + "\nx-content-sha256:" + bodyHash + "\nx-date:" + date
              + "\n\n" + SIGNED + "\n" + bodyHash;
      String scope = day + "/" + REGION + "/rtc/request";
      String toSign =
          "HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex(sha256.digest(utf8(canonical)));
      mac.init(key(day));
      String signature = hex(mac.doFinal(utf8(toSign)));
      return "X-Date: " + date + "\r\nX-Content-Sha256: " + bodyHash
          + "\r\nAuthorization: HMAC-SHA256 Credential=" + accessKey + "/" + scope
          + ", SignedHeaders=" + SIGNED + ", Signature=" + signature + "\r\n";
    }

    /// The signing key of a day, kept until the day changes.
    private SecretKeySpec key(String day) throws GeneralSecurityException {
      if (!day.equals(keyDay)) {
        byte[] derived = secretKey;
        for (String part : List.of(day, REGION, "rtc", "request")) {
          mac.init(new SecretKeySpec(derived, "HmacSHA256"));
          derived = mac.doFinal(utf8(part));
        }
        key = new SecretKeySpec(derived, "HmacSHA256");
        keyDay = day;
      }
      return key;
    }

    private static byte[] utf8(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
  }
}
