import java.sql.Array;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// Measures what `Register.java` measures, in a PostgreSQL table: callers that each upsert 20 new
/// members with five tags per statement, one after the other, each statement a transaction that is
/// synced. Prints the same lines, without an index on the tags and then with one, which counting
/// audiences needs.
///
/// The script `run` beside this file builds and starts everything.
final class Upsert {
  private static final String USAGE =
      "Upsert --postgresql URL [--seconds S] [--warm-up S] [--callers C]";
  private static final int PER_STATEMENT = 20;
  private static final Population POPULATION = new Population(Integer.MAX_VALUE, 5);
  private static final String UPSERT =
      "insert into member (id, nick, tags) values "
          + String.join(",", Collections.nCopies(PER_STATEMENT, "(?, ?, ?)"))
          + " on conflict (id) do update set nick = excluded.nick, tags = excluded.tags";

  private final String url;
  private final AtomicLong nextMember = new AtomicLong(1);

  private Upsert(String url) {
    this.url = url;
  }

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    Duration warmUp = Duration.ofSeconds(options.number("warm-up", 5));
    Duration length = Duration.ofSeconds(options.positive("seconds", 15));
    int callers = options.positive("callers", 32);
    Upsert upsert = new Upsert(options.text("postgresql"));
    upsert.execute("create table member (id bigint primary key, nick text, tags text[])");
    upsert.measure("no index on tags", callers, warmUp, length);
    upsert.execute("truncate member");
    upsert.execute("create index member_tags on member using gin (tags)");
    upsert.measure("GIN index on tags", callers, warmUp, length);
  }

  private void execute(String sql) throws SQLException {
    try (java.sql.Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void measure(String name, int callers, Duration warmUp, Duration length)
      throws Exception {
    long from = System.nanoTime() + warmUp.toNanos();
    Latencies all = new Latencies();
    List<Future<Latencies>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      for (int i = 0; i < callers; i++) {
        running.add(threads.submit(() -> caller(from, from + length.toNanos())));
      }
    }
    for (Future<Latencies> caller : running) {
      all.addAll(caller.get());
    }
    System.out.printf(
        Locale.ROOT,
        "%d callers, %d members per statement, %d s, %s: %,.0f members/s%n",
        callers,
        PER_STATEMENT,
        length.toSeconds(),
        name,
        (double) all.count() * PER_STATEMENT / length.toSeconds());
    System.out.println(all.line("upsert"));
  }

  /// Latencies of the statements that begin between two times of [System#nanoTime].
  private Latencies caller(long from, long to) throws SQLException {
    Latencies latencies = new Latencies();
    try (java.sql.Connection connection = DriverManager.getConnection(url);
        PreparedStatement statement = connection.prepareStatement(UPSERT)) {
      for (long began; (began = System.nanoTime()) < to; ) {
        long first = nextMember.getAndAdd(PER_STATEMENT);
        for (int i = 0; i < PER_STATEMENT; i++) {
          fill(connection, statement, i, first + i);
        }
        if (statement.executeUpdate() != PER_STATEMENT) {
          throw new IllegalStateException("a member is missing");
        }
        if (began >= from) {
          latencies.add(System.nanoTime() - began);
        }
      }
    }
    return latencies;
  }

  private static void fill(
      java.sql.Connection connection, PreparedStatement statement, int row, long member)
      throws SQLException {
    IntStream tags = Arrays.stream(POPULATION.tagsOf((int) member));
    Array array = connection.createArrayOf("text", tags.mapToObj(tag -> "t" + tag).toArray());
    statement.setLong(3 * row + 1, member);
    statement.setString(3 * row + 2, "user " + member);
    statement.setArray(3 * row + 3, array);
  }
}
