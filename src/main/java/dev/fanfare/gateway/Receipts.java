package dev.fanfare.gateway;

import java.util.HashMap;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/// What devices reported and the journal does not know yet, by app and broadcast. Not thread-safe:
/// each shard fills one of its own, and gives it away whole.
///
/// Bounded by what it counts: three bits per member and live broadcast.
final class Receipts {
  private Map<Key, Bits> bits = new HashMap<>();

  record Key(int app, long broadcast) {}

  record Bits(RoaringBitmap reached, RoaringBitmap delivered, RoaringBitmap read) {
    Bits() {
      this(new RoaringBitmap(), new RoaringBitmap(), new RoaringBitmap());
    }
  }

  Map<Key, Bits> bits() {
    return bits;
  }

  boolean isEmpty() {
    return bits.isEmpty();
  }

  void reached(int app, long broadcast, int ordinal) {
    of(app, broadcast).reached().add(ordinal);
  }

  /// The same for several members.
  void reached(int app, long broadcast, RoaringBitmap ordinals) {
    if (!ordinals.isEmpty()) {
      of(app, broadcast).reached().or(ordinals);
    }
  }

  void delivered(int app, long broadcast, int ordinal) {
    of(app, broadcast).delivered().add(ordinal);
  }

  void read(int app, long broadcast, int ordinal) {
    of(app, broadcast).read().add(ordinal);
  }

  /// Gives away what it holds and is empty then.
  Receipts take() {
    Receipts taken = new Receipts();
    taken.bits = bits;
    bits = new HashMap<>();
    return taken;
  }

  /// Takes in what another holds.
  void addAll(Receipts other) {
    other.bits.forEach((key, added) -> {
      Bits mine = of(key.app(), key.broadcast());
      mine.reached().or(added.reached());
      mine.delivered().or(added.delivered());
      mine.read().or(added.read());
    });
  }

  private Bits of(int app, long broadcast) {
    return bits.computeIfAbsent(new Key(app, broadcast), _ -> new Bits());
  }
}
