import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes the members of a [Population] twice: as lines of JSON for `fanfare import`, and as
/// PostgreSQL's COPY takes them.
final class Write {
  private static final String USAGE = "Write --members N --directory DIR";

  private Write() {}

  public static void main(String... arguments) throws IOException {
    Options options = new Options(USAGE, arguments);
    int members = options.positive("members", 1);
    Path directory = Path.of(options.text("directory"));
    Population population = new Population(members, 5);
    try (BufferedWriter json = Files.newBufferedWriter(directory.resolve("members.ndjson"));
        BufferedWriter rows = Files.newBufferedWriter(directory.resolve("members.tsv"))) {
      for (int member = 1; member <= members; member++) {
        StringBuilder quoted = new StringBuilder();
        StringBuilder plain = new StringBuilder();
        for (int tag : population.tagsOf(member)) {
          quoted.append(quoted.isEmpty() ? "\"t" : ",\"t").append(tag).append('"');
          plain.append(plain.isEmpty() ? "t" : ",t").append(tag);
        }
        json.write(
            "{\"id\":\"m" + member + "\",\"nickName\":\"user " + member + "\",\"tags\":[" + quoted
                + "]}\n");
        rows.write("m" + member + "\tuser " + member + "\t{" + plain + "}\n");
      }
    }
  }
}
