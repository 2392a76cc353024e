package dev.fanfare.gateway;

import dev.fanfare.member.OnlineChunk;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.roaringbitmap.FastAggregation;
import org.roaringbitmap.RoaringBitmap;

/// The members of one app who have a session on this node, by platform, and in which chunks that
/// changed. Guarded by itself.
final class OnlineMembers {
  private final int app;
  private final Map<String, RoaringBitmap> platforms = new HashMap<>();
  private Set<OnlineChunk> changed = new HashSet<>();

  OnlineMembers(int app) {
    this.app = app;
  }

  /// Notes from which platforms a member is online.
  synchronized void set(int ordinal, Set<String> before, Set<String> now) {
    for (String platform : before) {
      if (!now.contains(platform)) {
        of(platform).remove(ordinal);
        changed(platform, ordinal);
      }
    }
    for (String platform : now) {
      if (!before.contains(platform)) {
        of(platform).add(ordinal);
        changed(platform, ordinal);
      }
    }
  }

  private RoaringBitmap of(String platform) {
    return platforms.computeIfAbsent(platform, _ -> new RoaringBitmap());
  }

  private void changed(String platform, int ordinal) {
    changed.add(new OnlineChunk(app, platform, ordinal >>> 16));
  }

  /// Members with a session from any platform.
  synchronized RoaringBitmap all() {
    return FastAggregation.or(platforms.values().iterator());
  }

  synchronized RoaringBitmap in(OnlineChunk chunk) {
    RoaringBitmap platform = platforms.getOrDefault(chunk.platform(), new RoaringBitmap());
    return platform.selectRange(chunk.first(), chunk.end());
  }

  synchronized Set<OnlineChunk> takeChanged() {
    Set<OnlineChunk> taken = changed;
    changed = new HashSet<>();
    return taken;
  }

  synchronized Set<OnlineChunk> chunks() {
    Set<OnlineChunk> chunks = new HashSet<>();
    platforms.forEach((platform, online) -> chunks.addAll(OnlineChunk.of(app, platform, online)));
    return chunks;
  }
}
