import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.postgresql.PGConnection;

/// Measures COPY of a file into a PostgreSQL table with a primary key, without an index on the tags
/// and then with one; a transaction that is synced. Prints members per second.
final class Copy {
  private static final String USAGE =
      "Copy --postgresql URL --file FILE --members N --ours-micros M";

  private Copy() {}

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    Path file = Path.of(options.text("file"));
    int members = options.positive("members", 1);
    try (java.sql.Connection connection =
        DriverManager.getConnection(options.text("postgresql"))) {
      execute(connection, "create table member (id text primary key, nick text, tags text[])");
      double plain = measure(connection, file, members);
      print("PostgreSQL COPY, no index on tags", plain);
      execute(connection, "truncate member");
      execute(connection, "create index member_tags on member using gin (tags)");
      double indexed = measure(connection, file, members);
      print("PostgreSQL COPY, GIN index on tags", indexed);
      double ours = members / (options.positive("ours-micros", 1) / 1e6);
      System.out.printf(
          Locale.ROOT,
          "ours is %.2f times COPY without the index, %.2f times COPY with it%n",
          ours / plain,
          ours / indexed);
    }
  }

  private static void execute(java.sql.Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static double measure(java.sql.Connection connection, Path file, int members)
      throws Exception {
    long began = System.nanoTime();
    try (Reader rows = Files.newBufferedReader(file)) {
      long copied =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("copy member from stdin", rows);
      if (copied != members) {
        throw new IllegalStateException(copied + " of " + members + " were copied");
      }
    }
    return members / ((System.nanoTime() - began) / 1e9);
  }

  private static void print(String what, double perSecond) {
    System.out.printf(Locale.ROOT, "%s: %,.0f members/s%n", what, perSecond);
  }
}
