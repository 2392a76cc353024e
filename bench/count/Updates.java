import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Tag updates that go on while something else is measured: eight callers that send 100 of them per
/// call, so many per second together.
///
/// They give the most popular tag to members and take it away again, members who also have `t3`. So
/// what [Question#ALL] asks keeps its answer, though a tag that is asked for changes.
final class Updates implements AutoCloseable {
  private static final int CALLERS = 8;
  private static final int PER_CALL = 100;

  private final OursOverHttp server;
  private final int perSecond;
  private final int[] members;
  private final long began = System.nanoTime();
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final List<CompletableFuture<Void>> callers;
  private volatile boolean going = true;

  Updates(OursOverHttp server, Dataset data, int perSecond) {
    this.server = server;
    this.perSecond = perSecond;
    this.members =
        data.with(Word.tag(3)).stream()
            .filter(member -> !data.with(Word.tag(0)).contains(member))
            .toArray();
    this.callers =
        Stream.generate(() -> CompletableFuture.runAsync(this::send, Thread::startVirtualThread))
            .limit(CALLERS)
            .toList();
  }

  private void send() {
    try (Connection connection = server.connect()) {
      while (going) {
        int place = taken.getAndAdd(PER_CALL);
        long due = began + 1_000_000_000L * place / perSecond;
        Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
        server.batch(connection, patches(place));
        acknowledged.addAndGet(PER_CALL);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the updates broke off", e);
    }
  }

  private List<String> patches(int place) {
    List<String> operations = new ArrayList<>(PER_CALL);
    for (int i = place; i < place + PER_CALL; i++) {
      String verb = i / members.length % 2 == 0 ? "add" : "remove";
      operations.add(
          "{\"patch\":{\"id\":\"%s\",\"tags\":{\"%s\":[\"t0\"]}}}"
              .formatted(OursOverHttp.id(members[i % members.length]), verb));
    }
    return operations;
  }

  /// Acknowledged updates per second so far.
  double rate() {
    return acknowledged.get() * 1e9 / (System.nanoTime() - began);
  }

  /// Waits for the calls that are on their way; throws when any was refused.
  @Override
  public void close() {
    going = false;
    callers.forEach(CompletableFuture::join);
  }
}
