package dev.fanfare.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Records that are rows of a CSV file (RFC 4180, UTF-8) whose first row names the columns.
final class CsvRecords implements ImportRecords {
  /// A cell can hardly be longer; more is a quote that nobody closed.
  private static final int CELL_CHARACTERS = 1 << 20;

  private static final CsvMapper CSV =
      CsvMapper.builder(
              CsvFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(CELL_CHARACTERS).build())
                  .build())
          .enable(CsvParser.Feature.WRAP_AS_ARRAY)
          .build();

  private final MappingIterator<String[]> rows;
  private final CsvColumns columns;

  CsvRecords(InputStream stream, Map<String, String> map, String tagSeparator) throws IOException {
    rows = CSV.readerFor(String[].class).readValues(stream);
    String[] header = row();
    if (header == null) {
      throw CliException.badUsage("the file is empty; its first row has to name the columns");
    }
    columns = CsvColumns.of(header, map, tagSeparator);
  }

  private String @Nullable [] row() throws IOException {
    try {
      return rows.hasNextValue() ? rows.nextValue() : null;
    } catch (JsonProcessingException e) {
      throw CliException.failed(
          "not CSV at line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage());
    }
  }

  /// The line where the last row ended.
  private long line() {
    JsonLocation after = rows.getParser().currentLocation();
    // A row that ended took the place to the next line; the last one may lack that end.
    return after.getColumnNr() == 1 ? after.getLineNr() - 1L : after.getLineNr();
  }

  @Override
  public @Nullable ImportPortion next() throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(ImportPortion.BYTES);
    long[] numbers = new long[1_000];
    int records = 0;
    try (JsonGenerator json = Client.JSON.createGenerator(lines)) {
      json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
      String[] row;
      while (lines.size() < ImportPortion.BYTES / 2 && (row = row()) != null) {
        if (records == numbers.length) {
          numbers = Arrays.copyOf(numbers, 2 * records);
        }
        numbers[records++] = line();
        if (columns.fits(row)) {
          columns.write(row, json);
        } else {
          json.writeString("a row needs a cell for each column");
        }
        json.flush();
      }
    }
    if (records == 0) {
      return null;
    }
    lines.write('\n');
    long[] all = numbers;
    return new ImportPortion(lines.toByteArray(), lines.size(), records, line -> all[line - 1]);
  }

  @Override
  public void skip(long records) throws IOException {
    for (long skipped = 0; skipped < records && row() != null; skipped++) {
      // Passed.
    }
  }
}
