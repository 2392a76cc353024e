package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CsvRecordsTest {
  CsvRecordsTest() {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id,tags\n1,a\n2,b\n3,c",
        "id,tags\n1,a\n2,b\n3,c\n",
        "id,tags\r\n1,a\r\n2,b\r\n3,\"c\"",
        "id,tags\r\n1,a\r\n2,b\r\n3,\r\n",
      })
  void row_is_told_by_its_line_whether_or_not_the_last_one_ends(String file) throws IOException {
    CsvRecords records =
        new CsvRecords(new ByteArrayInputStream(file.getBytes(UTF_8)), Map.of(), "|");
    ImportPortion portion = Objects.requireNonNull(records.next());
    assertThat(LongStream.of(1, 2, 3).map(row -> portion.source().applyAsLong((int) row)))
        .containsExactly(2L, 3L, 4L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id,ext.k\n1,\"a\nb\"", "id,ext.k\n1,\"a\nb\"\n"})
  void row_of_several_lines_is_told_by_its_last(String file) throws IOException {
    CsvRecords records =
        new CsvRecords(new ByteArrayInputStream(file.getBytes(UTF_8)), Map.of(), "|");
    assertThat(Objects.requireNonNull(records.next()).source().applyAsLong(1)).isEqualTo(3);
  }
}
