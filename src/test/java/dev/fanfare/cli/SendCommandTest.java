package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SendCommandTest {
  SendCommandTest() {}

  @Test
  void numbers_of_a_message_keep_their_digits(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("message");
    for (String number : List.of("1.10", "1E+400", "0.12345678901234567890", "7".repeat(1_001))) {
      String json = "{\"a\":" + number + "}";
      SendCommand.Message given = new SendCommand.Message();
      given.json = json;
      assertThat(given.body().toString()).isEqualTo(json);
      SendCommand.Message read = new SendCommand.Message();
      read.file = Files.writeString(file, json);
      assertThat(read.body().toString()).isEqualTo(json);
    }
  }

  @Test
  void message_with_a_number_that_cannot_be_is_bad_usage() {
    SendCommand.Message message = new SendCommand.Message();
    message.json = "[1e99999999999]";
    assertThatExceptionOfType(CliException.class)
        .isThrownBy(message::body)
        .withMessageContaining("out of range");
  }
}
