package dev.fanfare.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Which column of a CSV file is which field of a member.
///
/// A column that has a field's name is that field: `id`, `nickName`, `portrait`, `tags`, `robot`,
/// `attributes.NAME`, `ext.KEY`. An empty cell says nothing.
final class CsvColumns {
  private static final String IGNORED = "-";
  private static final Set<String> SINGLE = Set.of("id", "nickName", "portrait", "robot");

  private final List<String> fields;
  private final Pattern tagSeparator;

  private CsvColumns(List<String> fields, Pattern tagSeparator) {
    this.fields = fields;
    this.tagSeparator = tagSeparator;
  }

  /// @param map fields by column, where they are not the column's name; `-` leaves a column out
  /// @throws CliException when a column is no field, or no column is the id
  static CsvColumns of(String[] header, Map<String, String> map, String tagSeparator) {
    for (String column : map.keySet()) {
      if (!Arrays.asList(header).contains(column)) {
        throw CliException.badUsage("--map: the file has no column " + column);
      }
    }
    List<String> fields = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (String column : header) {
      String field = map.getOrDefault(column, column);
      if (!isField(field)) {
        throw CliException.badUsage(
            "column %s is no field: --map %s=FIELD, or %s=- to leave it out"
                .formatted(column, column, column));
      }
      if (!field.equals("tags") && !field.equals(IGNORED) && !named.add(field)) {
        throw CliException.badUsage("two columns are " + field);
      }
      fields.add(field);
    }
    if (!named.contains("id")) {
      throw CliException.badUsage("no column is the id: --map COLUMN=id");
    }
    return new CsvColumns(fields, Pattern.compile(tagSeparator, Pattern.LITERAL));
  }

  private static boolean isField(String field) {
    return SINGLE.contains(field)
        || field.equals("tags")
        || field.equals(IGNORED)
        || field.matches("(?s)(attributes|ext)\\..+");
  }

  /// Whether a row has a cell for each column.
  boolean fits(String[] row) {
    return row.length == fields.size();
  }

  /// Writes a row as a member. What is wrong about it is for the server to say.
  void write(String[] row, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (String field : SINGLE) {
      int column = fields.indexOf(field);
      if (column >= 0 && !row[column].isEmpty()) {
        single(field, row[column], json);
      }
    }
    if (fields.contains("tags")) {
      json.writeArrayFieldStart("tags");
      for (int column = 0; column < row.length; column++) {
        if (fields.get(column).equals("tags")) {
          for (String tag : tagSeparator.split(row[column], -1)) {
            if (!tag.isBlank()) {
              json.writeString(tag.strip());
            }
          }
        }
      }
      json.writeEndArray();
    }
    pairs("attributes", row, json);
    pairs("ext", row, json);
    json.writeEndObject();
  }

  private static void single(String field, String text, JsonGenerator json) throws IOException {
    boolean truth = field.equals("robot") && text.matches("true|false|1|0");
    if (truth) {
      json.writeBooleanField(field, text.equals("true") || text.equals("1"));
    } else {
      json.writeStringField(field, text);
    }
  }

  private void pairs(String object, String[] row, JsonGenerator json) throws IOException {
    Map<String, String> pairs = new LinkedHashMap<>();
    IntStream.range(0, row.length)
        .filter(column -> fields.get(column).startsWith(object + ".") && !row[column].isEmpty())
        .forEach(
            column -> pairs.put(fields.get(column).substring(object.length() + 1), row[column]));
    if (!pairs.isEmpty()) {
      json.writeObjectFieldStart(object);
      for (Map.Entry<String, String> pair : pairs.entrySet()) {
        json.writeStringField(pair.getKey(), pair.getValue());
      }
      json.writeEndObject();
    }
  }
}
