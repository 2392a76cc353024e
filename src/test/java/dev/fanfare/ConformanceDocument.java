package dev.fanfare;

import java.io.IOException;
import java.io.UncheckedIOException;
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

/// A document whose tables have rules, and in the last column what proves them: tests as
/// `Class.method` and recordings as `golden/NAME`.
///
/// @param golden the directory of the recordings
public record ConformanceDocument(Path file, Path golden) {
  private static final Path SOURCES = Path.of("src/test/java");
  private static final Pattern PROOF = Pattern.compile("`([^`]+)`");

  /// The rows that state a rule.
  public List<String> rules() {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith("| "))
          .filter(line -> !line.startsWith("| rule ") && !line.startsWith("| --- "))
          .map(line -> line.substring(2))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Proofs that do not exist, and rules that have none.
  public List<String> wrong() {
    Map<String, String> sources = sources();
    List<String> wrong = new ArrayList<>();
    for (String row : rules()) {
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
    }
    return wrong;
  }

  /// The names of recordings that no rule has as its proof.
  public List<String> unnamedRecordings() {
    Set<String> named = new HashSet<>();
    for (String row : rules()) {
      Matcher proof = PROOF.matcher(row);
      while (proof.find()) {
        named.add(proof.group(1));
      }
    }
    return GoldenFile.names(golden).stream()
        .filter(name -> !named.contains("golden/" + name))
        .toList();
  }

  private boolean exists(String proof, Map<String, String> sources) {
    if (proof.startsWith("golden/")) {
      return Files.exists(golden.resolve(proof.substring("golden/".length()) + ".txt"));
    }
    int dot = proof.indexOf('.');
    String source = dot < 0 ? "" : sources.getOrDefault(proof.substring(0, dot), "");
    String method = "  void " + proof.substring(dot + 1);
    return source.contains(method + "(") || source.contains(method + "\n");
  }

  /// The sources of all tests, by class.
  private static Map<String, String> sources() {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }
}
