package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://2130706433/"
      })
  void private_addresses_are_refused_unless_allowed(String url) {
    assertThat(new Targets(false).complaint(url)).isPresent();
    assertThat(new Targets(true).complaint("http://127.0.0.1/")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://93.184.216.34/x?y=z",
        "https://8.8.8.8:65535/",
        "http://8.8.8.8:/",
        "http://[2606::1]/"
      })
  void public_addresses_are_allowed(String url) {
    assertThat(new Targets(false).complaint(url)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://8.8.8.8/",
        "8.8.8.8",
        "http:///x",
        "http://u:p@8.8.8.8/",
        "http://8.8.8.8/#f",
        "http://8.8.8.8/ x",
        "http://8.8.8.8:70000/x",
        "http://8.8.8.8:65536/",
        "https://8.8.8.8:0/",
        ""
      })
  void what_is_no_target_is_refused_whatever_is_allowed(String url) {
    assertThat(new Targets(true).complaint(url)).isPresent();
  }
}
