package dev.fanfare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.fanfare.api.NativeFace;
import dev.fanfare.app.Credentials;
import dev.fanfare.app.FirstApp;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.app.Mint;
import dev.fanfare.backup.Backups;
import dev.fanfare.backup.TopicTrimming;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Timers;
import dev.fanfare.cell.Cell;
import dev.fanfare.cell.ThisNode;
import dev.fanfare.gateway.Gateway;
import dev.fanfare.gateway.MessageForm;
import dev.fanfare.http.Face;
import dev.fanfare.http.HealthFace;
import dev.fanfare.http.HttpServer;
import dev.fanfare.http.Route;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.embedded.EmbeddedJournal;
import dev.fanfare.journal.embedded.JournalTrim;
import dev.fanfare.journal.kafka.KafkaJournal;
import dev.fanfare.journal.kafka.TopicTrim;
import dev.fanfare.member.Presence;
import dev.fanfare.member.TagTidying;
import dev.fanfare.presence.PresenceTopic;
import dev.fanfare.replica.Checkpointing;
import dev.fanfare.replica.PurgeTimer;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Store;
import dev.fanfare.tencent.Task;
import dev.fanfare.tencent.TencentFace;
import dev.fanfare.tencent.TencentMessage;
import dev.fanfare.tls.PemFiles;
import dev.fanfare.tls.ServerTls;
import dev.fanfare.volcengine.VolcengineFace;
import dev.fanfare.volcengine.VolcengineMessage;
import dev.fanfare.webhook.Deliveries;
import dev.fanfare.webhook.PushTask;
import dev.fanfare.webhook.Webhooks;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node: builds its parts in order and closes them in reverse.
///
/// One thread builds it; any thread may close it, once.
public final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BOOTSTRAP_ATTEMPTS = 5;
  private static final long RESERVED_FILES = 4_000;
  private static final long FILES_ELSEWHERE = 10_000;

  private final Config config;
  private final SecureRandom random = new SecureRandom();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private String readyLine = "";

  private Server(Config config) {
    this.config = config;
  }

  /// Starts a node and returns when it is ready.
  ///
  /// @throws ConfigException when the configuration or the data directory cannot be used
  public static Server start(Config config) {
    Server server = new Server(config);
    try {
      server.build();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /// What the faces and the gateway stand on.
  private record Parts(RocksStore store, Replica replica, Journal journal) {}

  private void build() {
    DataDirectory directory = opened(DataDirectory.open(config.data()));
    Parts parts = open(directory);
    if (parts.replica().tenants().all().isEmpty()) {
      bootstrap(parts.journal());
    }
    if (!Files.exists(directory.credentials())) {
      directory.writePrivate(directory.credentials(), Credentials.load(parts.store()).toJson());
    }
    opened(new Timers(parts.replica().timeline(), parts.journal(), parts.journal()::time));
    opened(new TagTidying(parts.replica()::tenants, parts.journal()));
    opened(new PurgeTimer(parts.replica()::tenants, parts.journal()));
    trim(parts);
    Gateway gateway = opened(gateway(parts));
    Deliveries deliveries = opened(deliveries(parts));
    Backups backups = opened(backups(parts, directory));
    Surroundings surroundings = surroundings(parts, gateway);
    HttpServer api = opened(listen(parts, new Faces(surroundings, deliveries, backups)));
    surroundings
        .cell()
        .self()
        .listensAt(
            Config.text(
                InetSocketAddress.createUnresolved(config.api().getHostString(), api.port())));
    ObjectNode ready = addresses(api.port(), gateway.port());
    directory.writePrivate(directory.ready(), ready);
    readyLine =
        "ready api=%s gateway=%s console=%s"
            .formatted(
                ready.get("api").textValue(),
                ready.get("gateway").textValue(),
                ready.get("console").textValue());
  }

  /// Keeps the journal from growing for ever, wherever it is.
  private void trim(Parts parts) {
    Duration kept = config.capacity().journalKept();
    Cluster cluster = config.ordering().cluster();
    Path backups = config.ordering().backups();
    if (cluster == null) {
      opened(new JournalTrim(parts.store(), parts.journal()::time, kept));
    } else if (backups != null) {
      TopicTrim topic = new TopicTrim(cluster.settings());
      opened(new TopicTrimming(backups, topic, parts.journal(), kept));
    }
  }

  /// Opens the state and the journal that drives it.
  private Parts open(DataDirectory directory) {
    RocksStore store = opened(new FirstStore(config, directory).open(random));
    Replica replica = new Replica(store);
    opened(new Checkpointing(replica));
    return new Parts(store, replica, opened(journal(store, replica)));
  }

  private Journal journal(Store store, Replica replica) {
    Cluster cluster = config.ordering().cluster();
    if (cluster != null) {
      return new KafkaJournal(cluster.settings(), store, replica, Server::stopAtOnce);
    }
    if (KafkaJournal.follows(store)) {
      throw new ConfigException(
          "the data directory belongs to a node whose journal is on Kafka; a backup of it can be"
              + " restored into one with an embedded journal");
    }
    return new EmbeddedJournal(store, replica, EmbeddedJournal.Clocks.system(), Server::stopAtOnce);
  }

  /// Going on could damage what is stored; whoever watches the process starts it again.
  private static void stopAtOnce() {
    Runtime.getRuntime().halt(1);
  }

  private void bootstrap(Journal journal) {
    LimitsProfile profile = config.limitsProfile();
    Bootstrap first =
        config.dev() ? FirstApp.fixed(random, profile) : FirstApp.minted(random, profile);
    Bootstrap.Builder atLevel = first.toBuilder().setLevel(Replica.LEVEL);
    switch (insist(journal, Command.newBuilder().setBootstrap(atLevel).build())) {
      case Outcome.Done _ -> log.info("the journal was empty; created the app demo");
      case Outcome.Refused _ -> log.info("another node created the app demo");
      case Outcome.Members _, Outcome.Started _ ->
          throw new IllegalStateException("not an outcome of a bootstrap");
    }
  }

  /// A device that has a task is told its id again when it is withdrawn.
  private static final class TencentForm implements MessageForm {
    @Override
    public byte[] render(Broadcast broadcast) {
      return TencentMessage.deliver(broadcast);
    }

    @Override
    public Optional<byte[]> renderWithdrawal(Broadcast broadcast) {
      return Optional.of(TencentMessage.withdraw(broadcast));
    }
  }

  /// Proposes a command that takes effect once however often it comes.
  private static Outcome insist(Journal journal, Command command) {
    for (int left = BOOTSTRAP_ATTEMPTS - 1; ; left--) {
      try {
        return journal.propose(command);
      } catch (TryAgainException | OutcomeUnknownException e) {
        if (left == 0) {
          throw e;
        }
        log.warn("the first command was not answered: {}", e.getMessage());
      }
    }
  }

  private Gateway gateway(Parts parts) {
    Map<Format, MessageForm> forms =
        Map.of(
            Format.VOLCENGINE,
            sent -> VolcengineMessage.deliver(sent.message(), sent.messageNumber(), sent.created()),
            Format.TENCENT,
            new TencentForm(),
            Format.NATIVE,
            Broadcast::message);
    Gateway.Settings settings =
        new Gateway.Settings(
            config.gateway(),
            config.capacity().maxConnections().orElseGet(Server::maxConnections),
            Runtime.getRuntime().availableProcessors(),
            config.edge(),
            tls(config.gateway(), config.tls().gateway()));
    return new Gateway(settings, parts.replica(), parts.journal(), forms);
  }

  /// What a listener makes handshakes with, kept up with its files; null for plain text.
  private @Nullable SSLContext tls(InetSocketAddress listener, @Nullable PemFiles files) {
    if (files != null) {
      return opened(ServerTls.watch(files)).context();
    }
    if (!listener.getAddress().isLoopbackAddress()) {
      log.warn(
          "{} is reachable from other machines in plain text, keys and tokens too; set"
              + " tls-certificate and tls-key unless a proxy ends TLS",
          Config.text(listener));
    }
    return null;
  }

  /// As many as the process may open files, less what the store and the API need.
  private static int maxConnections() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    long files =
        system instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : FILES_ELSEWHERE;
    return Math.clamp(files - RESERVED_FILES, 100, Integer.MAX_VALUE);
  }

  /// What posts the events of broadcasts to the apps' own servers.
  private Deliveries deliveries(Parts parts) {
    Replica replica = parts.replica();
    return new Deliveries(
        new Deliveries.Node(
            parts.store(),
            replica::tenants,
            replica.timeline(),
            parts.journal(),
            Clock.systemUTC(),
            Server::pushTask),
        config.webhookTargets());
  }

  private static PushTask pushTask(Broadcast sent) {
    Task task = Task.of(sent);
    return new PushTask(task.id(), task.dataId());
  }

  private Backups backups(Parts parts, DataDirectory directory) {
    return new Backups(
        new Backups.Node(parts.store(), parts.journal()),
        new Backups.Settings(
            directory.path(), Clock.systemUTC(), new Mint(random), Main.Version.number()));
  }

  /// The nodes of the cell, and who is connected to whichever of them.
  private record Surroundings(Cell cell, Presence presence) {}

  private Surroundings surroundings(Parts parts, Gateway gateway) {
    Clock clock = Clock.systemUTC();
    ThisNode self =
        new ThisNode(
            parts.replica(),
            parts.journal(),
            clock,
            new ThisNode.Run(gateway.presence().node(), Main.Version.number(), clock.instant()));
    Cluster cluster = config.ordering().cluster();
    if (cluster == null) {
      return new Surroundings(new Cell(self, List::of), gateway.presence());
    }
    PresenceTopic topic = opened(new PresenceTopic(cluster.settings(), gateway.presence(), self));
    return new Surroundings(new Cell(self, topic::others), topic.presence());
  }

  /// What the faces show beside the state.
  private record Faces(Surroundings surroundings, Deliveries deliveries, Backups backups) {}

  private HttpServer listen(Parts parts, Faces faces) {
    Presence presence = faces.surroundings().presence();
    NativeFace.Settings apiSettings =
        new NativeFace.Settings(config.limitsProfile(), Clock.systemUTC(), random);
    HealthFace health = new HealthFace(parts.journal()::troubles);
    NativeFace api =
        new NativeFace(
            new NativeFace.Node(
                parts.replica(),
                parts.journal(),
                faces.surroundings().cell(),
                presence,
                new NativeFace.Hooks(
                    new Webhooks(parts.store()), faces.deliveries(), config.webhookTargets()),
                faces.backups()),
            apiSettings);
    Face documentation = api.documentation();
    List<Route> routes =
        List.of(
            new Route("/healthz", health),
            new Route("/readyz", health),
            new Route("/openapi.json", documentation),
            new Route("/docs", documentation),
            new Route("/v1", upToDate(api, parts)),
            new Route("/v4", upToDate(tencent(parts, presence), parts)));
    Face vendor =
        new VolcengineFace(
            new VolcengineFace.Node(parts.replica(), parts.journal(), presence),
            config.volcengine(),
            Clock.systemUTC(),
            random);
    SSLContext tls = tls(config.api(), config.tls().api());
    HttpServer.Listener listener =
        new HttpServer.Listener(
            config.api(), tls, config.edge().trustedProxies(), config.callers());
    return HttpServer.start(listener, routes, upToDate(vendor, parts));
  }

  private Face upToDate(Face face, Parts parts) {
    return config.ordering().localReads() ? face : new UpToDate(face, parts.journal());
  }

  private Face tencent(Parts parts, Presence presence) {
    return new TencentFace(
        new TencentFace.Node(parts.replica(), parts.journal(), presence),
        config.tencent(),
        Clock.systemUTC(),
        random);
  }

  private ObjectNode addresses(int apiPort, int gatewayPort) {
    String http = config.tls().api() == null ? "http://" : "https://";
    String ws = config.tls().gateway() == null ? "ws://" : "wss://";
    String api = http + reachable(config.api(), apiPort);
    ObjectNode addresses =
        JSON.createObjectNode()
            .put("api", api)
            .put("gateway", ws + reachable(config.gateway(), gatewayPort))
            .put("console", api + "/console")
            .put("pid", ProcessHandle.current().pid());
    ArrayNode certificates = addresses.putArray("certificates");
    Stream.of(config.tls().api(), config.tls().gateway())
        .filter(Objects::nonNull)
        .map(files -> files.certificate().toAbsolutePath().toString())
        .distinct()
        .forEach(certificates::add);
    return addresses;
  }

  /// Where this machine reaches a listener, which may listen on every address.
  private static String reachable(InetSocketAddress listened, int port) {
    String host =
        listened.getAddress().isAnyLocalAddress() ? "127.0.0.1" : listened.getHostString();
    return Config.text(InetSocketAddress.createUnresolved(host, port));
  }

  /// The line that says where everything is.
  public String readyLine() {
    return readyLine;
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  /// Closes all parts, last opened first; one that fails does not keep the others open.
  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.error("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
  }
}
