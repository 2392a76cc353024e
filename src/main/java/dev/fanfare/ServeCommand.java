package dev.fanfare;

import dev.fanfare.backup.BackupException;
import dev.fanfare.cli.CliException;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.store.StoreException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Runs a node until it is told to stop.
@Command(name = "serve", description = "Runs the server.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(9);

  @Spec CommandSpec spec = CommandSpec.create();

  ServeCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Config config = ConfigOptions.config(spec.commandLine().getParseResult(), System.getenv());
    config.logFormat().use();
    Server server = startUnlessStopped(config);
    tellReady(server);
    Thread.currentThread().join();
    return 0;
  }

  /// A node runs whether or not its output can be written.
  private void tellReady(Server server) {
    try {
      spec.commandLine().getOut().println(server.readyLine());
    } catch (CliException e) {
      log.warn("{}", server.readyLine());
    }
  }

  /// Starts the node. To be asked to stop before it is ready is a kill, which the next start needs
  /// no repair after; only the exit code tells that it was asked.
  private static Server startUnlessStopped(Config config) {
    AtomicReference<@Nullable Server> started = new AtomicReference<>();
    Thread stop = new Thread(() -> stop(started.get()), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      Server server = start(config);
      started.set(server);
      return server;
    } finally {
      if (started.get() == null) { // a start that failed is no stop
        Runtime.getRuntime().removeShutdownHook(stop);
      }
    }
  }

  private static Server start(Config config) {
    try {
      return Server.start(config);
    } catch (UncheckedIOException
        | BackupException
        | StoreException
        | UnknownEntryException
        | UnusableJournalException e) {
      throw new ConfigException(Optional.ofNullable(e.getMessage()).orElse("cannot start"));
    }
  }

  /// Closes the node and ends the process. A process that a signal ends would report the signal;
  /// here it was asked to stop and did, which is 0.
  private static void stop(@Nullable Server server) {
    if (server == null) {
      log.info("stopped before it was ready");
      Runtime.getRuntime().halt(0);
      return;
    }
    try {
      Thread closing = Thread.ofPlatform().name("close").start(server::close);
      boolean closed = closing.join(STOP_WITHIN);
      log.info(closed ? "stopped" : "stopped without having closed everything");
      Runtime.getRuntime().halt(closed ? 0 : 1);
    } catch (InterruptedException e) {
      Runtime.getRuntime().halt(1);
    }
  }
}
