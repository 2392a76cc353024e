package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class VolcengineMessageTest {

  @Test
  void a_device_receives_the_example_of_the_contract() {
    String request =
        """
        {"AppId":123456,"Content":"{\\"text\\":\\"hello\\"}","Ext":{"message_ext":"123"},"InboxType":0,"MsgTTL":300,"MsgType":10001,"Sender":10001,"TagOp":0,"Tags":["vip"]}\
        """;
    byte[] stored = stored(request);
    assertThat(text(stored))
        .isEqualTo(
            """
            {"AppId":123456,"MsgType":10001,"Content":"{\\"text\\":\\"hello\\"}","Sender":10001,"Ext":{"message_ext":"123"},"InboxType":0,"MsgTTL":300}\
            """);
    assertThat(text(VolcengineMessage.deliver(stored, 7340000000000000001L, 1704164645000L)))
        .isEqualTo(
            """
            {"AppId":123456,"MessageId":7340000000000000001,"MessageIdStr":"7340000000000000001","MsgType":10001,"Content":"{\\"text\\":\\"hello\\"}","Sender":10001,"SenderStr":"10001","CreateTime":1704164645000,"ExpireTime":1704164945000,"Ext":{"message_ext":"123"},"Status":0,"ConversationShortId":0,"ConversationType":4,"InboxType":0}\
            """);
  }

  @Test
  void numbers_near_the_end_of_int64_and_any_text_pass_unchanged() {
    String request =
        """
        {"Content":"\\u4e2d😀\\u0000\\"<&>","Ext":{"z":"1","a":"","":"😀"},"InboxType":2147483647,"MsgTTL":604800,"MsgType":2147483647,"Sender":9223372036854775807}\
        """;
    assertThat(text(VolcengineMessage.deliver(stored(request), Long.MAX_VALUE - 1, 1L)))
        .isEqualTo(
            """
            {"AppId":123456,"MessageId":9223372036854775806,"MessageIdStr":"9223372036854775806","MsgType":2147483647,"Content":"中😀\\u0000\\"<&>","Sender":9223372036854775807,"SenderStr":"9223372036854775807","CreateTime":1,"ExpireTime":604800001,"Ext":{"z":"1","a":"","":"😀"},"Status":0,"ConversationShortId":0,"ConversationType":4,"InboxType":2147483647}\
            """);
  }

  @Test
  void a_damaged_message_is_not_delivered() {
    assertThatThrownBy(() -> VolcengineMessage.deliver(Hashes.utf8("{"), 1, 1))
        .isInstanceOf(IllegalStateException.class);
  }

  private static byte[] stored(String request) {
    return VolcengineMessage.of(123456, FakeServer.DEFAULTS, Fields.parse(Hashes.utf8(request)))
        .stored();
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}
