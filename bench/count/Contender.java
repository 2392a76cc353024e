import java.io.IOException;
import java.sql.SQLException;

/// A place that holds the members and counts them. Used by one thread.
interface Contender extends AutoCloseable {
  /// Takes all members in; called once, before the counts.
  void load(Dataset data) throws Exception;

  /// How many members match.
  long count(Question question) throws Exception;

  @Override
  default void close() throws IOException, SQLException {}
}
