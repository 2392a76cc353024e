package dev.fanfare.cell;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.fanfare.journal.Journal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.NodeReport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/// What this node says of itself. Any thread.
public final class ThisNode implements Supplier<NodeReport> {
  private static final int MOST_TROUBLES = 10;
  private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");

  private final Replica replica;
  private final Journal journal;
  private final Clock clock;
  private final NodeReport same;
  private volatile String api = "";

  /// One run of a node.
  ///
  /// @param id names it
  public record Run(String id, String version, Instant started) {}

  public ThisNode(Replica replica, Journal journal, Clock clock, Run run) {
    this.replica = replica;
    this.journal = journal;
    this.clock = clock;
    this.same =
        NodeReport.newBuilder()
            .setId(run.id())
            .setHost(hostName())
            .setVersion(run.version())
            .setJava(Runtime.version().toString())
            .setStartedMillis(run.started().toEpochMilli())
            .setMaxFiles(maxFiles())
            .build();
  }

  /// Says where its API listens, `HOST:PORT`.
  public void listensAt(String address) {
    api = address;
  }

  @Override
  public NodeReport get() {
    List<String> troubles = journal.troubles();
    return same.toBuilder()
        .setApi(api)
        .setPosition(replica.position().toString())
        .setTimeMillis(journal.time())
        .setClockMillis(clock.millis())
        .setDuties(journal.onDuty())
        .addAllTroubles(troubles.subList(0, Math.min(troubles.size(), MOST_TROUBLES)))
        .build();
  }

  /// From the kernel where it tells: the JVM would ask the name service, which may be slow.
  private static String hostName() {
    try {
      return Files.isReadable(KERNEL_NAME)
          ? Files.readString(KERNEL_NAME).strip()
          : InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /// How many files the process may open; 0 where that is not known.
  private static long maxFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : 0;
  }
}
