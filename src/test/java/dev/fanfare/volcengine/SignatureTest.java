package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.fanfare.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SignatureTest {
  private static final String DATE = "20261121T075244Z";

  @ParameterizedTest
  @MethodSource("vectors")
  void every_intermediate_value_is_that_of_the_official_signer(Sample sample) {
    Signature signature = sample.signature();
    String canonical = signature.canonicalRequest(String::strip);
    assertThat(canonical).isEqualTo(sample.expected("canonicalRequest"));
    String toSign = signature.stringToSign(canonical);
    assertThat(toSign).isEqualTo(sample.expected("stringToSign"));
    byte[] key = signature.signingKey(sample.secretKey());
    assertThat(HexFormat.of().formatHex(key)).isEqualTo(sample.expected("signingKey"));
    assertThat(Signature.sign(key, toSign)).isEqualTo(sample.expected("signature"));
  }

  @ParameterizedTest
  @MethodSource({"vectors", "captured"})
  void what_official_clients_sign_is_verified(Sample sample) {
    assertThat(sample.verify()).isTrue();
  }

  @ParameterizedTest
  @MethodSource({"vectors", "captured"})
  void another_secret_key_does_not_verify(Sample sample) {
    assertThat(sample.signature().verify(sample.secretKey() + "x")).isFalse();
  }

  @ParameterizedTest
  @MethodSource({"vectors", "captured"})
  void a_changed_body_does_not_verify_whatever_its_hash_header_says(Sample sample) {
    String body = sample.body() + " ";
    assertThat(sample.withBody(body).verify()).isFalse();
    assertThat(
            sample
                .withBody(body)
                .withHeader("x-content-sha256", Hashes.sha256Hex(Hashes.utf8(body)))
                .verify())
        .isFalse();
  }

  @ParameterizedTest
  @MethodSource({"vectors", "captured"})
  void a_changed_query_does_not_verify(Sample sample) {
    assertThat(sample.withQuery(sample.query() + "&more=1").verify()).isFalse();
    assertThat(sample.withQuery(sample.query().replace("Action=", "Action=X")).verify()).isFalse();
  }

  @ParameterizedTest
  @MethodSource({"vectors", "captured"})
  void every_signed_header_is_covered_and_must_be_there(Sample sample) {
    for (String name : sample.parsed().signedHeaderNames()) {
      String changed = sample.headers().getOrDefault(name, "") + "0";
      assertThat(sample.withHeader(name, changed).verify()).as(name + " changed").isFalse();
      assertThat(sample.withoutHeader(name).verify()).as(name + " missing").isFalse();
    }
  }

  @Test
  void headers_that_are_not_signed_do_not_matter() {
    Sample node = captured().toList().get(2);
    assertThat(node.parsed().signedHeaders()).isEqualTo("x-content-sha256;x-date");
    assertThat(node.withHeader("host", "example.com").withHeader("via", "a proxy").verify())
        .isTrue();
    assertThat(node.withoutHeader("content-type").verify()).isTrue();
  }

  @Test
  void the_list_of_signed_headers_is_part_of_what_is_signed() {
    Sample first = vectors().toList().getFirst();
    String header = first.headers().getOrDefault("authorization", "");
    String reordered = header.replace("content-type;host", "host;content-type");
    assertThat(first.withHeader("authorization", reordered).verify()).isFalse();
  }

  @Test
  void the_order_in_which_headers_arrive_does_not_matter() {
    for (Sample sample : vectors().toList()) {
      Map<String, String> reversed = new LinkedHashMap<>();
      sample
          .headers()
          .sequencedEntrySet()
          .reversed()
          .forEach(e -> reversed.put(e.getKey(), e.getValue()));
      assertThat(sample.withHeaders(reversed).verify()).isTrue();
    }
  }

  @Test
  void the_ports_80_and_443_are_no_part_of_the_signed_host() {
    Sample third = vectors().toList().get(2);
    assertThat(third.withHeader("host", "localhost").verify()).isTrue();
    assertThat(third.withHeader("host", "localhost:80").verify()).isTrue();
    assertThat(third.withHeader("host", "localhost:443").verify()).isTrue();
    assertThat(third.withHeader("host", "localhost:8080").verify()).isFalse();
    assertThat(third.withHeader("host", "localhost:180").verify()).isFalse();
  }

  @Test
  void white_space_around_a_value_is_not_signed() {
    Sample first = vectors().toList().getFirst();
    assertThat(first.withHeader("content-type", "  application/json ").verify()).isTrue();
  }

  @Test
  void a_run_of_white_space_is_signed_as_it_is_or_folded_as_the_node_sdk_does() {
    Sample fourth = vectors().toList().get(3);
    Sample wide = fourth.withHeader("content-type", "application/json;   charset=utf-8");
    assertThat(wide.verify()).as("signed with one space").isTrue();
    assertThat(fourth.withHeader("content-type", "application/json;charset=utf-8").verify())
        .isFalse();
  }

  @Test
  void without_the_date_among_the_signed_headers_nothing_verifies() {
    Sample first = vectors().toList().getFirst();
    String header = first.headers().getOrDefault("authorization", "");
    assertThat(first.withHeader("authorization", header.replace(";x-date", "")).verify()).isFalse();
  }

  @Test
  void a_body_hash_need_not_be_sent_but_what_is_sent_must_be_right() {
    Sample bare =
        new Sample(
            NullNode.instance, "Action=X", new LinkedHashMap<>(Map.of("x-date", DATE)), "body");
    Authorization unsigned =
        new Authorization("AK/20261121/cn-north-1/rtc/request", "x-date", "0".repeat(64));
    Signature signature = bare.signature(unsigned);
    String toSign = signature.stringToSign(signature.canonicalRequest(String::strip));
    Authorization signed =
        new Authorization(
            unsigned.credential(), "x-date", Signature.sign(signature.signingKey("SK"), toSign));
    assertThat(bare.signature(signed).verify("SK")).isTrue();
    String right = Hashes.sha256Hex(Hashes.utf8("body"));
    assertThat(bare.withHeader("x-content-sha256", right).signature(signed).verify("SK")).isTrue();
    String wrong = "0".repeat(64);
    assertThat(bare.withHeader("x-content-sha256", wrong).signature(signed).verify("SK")).isFalse();
  }

  @Test
  void a_query_is_decoded_sorted_and_encoded_anew() {
    assertThat(canonical("b=2&a=1&b=1&A=3")).isEqualTo("A=3&a=1&b=1&b=2");
    assertThat(canonical("q=a+b%20c&empty&also=")).isEqualTo("also=&empty=&q=a%20b%20c");
    assertThat(canonical("q=%e4%b8%ad*'~-_.")).isEqualTo("q=%E4%B8%AD%2A%27~-_.");
    assertThat(canonical("q=a=b&&=")).isEqualTo("=&q=a%3Db");
    assertThat(canonical("q=100%&r=%zz&s=%4")).isEqualTo("q=100%25&r=%25zz&s=%254");
    assertThat(canonical("%ff=1&z=%00")).isEqualTo("z=%00&%FF=1");
    assertThat(canonical("")).isEmpty();
  }

  @Test
  void a_parameter_is_read_as_utf_8_and_an_empty_one_is_none() {
    Query query = Query.parse("Action=%E4%B8%AD&Action=2&Version=&bad=%ff");
    assertThat(query.first("Action")).contains("中");
    assertThat(query.first("Version")).isEmpty();
    assertThat(query.first("action")).isEmpty();
    assertThat(query.first("bad")).contains("\ufffd");
  }

  private static String canonical(String raw) {
    return Query.parse(raw).canonical();
  }

  static Stream<Sample> vectors() {
    return samples("signature-vectors.json");
  }

  static Stream<Sample> captured() {
    return samples("captured-requests.json");
  }

  private static Stream<Sample> samples(String file) {
    try (InputStream in = Objects.requireNonNull(SignatureTest.class.getResourceAsStream(file))) {
      return new JsonMapper().readTree(in).valueStream().map(Sample::of).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A request as a client sent it, and what its own signer computed on the way.
  record Sample(JsonNode source, String query, LinkedHashMap<String, String> headers, String body) {

    static Sample of(JsonNode source) {
      LinkedHashMap<String, String> headers = new LinkedHashMap<>();
      source.path("headers").forEachEntry((name, value) -> headers.put(name, value.asText()));
      return new Sample(
          source, source.path("query").asText(), headers, source.path("body").asText());
    }

    String secretKey() {
      return source.path("secretKey").asText();
    }

    String expected(String name) {
      return source.path(name).asText();
    }

    Authorization parsed() {
      return Authorization.parse(headers.getOrDefault("authorization", ""));
    }

    Signature signature() {
      return signature(parsed());
    }

    Signature signature(Authorization authorization) {
      Map<String, List<String>> lists = new LinkedHashMap<>();
      headers.forEach((name, value) -> lists.put(name, List.of(value)));
      Request request =
          new Request(
              "POST", "/", query, lists, body.getBytes(StandardCharsets.UTF_8), "127.0.0.1");
      return new Signature(request, authorization, authorization.scope());
    }

    boolean verify() {
      return signature().verify(secretKey());
    }

    Sample withBody(String other) {
      return new Sample(source, query, headers, other);
    }

    Sample withQuery(String other) {
      return new Sample(source, other, headers, body);
    }

    Sample withHeaders(Map<String, String> others) {
      return new Sample(source, query, new LinkedHashMap<>(others), body);
    }

    Sample withHeader(String name, String value) {
      Map<String, String> others = new LinkedHashMap<>(headers);
      others.put(name, value);
      return withHeaders(others);
    }

    Sample withoutHeader(String name) {
      Map<String, String> others = new LinkedHashMap<>(headers);
      others.remove(name);
      return withHeaders(others);
    }

    @Override
    public String toString() {
      return source.path("name").asText();
    }
  }
}
