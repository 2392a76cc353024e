package dev.fanfare;

import dev.fanfare.http.Response;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A recorded request with its answer: lines that begin with `#`, the lines of the request, a line
/// `---`, and the answer. `-Dgolden=write` has answers written anew, to be read before they are
/// kept.
///
/// @param about the lines that begin with `#`
/// @param request the lines of the request
/// @param answer empty when there is none yet
public record GoldenFile(Path file, List<String> about, List<String> request, String answer) {
  private static final String RULE = "\n---\n";
  private static final Set<Table> BOOKS = Set.of(Table.JOURNAL, Table.META, Table.DELTA);

  public static GoldenFile read(Path file) {
    try {
      String all = Files.readString(file);
      int end = all.indexOf(RULE);
      List<String> lines =
          List.of(all.substring(0, end < 0 ? all.length() - 1 : end).split("\n", -1));
      List<String> about = lines.stream().takeWhile(line -> line.startsWith("#")).toList();
      List<String> request = lines.subList(about.size(), lines.size());
      return new GoldenFile(file, about, request, end < 0 ? "" : all.substring(end + 5));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The names of the files in a directory, in order.
  public static List<String> names(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString().replace(".txt", "")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is unusual about the server: the lines `# given: …`.
  public List<String> givens() {
    return about.stream()
        .filter(line -> line.startsWith("# given: "))
        .map(line -> line.substring("# given: ".length()))
        .toList();
  }

  /// Writes an answer in place of the one it has, when that is asked for.
  public void writeIfAsked(String answered) {
    if ("write".equals(System.getProperty("golden"))) {
      String asked = String.join("\n", about) + "\n" + String.join("\n", request);
      try {
        Files.writeString(file, asked + RULE + answered);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// An answer as files have it.
  public static String text(Response response) {
    StringBuilder text = new StringBuilder().append(response.status()).append('\n');
    new TreeMap<>(response.headers())
        .forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    String body = new String(response.body(), StandardCharsets.UTF_8);
    return text.append('\n').append(body).append('\n').toString();
  }

  /// Everything that is stored but the journal's own books.
  public static Map<String, String> contents(MemoryStore store) {
    Map<String, String> contents = new LinkedHashMap<>();
    HexFormat hex = HexFormat.of();
    for (Table table : Table.values()) {
      if (!BOOKS.contains(table)) {
        store
            .table(table)
            .forEach((key, value) ->
                contents.put(table + " " + hex.formatHex(key), hex.formatHex(value)));
      }
    }
    return contents;
  }
}
