import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Compares an export, member by member, with what a [Population] and the renames of [Update] made
/// of it up to an offset of the journal. Any difference ends it with status 1.
///
/// With a time it checks too that the offset is where the journal stood then: no rename at or
/// before the time is later than the offset, and none after it is earlier.
final class Compare {
  private static final String USAGE =
      "Compare --members N --export FILE --log FILE --offset N --time INSTANT";
  private static final Pattern MEMBER =
      Pattern.compile("\\{\"id\":\"m([0-9]+)\",\"nickName\":\"([^\"]*)\".*?\"tags\":\\[([^]]*)]");

  private record Rename(String name, long version) {}

  public static void main(String... arguments) throws IOException {
    Options options = new Options(USAGE, arguments);
    int members = options.positive("members", 1);
    long offset = Long.parseLong(options.text("offset"));
    Map<Integer, Rename> renamed =
        renames(Path.of(options.text("log")), offset, Instant.parse(options.text("time")));
    Population population = new Population(members, 5);
    BitSet seen = new BitSet(members + 1);
    try (BufferedReader lines = Files.newBufferedReader(Path.of(options.text("export")))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher member = MEMBER.matcher(line);
        if (!member.find()) {
          throw new IllegalStateException("not a member: " + line);
        }
        int number = Integer.parseInt(member.group(1));
        Rename last = renamed.get(number);
        String name = last == null ? "user " + number : last.name();
        require(!seen.get(number), "there once", line);
        require(member.group(2).equals(name), name, line);
        require(tags(member.group(3)).equals(tags(population, number)), "its tags", line);
        seen.set(number);
      }
    }
    require(seen.cardinality() == members, members + " members", seen.cardinality() + " members");
    System.out.printf("%d members as they were, %d of them renamed%n", members, renamed.size());
  }

  private static Map<Integer, Rename> renames(Path log, long offset, Instant time)
      throws IOException {
    Map<Integer, Rename> renamed = new HashMap<>();
    int later = 0;
    for (String line : Files.readAllLines(log)) {
      String[] fields = line.split("\t");
      Rename rename = new Rename(fields[1], Long.parseLong(fields[2]));
      boolean within = !Instant.parse(fields[3]).isAfter(time);
      require(within == rename.version() <= offset, "on its side of " + time, line);
      if (within) {
        renamed.merge(
            Integer.parseInt(fields[0]),
            rename,
            (one, other) -> one.version() > other.version() ? one : other);
      } else {
        later++;
      }
    }
    require(!renamed.isEmpty() && later > 0, "renames before and after", log.toString());
    return renamed;
  }

  private static Set<String> tags(String list) {
    return new HashSet<>(Arrays.asList(list.replace("\"", "").split(",")));
  }

  private static Set<String> tags(Population population, int member) {
    Set<String> tags = new HashSet<>();
    for (int tag : population.tagsOf(member)) {
      tags.add("t" + tag);
    }
    return tags;
  }

  private static void require(boolean holds, String expected, String found) {
    if (!holds) {
      System.err.println("expected " + expected + ": " + found);
      System.exit(1);
    }
  }
}
