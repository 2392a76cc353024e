package dev.fanfare;

import dev.fanfare.app.LimitsProfile;
import dev.fanfare.gateway.Gateway;
import dev.fanfare.http.HttpServer;
import dev.fanfare.tencent.TencentFace;
import dev.fanfare.tls.PemFiles;
import dev.fanfare.volcengine.VolcengineFace;
import dev.fanfare.webhook.Targets;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How this node runs: flags over environment over file over defaults.
///
/// @param data the directory that holds everything
/// @param api where the faces listen; port 0 takes a free one
/// @param gateway where devices connect; port 0 takes a free one
/// @param dev fixed credentials, on loopback only
/// @param ordering where the order of commands lives, and what requests see of it
/// @param limitsProfile limits of an app when it is created
/// @param callers what callers of the API may use before they are known
/// @param volcengine what that dialect judges before it knows the app
/// @param edge whom the gateway lets in
/// @param tencent what holds in the Tencent dialect before the app is known
public record Config(
    Path data,
    InetSocketAddress api,
    InetSocketAddress gateway,
    boolean dev,
    Ordering ordering,
    LimitsProfile limitsProfile,
    Capacity capacity,
    HttpServer.Limits callers,
    VolcengineFace.Rules volcengine,
    LogFormat logFormat,
    Gateway.Edge edge,
    Targets webhookTargets,
    TencentFace.Settings tencent,
    Tls tls) {

  /// What Kubernetes sets in every pod beside a service named `fanfare`.
  private static final Pattern OF_A_SERVICE =
      Pattern.compile("FANFARE_(SERVICE_(HOST|PORT)|PORT)(_.*)?");

  /// Variables of the commands and scripts, which are not the server's.
  private static final Set<String> FOREIGN =
      Set.of(
          "FANFARE_SERVER",
          "FANFARE_KEY",
          "FANFARE_CA",
          "FANFARE_APP",
          "FANFARE_HEAP",
          "FANFARE_LOG_LEVEL",
          "FANFARE_CONFIG");

  private static final int DAY_SECONDS = 86_400;
  private static final int MOST_JOURNAL_SECONDS = 315_360_000;
  private static final String AUTO = "auto";
  private static final String NONE = "none";

  /// What the node may use of its machine.
  ///
  /// @param blockCache memory for reads of the store
  /// @param minFreeSpace what writes leave of the disk
  /// @param journalKept how long the entries of the journal take space
  /// @param maxConnections of devices; empty for what the limit of open files allows
  public record Capacity(
      ByteSize blockCache,
      ByteSize minFreeSpace,
      Duration journalKept,
      OptionalInt maxConnections) {}

  /// Where the journal is.
  ///
  /// @param cluster null for the embedded journal
  /// @param backups the directory that all nodes share; null for none
  /// @param localReads whether requests see what this node has applied and no more
  public record Ordering(@Nullable Cluster cluster, @Nullable Path backups, boolean localReads) {}

  /// Certificates of the listeners, each null where plain text is spoken.
  public record Tls(@Nullable PemFiles api, @Nullable PemFiles gateway) {}

  /// @throws ConfigException when the parts do not fit together
  public Config {
    if (dev
        && !(api.getAddress().isLoopbackAddress() && gateway.getAddress().isLoopbackAddress())) {
      throw new ConfigException("--dev has known keys and listens on loopback addresses only");
    }
    if (ordering.backups() != null && ordering.backups().startsWith(data)) {
      throw new ConfigException("backup-dir: backups in the data directory would be lost with it");
    }
  }

  /// Reads a configuration.
  ///
  /// @param flags values by key, only those given; `config` names the file
  /// @param environment all variables of the process; `FANFARE_CONFIG` names the file
  /// @throws ConfigException when a key has no meaning or a value cannot be used
  public static Config of(Map<String, String> flags, Map<String, String> environment) {
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    String file = flags.getOrDefault("config", environment.get("FANFARE_CONFIG"));
    if (file != null) {
      values.putAll(ConfigFile.read(path("config", file)));
    }
    environment.forEach((variable, value) -> {
      if (variable.startsWith(Setting.PREFIX)
          && !FOREIGN.contains(variable)
          && !OF_A_SERVICE.matcher(variable).matches()) {
        values.put(ofVariable(variable), value);
      }
    });
    flags.forEach(
        (key, value) -> Setting.named(key).ifPresent(setting -> values.put(setting, value)));
    boolean dev = flag("dev", value(values, Setting.DEV));
    if (dev) {
      values.putIfAbsent(Setting.LIMITS_PROFILE, LimitsProfile.OPEN.text());
    }
    return new Config(
        path("data", value(values, Setting.DATA)),
        address("api", value(values, Setting.API)),
        address("gateway", value(values, Setting.GATEWAY)),
        dev,
        ordering(values, dev),
        limitsProfile(value(values, Setting.LIMITS_PROFILE)),
        new Capacity(
            bytes(values, Setting.BLOCK_CACHE, 1 << 20, 1L << 40),
            bytes(values, Setting.MIN_FREE_SPACE, 0, 1L << 40),
            seconds(values, Setting.JOURNAL_SECONDS, MOST_JOURNAL_SECONDS),
            maxConnections(value(values, Setting.MAX_CONNECTIONS))),
        new HttpServer.Limits(
            connections(values),
            bytes(values, Setting.API_BODY_MEMORY, 64 << 20, 1L << 40).bytes(),
            seconds(values, Setting.API_BODY_TIMEOUT, DAY_SECONDS)),
        new VolcengineFace.Rules(
            (int) bytes(values, Setting.VOLCENGINE_BODY, 1 << 10, 64 << 20).bytes(),
            seconds(values, Setting.VOLCENGINE_SIGNATURE_SECONDS, DAY_SECONDS),
            seconds(values, Setting.VOLCENGINE_SIGNATURE_MOST_SECONDS, DAY_SECONDS)),
        LogFormat.named(value(values, Setting.LOG_FORMAT))
            .orElseThrow(() -> invalid(values, Setting.LOG_FORMAT)),
        EdgeSettings.read(setting -> value(values, setting), dev),
        new Targets(flag(Setting.WEBHOOK_PRIVATE_TARGETS.key(), privateTargets(values, dev))),
        new TencentFace.Settings(
            (int) bytes(values, Setting.TENCENT_BODY, 1 << 10, 64 << 20).bytes(),
            badSignatures(value(values, Setting.TENCENT_BAD_SIGNATURES))),
        tls(values));
  }

  private static Ordering ordering(Map<Setting, String> values, boolean dev) {
    boolean localReads =
        switch (value(values, Setting.READS)) {
          case "latest" -> false;
          case "local" -> true;
          default -> throw invalid(values, Setting.READS);
        };
    Path backups = file(values, Setting.BACKUP_DIR);
    return switch (value(values, Setting.JOURNAL)) {
      case "embedded" -> new Ordering(null, backups, localReads);
      case "kafka" -> new Ordering(cluster(values, dev), backups, localReads);
      default -> throw invalid(values, Setting.JOURNAL);
    };
  }

  private static Cluster cluster(Map<Setting, String> values, boolean dev) {
    Path key = file(values, Setting.SECRET_KEY_FILE);
    if (key == null && !dev) {
      throw new ConfigException("secret-key-file: is needed with journal kafka");
    }
    return new Cluster(
        value(values, Setting.KAFKA_BOOTSTRAP_SERVERS),
        value(values, Setting.KAFKA_TOPIC),
        file(values, Setting.KAFKA_CLIENT_FILE),
        key);
  }

  private static @Nullable Path file(Map<Setting, String> values, Setting setting) {
    String text = value(values, setting);
    return text.equals(NONE) ? null : path(setting.key(), text);
  }

  private static String privateTargets(Map<Setting, String> values, boolean dev) {
    return dev
        ? values.getOrDefault(Setting.WEBHOOK_PRIVATE_TARGETS, "true")
        : value(values, Setting.WEBHOOK_PRIVATE_TARGETS);
  }

  private static String value(Map<Setting, String> values, Setting setting) {
    return values.getOrDefault(setting, setting.standard());
  }

  private static Setting ofVariable(String variable) {
    return Setting.ofVariable(variable)
        .orElseThrow(() -> {
          String key =
              variable
                  .substring(Setting.PREFIX.length())
                  .toLowerCase(Locale.ROOT)
                  .replace('_', '-');
          String nearest = Setting.nearest(key).variable();
          return new ConfigException(
              "unknown setting " + variable + ", did you mean " + nearest + "?");
        });
  }

  /// The effective values by key, which a file may hold as they are.
  public Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    for (Setting setting : Setting.values()) {
      values.put(
          setting.key(),
          switch (setting) {
            case DATA -> data.toString();
            case API -> text(api);
            case GATEWAY -> text(gateway);
            case DEV -> Boolean.toString(dev);
            case JOURNAL -> ordering.cluster() == null ? "embedded" : "kafka";
            case KAFKA_BOOTSTRAP_SERVERS -> cluster(Cluster::servers, NONE);
            case KAFKA_TOPIC -> cluster(Cluster::topic, setting.standard());
            case KAFKA_CLIENT_FILE -> cluster(Cluster::clientFile, NONE);
            case SECRET_KEY_FILE -> cluster(Cluster::secretKeyFile, NONE);
            case BACKUP_DIR -> ordering.backups() == null ? NONE : ordering.backups().toString();
            case READS -> ordering.localReads() ? "local" : "latest";
            case LIMITS_PROFILE -> limitsProfile.text();
            case BLOCK_CACHE -> capacity.blockCache().toString();
            case MIN_FREE_SPACE -> capacity.minFreeSpace().toString();
            case JOURNAL_SECONDS -> Long.toString(capacity.journalKept().toSeconds());
            case MAX_CONNECTIONS ->
                capacity.maxConnections().isPresent()
                    ? Integer.toString(capacity.maxConnections().getAsInt())
                    : AUTO;
            case API_CONNECTIONS -> Integer.toString(callers.connections());
            case API_BODY_MEMORY -> new ByteSize(callers.bodyBytes()).toString();
            case API_BODY_TIMEOUT -> Long.toString(callers.arrival().toSeconds());
            case VOLCENGINE_BODY -> new ByteSize(volcengine.bodyBytes()).toString();
            case VOLCENGINE_SIGNATURE_SECONDS -> Long.toString(volcengine.validity().toSeconds());
            case VOLCENGINE_SIGNATURE_MOST_SECONDS ->
                Long.toString(volcengine.longestValidity().toSeconds());
            case LOG_FORMAT -> logFormat.text();
            case WEBHOOK_PRIVATE_TARGETS -> Boolean.toString(webhookTargets.privateAllowed());
            case TRANSPORT,
                TRUSTED_PROXIES,
                CONNECTIONS_PER_ADDRESS,
                HANDSHAKES_PER_SECOND,
                HANDSHAKES_PER_SECOND_PER_ADDRESS,
                DEVICES_PER_MEMBER,
                FRAME_SIZE,
                FRAMES_PER_SECOND,
                HEADER_SIZE,
                HANDSHAKE_TIMEOUT,
                PING_INTERVAL,
                SILENCE_TIMEOUT ->
                EdgeSettings.text(edge, setting);
            case TLS_CERTIFICATE -> certificate(tls.api());
            case TLS_KEY -> key(tls.api());
            case GATEWAY_TLS_CERTIFICATE -> certificate(ownGatewayTls());
            case GATEWAY_TLS_KEY -> key(ownGatewayTls());
            case TENCENT_BODY -> new ByteSize(tencent.maxBodyBytes()).toString();
            case TENCENT_BAD_SIGNATURES -> Integer.toString(tencent.badSignatures());
          });
    }
    return values;
  }

  private String cluster(Function<Cluster, @Nullable Object> part, String otherwise) {
    Object value = ordering.cluster() == null ? null : part.apply(ordering.cluster());
    return value == null ? otherwise : value.toString();
  }

  private static String certificate(@Nullable PemFiles files) {
    return files == null ? NONE : files.certificate().toString();
  }

  private static String key(@Nullable PemFiles files) {
    return files == null ? NONE : files.key().toString();
  }

  private @Nullable PemFiles ownGatewayTls() {
    return Objects.equals(tls.gateway(), tls.api()) ? null : tls.gateway();
  }

  private static Tls tls(Map<Setting, String> values) {
    PemFiles api = pair(values, Setting.TLS_CERTIFICATE, Setting.TLS_KEY);
    PemFiles own = pair(values, Setting.GATEWAY_TLS_CERTIFICATE, Setting.GATEWAY_TLS_KEY);
    return new Tls(api, own == null ? api : own);
  }

  private static @Nullable PemFiles pair(
      Map<Setting, String> values, Setting certificate, Setting key) {
    String certificateFile = value(values, certificate);
    String keyFile = value(values, key);
    if (certificateFile.equals(NONE) != keyFile.equals(NONE)) {
      throw new ConfigException(certificate.key() + " and " + key.key() + " go together");
    }
    return certificateFile.equals(NONE)
        ? null
        : new PemFiles(path(certificate.key(), certificateFile), path(key.key(), keyFile));
  }

  private static LimitsProfile limitsProfile(String text) {
    return LimitsProfile.named(text)
        .orElseThrow(() ->
            new ConfigException(
                "limits-profile: has to be documented, strict or open, not " + text));
  }

  private static ByteSize bytes(
      Map<Setting, String> values, Setting setting, long least, long most) {
    return ByteSize.parse(value(values, setting))
        .filter(size -> size.bytes() >= least && size.bytes() <= most)
        .orElseThrow(() -> invalid(values, setting));
  }

  private static Duration seconds(Map<Setting, String> values, Setting setting, int most) {
    String text = value(values, setting);
    if (!text.matches("[1-9][0-9]{0,8}") || Integer.parseInt(text) > most) {
      throw invalid(values, setting);
    }
    return Duration.ofSeconds(Integer.parseInt(text));
  }

  private static int connections(Map<Setting, String> values) {
    String text = value(values, Setting.API_CONNECTIONS);
    if (!text.matches("[1-9][0-9]{0,5}|1000000")) {
      throw invalid(values, Setting.API_CONNECTIONS);
    }
    return Integer.parseInt(text);
  }

  private static ConfigException invalid(Map<Setting, String> values, Setting setting) {
    return new ConfigException(
        setting.key() + ": has to be " + setting.unit() + ", not " + value(values, setting));
  }

  private static int badSignatures(String text) {
    if (!text.matches("0|[1-9][0-9]{0,6}")) {
      throw new ConfigException("tencent-bad-signatures: has to be 0 to 9999999, not " + text);
    }
    return Integer.parseInt(text);
  }

  private static OptionalInt maxConnections(String text) {
    if (text.equals(AUTO)) {
      return OptionalInt.empty();
    }
    if (!text.matches("[1-9][0-9]{0,7}")) {
      throw new ConfigException("max-connections: has to be auto or 1 to 99999999, not " + text);
    }
    return OptionalInt.of(Integer.parseInt(text));
  }

  private static Path path(String key, String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new ConfigException(key + ": not a path: " + text);
    }
  }

  private static boolean flag(String key, String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(key + ": has to be true or false, not " + text);
    };
  }

  private static InetSocketAddress address(String key, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new ConfigException(key + ": has to be HOST:PORT, not " + text);
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(port));
    if (address.isUnresolved()) {
      throw new ConfigException(key + ": no such host: " + host);
    }
    return address;
  }

  /// An address as `HOST:PORT`.
  static String text(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
