package dev.fanfare.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
  @Test
  void json_and_back() {
    Progress read = Progress.fromJson(new Progress("1x-1", "用户", List.of("a", "b")).toJson());
    assertThat(read).isNotNull();
    assertThat(read.position()).isEqualTo("1x-1");
    assertThat(read.member()).isEqualTo("用户");
    assertThat(read.ids()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"position", "[]", "{}", "null", "{\"position\":{}}"})
  void anything_else_is_nothing(String text) {
    assertThat(Progress.fromJson(text)).isNull();
  }
}
