package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.ConformanceDocument;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// `docs/tencent-conformance.md` names tests that exist.
class TencentConformanceTest {
  private static final ConformanceDocument DOCUMENT =
      new ConformanceDocument(
          Path.of("docs/tencent-conformance.md"), Path.of("src/test/resources/golden/tencent"));

  @Test
  void every_rule_has_a_proof_that_exists() {
    assertThat(DOCUMENT.wrong()).isEmpty();
    assertThat(DOCUMENT.rules()).hasSizeGreaterThan(90);
  }

  @Test
  void every_golden_file_is_named() {
    assertThat(DOCUMENT.unnamedRecordings()).isEmpty();
  }

  @Test
  void every_error_is_answered_by_a_golden_file() {
    for (TencentError error : TencentError.values()) {
      assertThat(TencentGoldenTest.names())
          .as(error.name())
          .anyMatch(name -> name.startsWith("error-" + error.code() + "-"));
    }
  }
}
