package dev.fanfare.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.AudienceNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AudienceSchemaTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "everyone",
        "tag:vip and not (city=ny or member:1,2)",
        "(and tag:a)",
        "not not not not not not not not not not not not not not not everyone",
      })
  void stored_audience_comes_back_the_same(String text) throws InvalidProtocolBufferException {
    Audience audience = AudienceText.parse(text);
    byte[] stored = AudienceSchema.encode(audience).toByteArray();
    assertThat(AudienceSchema.decode(AudienceNode.parseFrom(stored))).isEqualTo(audience);
  }

  @Test
  void node_of_no_kind_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AudienceSchema.decode(AudienceNode.getDefaultInstance()));
  }
}
