package dev.fanfare.presence;

import dev.fanfare.member.LocalPresence;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.schema.NodeReport;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the other nodes who is online at this one: once a second the parts that changed, as they
/// are then, longest waiting first, and every 3 s a sign of life.
///
/// Nothing is sent while something is unacknowledged, so that Kafka's client never holds more than
/// one second's share, 2,000 records or 4 MB; what waits is only named. What failed is sent again
/// as it is then, and until a sign of life came through nothing else is sent. Owned by the one
/// thread that calls it.
final class Announcer {
  static final Duration SIGN_EVERY = Duration.ofSeconds(3);
  static final int MOST_RECORDS = 2_000;
  static final long MOST_BYTES = 4L << 20;

  private static final Duration CLOSE_WITHIN = Duration.ofMillis(1_500);
  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  private final LocalPresence local;
  private final String topic;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Set<OnlineChunk> waiting = new LinkedHashSet<>();
  private final Queue<OnlineChunk> failed = new ConcurrentLinkedQueue<>();
  private final AtomicInteger unacknowledged = new AtomicInteger();
  private final Supplier<NodeReport> self;
  private Producer<byte[], byte[]> producer;
  private boolean signed;
  private long signedNanos;
  private volatile boolean failing;
  private volatile boolean broken;

  /// @param self what this node says of itself
  /// @param producers makes a client, and another one in place of one that failed for good
  Announcer(
      LocalPresence local,
      String topic,
      Supplier<NodeReport> self,
      Supplier<Producer<byte[], byte[]>> producers) {
    this.local = local;
    this.topic = topic;
    this.producers = producers;
    this.self = self;
    this.producer = producers.get();
  }

  /// Sends what there is to tell. To be called once a second.
  void announce(long nowNanos) {
    for (OnlineChunk chunk = failed.poll(); chunk != null; chunk = failed.poll()) {
      waiting.add(chunk);
    }
    waiting.addAll(local.takeChanged());
    if (!isIdle()) {
      return;
    }
    mend();
    tellChunks();
    if (!signed || nowNanos - signedNanos >= SIGN_EVERY.toNanos()) {
      signed = true;
      signedNanos = nowNanos;
      send(new Subject.Life(local.node()), Sign.pack(self.get()));
    }
  }

  /// Whether everything that was sent is acknowledged or has failed.
  boolean isIdle() {
    return unacknowledged.get() == 0;
  }

  private void tellChunks() {
    int records = 0;
    long bytes = 0;
    Iterator<OnlineChunk> next = waiting.iterator();
    while (next.hasNext() && !failing && records < MOST_RECORDS && bytes < MOST_BYTES) {
      OnlineChunk chunk = next.next();
      next.remove();
      RoaringBitmap online = local.online(chunk);
      byte[] value = online.isEmpty() ? null : Packed.pack(online);
      send(new Subject.Part(local.node(), chunk), value);
      records++;
      bytes += value == null ? 0 : value.length;
    }
  }

  /// Says that these are no more.
  void bury(List<? extends Subject> remains) {
    for (Subject subject : remains) {
      if (!failing) {
        send(subject, null);
      }
    }
  }

  /// Hears what the topic says of this node, and tells anew what is not so: it was buried by one
  /// that thought it dead, or a record that had failed came after all.
  void heard(Subject subject, byte @Nullable [] value) {
    switch (subject) {
      case Subject.Life _ -> signed &= value != null;
      case Subject.Part(_, OnlineChunk chunk) -> {
        if (!Packed.unpack(value, chunk).equals(local.online(chunk))) {
          waiting.add(chunk);
        }
      }
    }
  }

  /// Tells everything anew.
  void startOver() {
    signed = false;
    waiting.addAll(local.chunks());
  }

  private void send(Subject subject, byte @Nullable [] value) {
    unacknowledged.incrementAndGet();
    try {
      producer.send(
          new ProducerRecord<>(topic, 0, subject.encode(), value),
          (_, failure) -> sent(subject, failure));
    } catch (RuntimeException e) {
      sent(subject, e);
    }
  }

  private void sent(Subject subject, @Nullable Exception failure) {
    if (failure != null) {
      if (!failing) {
        log.warn("other nodes cannot be told who is online: {}", failure.toString());
      }
      broken = !(failure instanceof TimeoutException);
      if (subject instanceof Subject.Part(String node, OnlineChunk chunk)
          && node.equals(local.node())) {
        failed.add(chunk);
      }
    }
    failing = failure != null;
    unacknowledged.decrementAndGet();
  }

  /// Takes a new client in place of one that failed in a way that may last.
  private void mend() {
    if (broken) {
      broken = false;
      producer.close(Duration.ZERO);
      producer = producers.get();
    }
  }

  /// Takes leave: nobody is online here any more. What does not get through in time is buried by
  /// another node later.
  void close() {
    send(new Subject.Life(local.node()), null);
    waiting.addAll(local.takeChanged());
    waiting.addAll(local.chunks());
    bury(waiting.stream().map(chunk -> new Subject.Part(local.node(), chunk)).toList());
    producer.close(CLOSE_WITHIN);
  }
}
