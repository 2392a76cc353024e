package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.ConformanceDocument;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// `docs/volcengine-conformance.md` names tests that exist.
class ConformanceTest {
  private static final ConformanceDocument DOCUMENT =
      new ConformanceDocument(
          Path.of("docs/volcengine-conformance.md"),
          Path.of("src/test/resources/golden/volcengine"));

  @Test
  void every_rule_has_a_proof_that_exists() {
    assertThat(DOCUMENT.wrong()).isEmpty();
    assertThat(DOCUMENT.rules()).hasSizeGreaterThan(90);
  }

  @Test
  void every_golden_file_is_named() {
    assertThat(DOCUMENT.unnamedRecordings()).isEmpty();
  }
}
