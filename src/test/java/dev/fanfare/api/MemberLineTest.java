package dev.fanfare.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.schema.MemberChange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The quick reading of a line takes nothing that the thorough one refuses, and reads it the same.
final class MemberLineTest {
  private static final String ORDINARY =
      "{'id': '10001', 'nickName': 'Ann', 'portrait': 'http://x/1.png', 'tags': ['vip', 'new', 'vip'],"
          + " 'attributes': {'tier': '1', 'city': 'ny'}, 'ext': {'b': '', 'a': '中'}, 'robot': true,"
          + " 'createdAt': '2026-01-01T00:00:00Z', 'modifiedAt': '', 'version': '7'}";

  /// What mutations are made of, besides bytes.
  private static final List<String> PIECES =
      List.of(
          "null",
          "{}",
          "[]",
          "''",
          "1",
          "true",
          "'id'",
          "'tags'",
          "'ext'",
          "{'id': '1'}",
          ",",
          ":",
          "'\\ud83d'",
          "'\\u0000'",
          "'\\ud83d\\ude00'",
          "é",
          "'" + "x".repeat(64) + "'",
          "'" + "é".repeat(130) + "'",
          "'" + "x".repeat(257) + "'",
          "'" + "中".repeat(501) + "'",
          "\u007f",
          "'x': 1",
          "1e400",
          "// no");

  private static Lines line(byte[] bytes) throws IOException {
    Lines lines = new Lines(new ByteArrayInputStream(bytes), Import.LINE_BYTES);
    assertThat(lines.advance()).isTrue();
    return lines;
  }

  private static Optional<MemberChange> thorough(byte[] bytes) {
    try {
      return Optional.of(MemberLine.thorough(bytes));
    } catch (ProblemException e) {
      return Optional.empty();
    }
  }

  private static boolean quickAgrees(byte[] bytes) throws IOException {
    Optional<MemberChange> quick = MemberLine.quick(line(bytes));
    if (quick.isPresent()) {
      assertThat(thorough(bytes)).as(new String(bytes, UTF_8)).isEqualTo(quick);
    }
    return quick.isPresent();
  }

  @Test
  void an_ordinary_line_is_read_quickly() throws IOException {
    assertThat(quickAgrees(ORDINARY.replace('\'', '"').getBytes(UTF_8))).isTrue();
    assertThat(quickAgrees("{\"id\":\"1\"}".getBytes(UTF_8))).isTrue();
    assertThat(quickAgrees("{\"tags\":[],\"id\":\"1\",\"ext\":{}}".getBytes(UTF_8))).isTrue();
  }

  @Test
  void a_name_is_not_taken_for_a_shorter_one_that_was_read_before() throws IOException {
    byte[] shorter = "{\"id\":\"1\",\"attributes\":{\"ier\":\"1\"}}".getBytes(UTF_8);
    byte[] longer = "{\"id\":\"1\",\"attributes\":{\"tier\":\"1\"}}".getBytes(UTF_8);
    longer[new String(longer, UTF_8).indexOf("tier")] = (byte) 0xFF;
    assertThat(quickAgrees(shorter)).isTrue();
    assertThat(quickAgrees(longer)).isFalse();
    assertThat(thorough(longer)).isEmpty();
  }

  @Test
  void bytes_that_are_no_utf8_are_not_taken_for_text() throws IOException {
    byte[] line = "{\"id\":\"1\",\"nickName\":\"....\"}".getBytes(UTF_8);
    int at = new String(line, UTF_8).indexOf("....");
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      int length = 1 + random.nextInt(4);
      Arrays.fill(line, at, at + 4, (byte) '.');
      for (int j = 0; j < length; j++) {
        line[at + j] = (byte) ((j == 0 ? 0xC0 : 0x80) + random.nextInt(0x40));
      }
      var _ = quickAgrees(line);
    }
  }

  @Test
  void whatever_is_read_quickly_is_what_a_thorough_reading_says() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    int quick = 0;
    for (int i = 0; i < 60_000; i++) {
      byte[] bytes = mutated(random).replace('\'', '"').getBytes(UTF_8);
      if (random.nextInt(4) == 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      if (new String(bytes, UTF_8).indexOf('\n') < 0) {
        quick += quickAgrees(bytes) ? 1 : 0;
      }
    }
    assertThat(quick).as("seed %d", seed).isBetween(2_000, 58_000);
  }

  private static String mutated(Random random) {
    StringBuilder text = new StringBuilder(ORDINARY);
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int from = random.nextInt(text.length());
      int length = Math.min(random.nextInt(12), text.length() - from);
      String piece = random.nextBoolean() ? PIECES.get(random.nextInt(PIECES.size())) : "";
      switch (random.nextInt(3)) {
        case 0 -> text.replace(from, from + length, piece);
        case 1 -> text.insert(from, text.substring(from, from + length));
        default -> replaceValue(text, random);
      }
    }
    return text.toString();
  }

  /// Replaces a whole value, so that most of the line stays JSON.
  private static void replaceValue(StringBuilder text, Random random) {
    int colon = text.indexOf(": ", random.nextInt(text.length()));
    int end = colon < 0 ? -1 : text.indexOf(",", colon);
    if (end > 0) {
      text.replace(colon + 2, end, PIECES.get(random.nextInt(PIECES.size())));
    }
  }
}
