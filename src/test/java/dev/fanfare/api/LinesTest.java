package dev.fanfare.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Lines are cut right wherever the stream stops in between.
final class LinesTest {
  private static final int MOST = 30;

  /// Hands out a few bytes at a time.
  private static InputStream slowly(String text, Random random) {
    return new FilterInputStream(new ByteArrayInputStream(text.getBytes(ISO_8859_1))) {
      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        return super.read(bytes, from, Math.min(length, 1 + random.nextInt(20)));
      }
    };
  }

  private static List<String> cut(String text, Random random) throws IOException {
    Lines lines = new Lines(slowly(text, random), MOST);
    List<String> found = new ArrayList<>();
    while (lines.advance()) {
      assertThat(lines.number()).isEqualTo(found.size() + 1L);
      found.add(lines.isTooLong() ? "too long" : new String(lines.copy(), ISO_8859_1));
    }
    return found;
  }

  @Test
  void every_line_comes_once_and_a_long_one_is_passed() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder();
      List<String> expected = new ArrayList<>();
      for (int lines = random.nextInt(6); lines > 0; lines--) {
        String line =
            "x".repeat(random.nextInt(3) == 0 ? 28 + random.nextInt(60) : random.nextInt(9));
        expected.add(line.length() > MOST ? "too long" : line);
        text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      if (random.nextBoolean()) {
        text.append("last");
        expected.add("last");
      }
      assertThat(cut(text.toString(), random)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void a_line_without_end_takes_no_more_than_the_buffer() throws IOException {
    InputStream endless =
        new InputStream() {
          private int left = 20 << 20;

          @Override
          public int read() {
            return left-- > 0 ? 'x' : -1;
          }

          @Override
          public int read(byte[] into, int from, int most) {
            int count = Math.min(left, most);
            Arrays.fill(into, from, from + count, (byte) 'x');
            left -= count;
            return count == 0 ? -1 : count;
          }
        };
    Lines lines = new Lines(endless, MOST);
    assertThat(lines.advance()).isTrue();
    assertThat(lines.isTooLong()).isTrue();
    assertThat(lines.buffer()).hasSize(1 << 20);
    assertThat(lines.advance()).isFalse();
  }
}
