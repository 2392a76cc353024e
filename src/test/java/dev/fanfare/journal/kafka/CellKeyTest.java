package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What leaves the node sealed is read with the same key only.
final class CellKeyTest {
  private static final byte[] SECRET = "admin key".getBytes(StandardCharsets.UTF_8);

  private final CellKey key = TestTopic.key(1);

  @Test
  void what_is_sealed_is_opened_by_the_same_key_on_another_node() {
    assertThat(TestTopic.key(1).open(key.seal(SECRET))).isEqualTo(SECRET);
  }

  @Test
  void the_same_secret_is_never_sealed_alike() {
    assertThat(key.seal(SECRET)).isNotEqualTo(key.seal(SECRET));
  }

  @Test
  void another_key_a_changed_byte_and_a_short_text_are_refused() {
    byte[] sealed = key.seal(SECRET);
    byte[] changed = sealed.clone();
    changed[sealed.length - 1]++;
    assertThatThrownBy(() -> TestTopic.key(2).open(sealed))
        .isInstanceOf(CellKey.WrongKeyException.class);
    assertThatThrownBy(() -> key.open(changed)).isInstanceOf(CellKey.WrongKeyException.class);
    assertThatThrownBy(() -> key.open(Arrays.copyOf(sealed, 5)))
        .isInstanceOf(CellKey.WrongKeyException.class);
  }

  @Test
  void a_key_is_known_by_its_name() {
    assertThat(TestTopic.key(1).isNamed(key.id())).isTrue();
    assertThat(TestTopic.key(2).isNamed(key.id())).isFalse();
  }
}
