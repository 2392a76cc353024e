package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class TimelineTest {
  private static final Timeline.Removal REMOVAL = new Timeline.Removal.OfMember(1, 7, 0);

  private final Timeline timeline = new Timeline(new MemoryStore());

  private void show(long offset) {
    timeline.show(List.of(), new TreeMap<>(Map.of(offset, List.of(REMOVAL))), offset);
  }

  @Test
  void removals_are_kept_for_listeners_until_they_are_forgotten() {
    show(1);
    assertThat(timeline.removals(0, 1)).as("nobody listens").isEmpty();
    timeline.listen(() -> {});
    show(2);
    show(3);
    assertThat(timeline.removals(0, 3))
        .isEqualTo(Map.of(2L, List.of(REMOVAL), 3L, List.of(REMOVAL)));
    timeline.forgetRemovals(2);
    assertThat(timeline.removals(0, 3)).containsOnlyKeys(3L);
  }
}
