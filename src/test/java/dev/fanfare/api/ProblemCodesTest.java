package dev.fanfare.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/native-api.md lists every code of a problem, with its status.
final class ProblemCodesTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/fanfare/api");
  private static final Pattern RAISED =
      Pattern.compile("(?:\\bof|new Problem)\\(\\s*([45][0-9]{2}),\\s*\"([a-z_]+)\"");
  private static final Pattern LISTED =
      Pattern.compile("(?m)^\\| `([a-z_]+)` \\| ([45][0-9]{2}) \\|");

  @Test
  void every_code_is_listed_with_its_status_and_no_other() throws IOException {
    Set<String> raised = new TreeSet<>();
    for (Path source : sources()) {
      Matcher matcher = RAISED.matcher(Files.readString(source));
      while (matcher.find()) {
        raised.add(matcher.group(2) + " " + matcher.group(1));
      }
    }
    Set<String> listed = new TreeSet<>();
    Matcher matcher = LISTED.matcher(Files.readString(Path.of("docs/native-api.md")));
    while (matcher.find()) {
      listed.add(matcher.group(1) + " " + matcher.group(2));
    }
    assertThat(listed).isEqualTo(raised).hasSizeGreaterThan(30);
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files.toList();
    }
  }
}
