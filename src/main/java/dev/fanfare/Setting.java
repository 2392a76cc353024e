package dev.fanfare;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// One thing that a node can be told: a flag `--block-cache`, a variable `FANFARE_BLOCK_CACHE`, and
/// a key `block-cache` in the file.
enum Setting {
  DATA("./data", "directory", "Holds everything"),
  API("127.0.0.1:8080", "HOST:PORT", "Where the HTTP API listens; port 0 takes a free one"),
  GATEWAY("127.0.0.1:8081", "HOST:PORT", "Where devices connect; port 0 takes a free one"),
  DEV(
      "false",
      "true or false",
      "Fixed, documented keys, on loopback only, and limits profile open"),
  JOURNAL("embedded", "embedded or kafka", "Where the order of commands lives"),
  KAFKA_BOOTSTRAP_SERVERS(
      "none", "HOST:PORT,HOST:PORT,…", "Some of the brokers; with journal kafka"),
  KAFKA_TOPIC(
      "fanfare", "name", "The topic that is the journal; created if missing, refused if wrong"),
  KAFKA_CLIENT_FILE(
      "none", "file", "Further properties of Kafka's clients, such as those of TLS and SASL"),
  SECRET_KEY_FILE(
      "none",
      "file",
      "32 bytes in base64, the same on every node; seals secrets in the topic; with dev it is"
          + " fixed"),
  BACKUP_DIR(
      "none",
      "directory",
      "With journal kafka, the backups that all nodes share: what new nodes begin from; entries"
          + " that they hold are trimmed"),
  READS(
      "latest",
      "latest or local",
      "Whether a request sees what other nodes acknowledged before it; local saves a round trip to"
          + " Kafka"),
  LIMITS_PROFILE(
      "documented",
      "documented, strict or open",
      "Limits of an app when it is created; with dev the default is open"),
  BLOCK_CACHE("64MiB", "bytes, 1MiB to 1024GiB", "Memory for reads of the store"),
  MIN_FREE_SPACE(
      "512MiB",
      "bytes, 0B to 1024GiB",
      "Space that has to be left on the disk, or writes are refused"),
  JOURNAL_SECONDS(
      "604800", "seconds, 1 to 315360000", "How long the entries of the journal are kept"),
  MAX_CONNECTIONS(
      "auto",
      "connections",
      "Devices that may be connected; auto is the limit of open files less 4000"),
  API_CONNECTIONS(
      "2000",
      "connections, 1 to 1000000",
      "TCP connections to the API that may be open; more wait until one is closed"),
  API_BODY_MEMORY(
      "64MiB",
      "bytes, 64MiB to 1024GiB",
      "Bodies of all requests to the API in flight, 16KiB of each not counted; more are asked to come"
          + " again"),
  API_BODY_TIMEOUT(
      "30",
      "seconds, 1 to 86400",
      "In which the headers of a request to the API have to arrive, and then its body"),
  VOLCENGINE_BODY("1MiB", "bytes, 1KiB to 64MiB", "Largest body of a request of that dialect"),
  VOLCENGINE_SIGNATURE_SECONDS(
      "900", "seconds, 1 to 86400", "How old a signed request may be, and how far ahead"),
  VOLCENGINE_SIGNATURE_MOST_SECONDS(
      "3600", "seconds, 1 to 86400", "How old one may be that says so itself by X-Expires"),
  WEBHOOK_PRIVATE_TARGETS(
      "false",
      "true or false",
      "Whether webhooks may be on loopback, link-local and private addresses; with dev they may"),
  LOG_FORMAT("text", "text or json", "How a line of the log on standard error is written"),
  TRANSPORT("auto", "auto, epoll or nio", "What devices' sockets stand on; auto is epoll on Linux"),
  TRUSTED_PROXIES(
      "none",
      "addresses and networks, such as 10.0.0.0/8,::1, or none",
      "Balancers before the gateway whose PROXY header or X-Forwarded-For is believed, and proxies"
          + " before the API whose X-Forwarded-For and X-Forwarded-Proto are"),
  CONNECTIONS_PER_ADDRESS(
      "20000",
      "connections",
      "Devices of one client address (IPv6: of its /64) that may be connected; 0 is no limit; with"
          + " dev not for loopback"),
  HANDSHAKES_PER_SECOND(
      "5000",
      "requests a second",
      "Requests to connect that are looked at, of everybody; more are asked to come again; 0 is no"
          + " limit"),
  HANDSHAKES_PER_SECOND_PER_ADDRESS(
      "2000",
      "requests a second",
      "The same of one client address; 0 is no limit; with dev not for loopback"),
  DEVICES_PER_MEMBER("8", "connections", "Connections of one member on this node"),
  FRAME_SIZE("4096", "bytes", "Largest message from a device"),
  FRAMES_PER_SECOND("20", "frames a second", "Frames from a device; twice as many at once"),
  HEADER_SIZE("8192", "bytes", "Headers of a request to connect"),
  HANDSHAKE_TIMEOUT("10", "seconds", "In which a connection has to complete its handshake"),
  PING_INTERVAL("25", "seconds", "Between two pings to a device"),
  SILENCE_TIMEOUT(
      "60", "seconds", "After which a device that said nothing is closed; above ping-interval"),
  TLS_CERTIFICATE("none", "file", "PEM certificate with its chain; then both listeners speak TLS"),
  TLS_KEY("none", "file", "PEM key of it: PKCS#8, not encrypted"),
  GATEWAY_TLS_CERTIFICATE(
      "none", "file", "The same for the gateway alone, in place of tls-certificate"),
  GATEWAY_TLS_KEY("none", "file", "PEM key of it: PKCS#8, not encrypted"),
  TENCENT_BODY("1MiB", "bytes, 1KiB to 64MiB", "The largest body that the Tencent dialect reads"),
  TENCENT_BAD_SIGNATURES(
      "0",
      "a minute",
      "Bad UserSigs from one address (IPv6: from its /64) after which its calls are refused; 0 is no"
          + " limit");

  static final String PREFIX = "FANFARE_";

  private final String standard;
  private final String unit;
  private final String meaning;

  Setting(String standard, String unit, String meaning) {
    this.standard = standard;
    this.unit = unit;
    this.meaning = meaning;
  }

  /// The key in a file; as a flag it has two dashes before it.
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String variable() {
    return PREFIX + name();
  }

  /// The default as text.
  String standard() {
    return standard;
  }

  /// Whether it is said by its name alone.
  boolean isFlag() {
    return this == DEV;
  }

  String unit() {
    return unit;
  }

  String meaning() {
    return meaning;
  }

  static Optional<Setting> named(String key) {
    return Stream.of(values()).filter(setting -> setting.key().equals(key)).findFirst();
  }

  static Optional<Setting> ofVariable(String variable) {
    return Stream.of(values()).filter(setting -> setting.variable().equals(variable)).findFirst();
  }

  /// The setting whose key takes the fewest edits to reach.
  static Setting nearest(String key) {
    return Stream.of(values())
        .min(Comparator.comparingInt(setting -> distance(setting.key(), key)))
        .orElseThrow();
  }

  /// Edits between two words, after Levenshtein.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
