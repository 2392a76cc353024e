package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.app.AppCommands;
import dev.fanfare.audience.AudienceException;
import dev.fanfare.audience.UnknownAttributeException;
import dev.fanfare.journal.Allowance;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.ScanRecord;
import dev.fanfare.schema.StartScan;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/// Applies scans: who an audience selects, frozen for a while so that it can be read page by page
/// from any node. Owned by the applier's thread.
///
/// A scan runs until its last page was read or its time is over. One that was read to the end is
/// kept for a minute more, for who asks for that page again. What is over is deleted when the next
/// scan starts, or by purging.
public final class ScanCommands {
  private static final long KEPT_AFTER_END_MILLIS = 60_000;

  private final Batch batch;
  private final AppCommands apps;
  private final Selector selector;

  /// Evaluates an audience on the committed index.
  public interface Selector {
    /// Ordinals of who is selected now.
    ///
    /// @throws UnknownAttributeException when the app has no such attribute
    RoaringBitmap select(int app, AudienceNode audience);
  }

  public ScanCommands(Batch batch, AppCommands apps, Selector selector) {
    this.batch = batch;
    this.apps = apps;
    this.selector = selector;
  }

  private record Scan(long id, ScanRecord record) {
    boolean runs(long time) {
      return !record.getFinished() && record.getExpires() > time;
    }
  }

  public Outcome start(Stamp stamp, int app, StartScan command) {
    Limits limits = apps.record(app).getSettings().getLimits();
    List<Scan> scans = scans(app);
    if (scans.stream().anyMatch(scan -> scan.id() == command.getId())) {
      return new Outcome.Refused(new Refusal.AlreadyExists("this scan"));
    }
    if (scans.stream().filter(scan -> scan.runs(stamp.time())).count()
        >= limits.getRunningScans()) {
      return new Outcome.Refused(new Refusal.TooManyScans(limits.getRunningScans()));
    }
    RoaringBitmap members;
    try {
      members = selector.select(app, command.getAudience());
    } catch (UnknownAttributeException e) {
      return new Outcome.Refused(new Refusal.UnknownAttribute(e.attribute()));
    } catch (AudienceException e) {
      return new Outcome.Refused(new Refusal.InvalidAudience(e.reason()));
    }
    forget(stamp, app, scans, limits.getRunningScans());
    new FrozenMembers(app, command.getId()).put(batch, members);
    ScanRecord record =
        ScanRecord.newBuilder()
            .setOffset(stamp.offset())
            .setExpires(stamp.time() + limits.getScanSeconds() * 1_000L)
            .setMembers(members.getCardinality())
            .build();
    batch.put(Table.SCAN, key(app, command.getId()), record.toByteArray());
    return new Outcome.Done();
  }

  /// Deletes what is over. Visits what is committed, so it needs a group that begins with it.
  public void purge(Stamp stamp, int app, Allowance allowance) {
    allowance.take(
        forget(
            stamp, app, scans(app), apps.record(app).getSettings().getLimits().getRunningScans()));
  }

  /// Deletes the scans that are over, and of those read to the end all but the newest; how many.
  private int forget(Stamp stamp, int app, List<Scan> scans, int finishedKept) {
    List<Scan> over = new ArrayList<>();
    List<Scan> finished = new ArrayList<>();
    for (Scan scan : scans) {
      if (scan.record().getExpires() <= stamp.time()) {
        over.add(scan);
      } else if (scan.record().getFinished()) {
        finished.add(scan);
      }
    }
    finished.sort(Comparator.comparingLong(scan -> scan.record().getOffset()));
    over.addAll(finished.subList(0, Math.max(0, finished.size() - finishedKept)));
    for (Scan scan : over) {
      batch.delete(Table.SCAN, key(app, scan.id()));
      new FrozenMembers(app, scan.id()).delete(batch);
    }
    return over.size();
  }

  public Outcome end(Stamp stamp, int app, long id) {
    byte[] stored = batch.get(Table.SCAN, key(app, id));
    if (stored == null || !new Scan(id, parse(stored)).runs(stamp.time())) {
      return new Outcome.Refused(new Refusal.NotDue());
    }
    ScanRecord record = parse(stored);
    long expires = Math.min(record.getExpires(), stamp.time() + KEPT_AFTER_END_MILLIS);
    batch.put(
        Table.SCAN,
        key(app, id),
        record.toBuilder().setFinished(true).setExpires(expires).build().toByteArray());
    return new Outcome.Done();
  }

  /// The scans of an app that are stored, as committed.
  private List<Scan> scans(int app) {
    List<Scan> scans = new ArrayList<>();
    byte[] prefix = Key.bytes(app);
    batch.scanCommitted(
        Table.SCAN,
        prefix,
        Key.after(prefix),
        (key, value) -> {
          scans.add(new Scan(ByteBuffer.wrap(key).getLong(Integer.BYTES), parse(value)));
          return true;
        });
    return scans;
  }

  static byte[] key(int app, long id) {
    return Key.of(app).and(id).toBytes();
  }

  static ScanRecord parse(byte[] stored) {
    try {
      return ScanRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a scan's record is damaged", e);
    }
  }
}
