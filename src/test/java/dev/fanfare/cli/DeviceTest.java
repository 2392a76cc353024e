package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeviceTest {
  private final Device device = new Device(Optional.of("1abcdef-1"));

  private Optional<String> take(String frame) {
    return device.take(Device.parse(frame.replace('\'', '"')));
  }

  @Test
  void position_moves_with_what_was_processed_and_never_with_hello_or_gap() {
    assertThat(take("{'type':'hello','app':'demo','member':'1','position':'1abcdef-5'}"))
        .contains("connected to demo as 1, from position 1abcdef-5");
    assertThat(take("{'type':'gap','from':'1abcdef-3'}")).isPresent();
    assertThat(device.position()).contains("1abcdef-1");
    var _ = take("{'type':'broadcast','position':'1abcdef-7','id':'b-1','message':{'body':1}}");
    assertThat(device.position()).contains("1abcdef-7");
    var _ = take("{'type':'recall','position':'1abcdef-8','id':'b-1'}");
    assertThat(device.position()).contains("1abcdef-8");
    var _ = take("{'type':'caught-up','position':'1abcdef-9'}");
    assertThat(device.position()).contains("1abcdef-9");
  }

  @Test
  void text_is_shown_as_text_and_anything_else_as_json() {
    String head = "{'type':'broadcast','position':'1abcdef-7','sentAt':0,'from':'ops',";
    assertThat(take(head + "'id':'b-1','message':{'body':{'text':'hello'}}}"))
        .contains("1970-01-01T00:00:00Z b-1 from ops: hello");
    assertThat(take(head + "'id':'b-2','message':{'body':[1]}}"))
        .contains("1970-01-01T00:00:00Z b-2 from ops: {\"body\":[1]}");
  }

  @Test
  void repeated_broadcast_is_shown_once() {
    String frame = "{'type':'broadcast','position':'1abcdef-7','id':'b-1','message':{}}";
    assertThat(take(frame)).isPresent();
    assertThat(take(frame)).isEmpty();
  }

  @Test
  void unknown_types_are_ignored() {
    assertThat(take("{'type':'news','position':'1abcdef-7'}")).isEmpty();
    assertThat(device.position()).contains("1abcdef-1");
  }
}
