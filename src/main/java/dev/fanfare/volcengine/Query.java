package dev.fanfare.volcengine;

import static java.util.Comparator.comparing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The parameters of a query, decoded.
///
/// Names and values are bytes, held as ISO 8859-1 text: whatever the caller's bytes mean, they are
/// signed as they are, and the order of such text is the order of the bytes.
final class Query {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final List<Parameter> parameters;

  private record Parameter(String name, String value) {}

  private Query(List<Parameter> parameters) {
    this.parameters = parameters;
  }

  /// Reads a raw query. Every text is one: what is no escape stands for itself.
  static Query parse(String raw) {
    return new Query(
        Arrays.stream(raw.split("&", -1))
            .filter(part -> !part.isEmpty())
            .map(Query::parameter)
            .toList());
  }

  private static Parameter parameter(String part) {
    int equals = part.indexOf('=');
    return equals < 0
        ? new Parameter(decode(part), "")
        : new Parameter(decode(part.substring(0, equals)), decode(part.substring(equals + 1)));
  }

  /// The first value of a parameter, read as UTF-8; empty when there is none or an empty one.
  Optional<String> first(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name().equals(name))
        .map(Parameter::value)
        .findFirst()
        .filter(value -> !value.isEmpty())
        .map(value -> new String(bytes(value), StandardCharsets.UTF_8));
  }

  /// The canonical query that is signed.
  String canonical() {
    return parameters.stream()
        .sorted(comparing(Parameter::name).thenComparing(Parameter::value))
        .map(parameter -> encode(parameter.name()) + "=" + encode(parameter.value()))
        .collect(Collectors.joining("&"));
  }

  private static String decode(String text) {
    byte[] raw = Hashes.utf8(text);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(raw.length);
    for (int i = 0; i < raw.length; i++) {
      int high = raw[i] == '%' && i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = high >= 0 ? Character.digit(raw[i + 2], 16) : -1;
      if (low >= 0) {
        decoded.write(16 * high + low);
        i += 2;
      } else {
        decoded.write(raw[i] == '+' ? ' ' : raw[i]);
      }
    }
    return decoded.toString(StandardCharsets.ISO_8859_1);
  }

  private static String encode(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : bytes(text)) {
      char c = (char) (b & 0xff);
      if (UNRESERVED.indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append("%").append(HEX.toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
