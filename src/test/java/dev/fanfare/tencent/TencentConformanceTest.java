package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/tencent-conformance.md` names tests that exist.
class TencentConformanceTest {
  private static final Path DOCUMENT = Path.of("docs/tencent-conformance.md");
  private static final Path SOURCES = Path.of("src/test/java");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/tencent");
  private static final Pattern PROOF = Pattern.compile("`([^`]+)`");

  @Test
  void every_rule_has_a_proof_that_exists() throws IOException {
    Map<String, String> sources = sources();
    List<String> wrong = new ArrayList<>();
    int rules = 0;
    for (String row : rows()) {
      String proofs = row.substring(row.lastIndexOf(" | ", row.length() - 3) + 3);
      Matcher named = PROOF.matcher(proofs);
      int found = 0;
      while (named.find()) {
        found++;
        if (!exists(named.group(1), sources)) {
          wrong.add(named.group(1));
        }
      }
      if (found == 0 && !proofs.startsWith("not provoked: ")) {
        wrong.add("no proof: " + row);
      }
      rules++;
    }
    assertThat(wrong).isEmpty();
    assertThat(rules).isGreaterThan(90);
  }

  @Test
  void every_golden_file_is_named() throws IOException {
    Set<String> named = new HashSet<>();
    Matcher proof = PROOF.matcher(Files.readString(DOCUMENT));
    while (proof.find()) {
      named.add(proof.group(1));
    }
    assertThat(TencentGoldenTest.names().map(name -> "golden/" + name)).isSubsetOf(named);
  }

  @Test
  void every_error_is_answered_by_a_golden_file() throws IOException {
    List<String> names = TencentGoldenTest.names().toList();
    for (TencentError error : TencentError.values()) {
      assertThat(names)
          .as(error.name())
          .anyMatch(name -> name.startsWith("error-" + error.code() + "-"));
    }
  }

  private static List<String> rows() throws IOException {
    return Files.readAllLines(DOCUMENT).stream()
        .filter(line -> line.startsWith("| "))
        .filter(line -> !line.startsWith("| rule ") && !line.startsWith("| --- "))
        .map(line -> line.substring(2))
        .toList();
  }

  private static boolean exists(String proof, Map<String, String> sources) {
    if (proof.startsWith("golden/")) {
      return Files.exists(GOLDEN.resolve(proof.substring("golden/".length()) + ".txt"));
    }
    int dot = proof.indexOf('.');
    String source = dot < 0 ? "" : sources.getOrDefault(proof.substring(0, dot), "");
    return source.contains("  void " + proof.substring(dot + 1) + "(")
        || source.contains("  void " + proof.substring(dot + 1) + "\n");
  }

  /// The sources of all tests, by class.
  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    return sources;
  }
}
