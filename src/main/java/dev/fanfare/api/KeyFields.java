package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.Mint;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Role;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Names and secrets of keys as callers write them. What they leave out is made.
///
/// @param mint makes it
record KeyFields(Mint mint) {
  private static final int MOST_ACTIONS = 50;
  private static final List<AppKey.Kind> KINDS =
      List.of(
          AppKey.Kind.API_KEY,
          AppKey.Kind.VOLCENGINE_ACCESS_KEY,
          AppKey.Kind.TENCENT_SECRET,
          AppKey.Kind.DEVICE_KEY);
  private static final List<Role> ROLES =
      List.of(Role.OWNER, Role.SENDER, Role.REGISTRAR, Role.READER);

  /// A kind as people write it, such as `api-key`.
  static String text(AppKey.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String text(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  static Optional<AppKey.Kind> kind(String text) {
    return KINDS.stream().filter(kind -> text(kind).equals(text)).findFirst();
  }

  /// A whole key, for `POST keys`.
  AppKey.Builder read(Fields body) {
    String text = Fields.text(body.required("kind"), body.at("kind"), 1, 64);
    AppKey.Kind kind =
        kind(text)
            .orElseThrow(() ->
                Problem.invalid(body.at("kind"), oneOf(KINDS.stream().map(KeyFields::text)))
                    .raise());
    AppKey.Builder key = AppKey.newBuilder().setKind(kind);
    if (kind == AppKey.Kind.VOLCENGINE_ACCESS_KEY) {
      accessKey(body, "name", "secret", key);
      sessionToken(body, key);
      key.addAllActions(actions(body));
    } else {
      key.setName(Fields.text(body.required("name"), body.at("name"), 1, 64))
          .setSecret(secret(body, "secret", kind));
    }
    if (kind == AppKey.Kind.API_KEY) {
      key.setRole(role(body));
    }
    return key.setNotAfter(notAfter(body).orElse(0L));
  }

  /// When a key ends. The epoch itself is stored for a key without an end, so it is refused.
  static Optional<Long> notAfter(Fields body) {
    Optional<Long> time = body.time("notAfter");
    if (time.filter(millis -> millis == 0).isPresent()) {
      throw Problem.invalid(body.at("notAfter"), "has to be after 1970-01-01T00:00:00Z").raise();
    }
    return time;
  }

  private static Role role(Fields body) {
    String text = Fields.text(body.required("role"), body.at("role"), 1, 64);
    return ROLES.stream()
        .filter(role -> text(role).equals(text))
        .findFirst()
        .orElseThrow(() ->
            Problem.invalid(body.at("role"), oneOf(ROLES.stream().map(KeyFields::text))).raise());
  }

  private static String oneOf(Stream<String> words) {
    return "has to be one of " + words.collect(Collectors.joining(", "));
  }

  /// Reads an access key id and its secret. An own id has its own secret: a made one fits nothing.
  void accessKey(Fields body, String idField, String secretField, AppKey.Builder key) {
    if (body.has(idField)) {
      String id = visible(body, idField, 1, 128);
      if (id.contains("/") || id.contains(",")) {
        throw Problem.invalid(body.at(idField), "must not have a slash or a comma").raise();
      }
      body.required(secretField);
      key.setName(id);
    } else {
      key.setName(mint.accessKeyId());
    }
    key.setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY)
        .setSecret(secret(body, secretField, AppKey.Kind.VOLCENGINE_ACCESS_KEY));
  }

  void sessionToken(Fields body, AppKey.Builder key) {
    if (body.has("sessionToken")) {
      key.setSessionToken(visible(body, "sessionToken", 1, 4_096));
    }
  }

  /// Names of the Volcengine actions that an access key may use, sorted; none for all.
  static List<String> actions(Fields body) {
    if (!body.has("actions")) {
      return List.of();
    }
    List<String> names = body.texts("actions", MOST_ACTIONS, 64);
    for (String name : names) {
      if (!name.chars().allMatch(c -> (c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
        throw Problem.invalid(body.at("actions"), "has to be names such as RegisterUsers").raise();
      }
    }
    return names.stream().distinct().sorted().toList();
  }

  /// Keys that are ours are long enough not to be guessed; those of the vendors are as they are.
  String secret(Fields body, String name, AppKey.Kind kind) {
    if (!body.has(name)) {
      return mint.secret(kind);
    }
    boolean ours = kind == AppKey.Kind.API_KEY || kind == AppKey.Kind.DEVICE_KEY;
    return visible(body, name, ours ? 16 : 1, 256);
  }

  private static String visible(Fields body, String name, int least, int most) {
    JsonNode value = body.get(name);
    String text = Fields.text(value, body.at(name), least, most);
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw Problem.invalid(body.at(name), "has to be visible ASCII characters").raise();
    }
    return text;
  }
}
