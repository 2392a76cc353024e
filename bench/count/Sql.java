import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A table of members in a database: id, tags as an array, city. One connection.
final class Sql implements Contender {
  private final Product product;
  private final java.sql.Connection connection;
  private final Statement statement;
  private final Path file;

  /// What the databases say differently.
  ///
  /// @param load statements that fill the table from a file of `id|t1,t2|c0`, whose path stands for
  ///     `FILE`, and index it
  /// @param has the condition that a member has a word
  record Product(String[] load, Function<Word, String> has) {
    /// Scans the table; for lists it has no index.
    static final Product DUCKDB =
        new Product(
            new String[] {
              """
              create table member as
              select id, string_split(tags, ',') as tags, city from read_csv('FILE', delim = '|',
                header = false, columns = {'id': 'integer', 'tags': 'varchar', 'city': 'varchar'})
              """
            },
            word ->
                switch (word.kind()) {
                  case TAG -> "list_contains(tags, '" + word + "')";
                  case CITY -> "city = '" + word + "'";
                });

    /// A GIN index on the array, a B-tree on the city.
    static final Product POSTGRESQL =
        new Product(
            new String[] {
              "create temporary table line (id integer, tags text, city text)",
              "copy line from 'FILE' with (format csv, delimiter '|')",
              """
              create table member as
              select id, string_to_array(tags, ',') as tags, city from line order by id""",
              "create index member_tags on member using gin (tags)",
              "create index member_city on member (city)",
              "vacuum (analyze) member"
            },
            word ->
                switch (word.kind()) {
                  case TAG -> "tags @> '{" + word + "}'";
                  case CITY -> "city = '" + word + "'";
                });
  }

  /// @param file where the lines are written while the table is filled
  Sql(Product product, String url, Path file) throws SQLException {
    this.product = product;
    this.connection = DriverManager.getConnection(url);
    this.statement = connection.createStatement();
    this.file = file;
  }

  @Override
  public void load(Dataset data) throws IOException, SQLException {
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      for (int member = 0; member < data.members(); member++) {
        String tags =
            data.tagsOf(member)
                .mapToObj(tag -> Word.tag(tag).toString())
                .collect(Collectors.joining(","));
        lines.write(member + "|\"" + tags + "\"|" + data.cityOf(member) + "\n");
      }
    }
    for (String step : product.load()) {
      statement.execute(step.replace("FILE", file.toString()));
    }
    Files.delete(file);
  }

  @Override
  public long count(Question question) throws SQLException {
    String query = "select count(*) from member where " + question.written(product.has());
    try (ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
