package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// One hash tells whether two nodes have come the same way.
final class ChainTest {
  private static final byte[] ENTRY = {1, 2, 3};

  @Test
  void equal_entries_and_outcomes_give_equal_hashes_from_wherever_they_are_continued() {
    Chain whole = new Chain(Chain.Link.START);
    whole.add(ENTRY, 10, "done");
    Chain continued = new Chain(whole.last());

    assertThat(continued.add(ENTRY, 11, "void").hash())
        .isEqualTo(whole.add(ENTRY, 11, "void").hash());
  }

  @Test
  void another_entry_stamp_outcome_or_past_gives_another_hash() {
    byte[] hash = after("done").add(ENTRY, 11, "done").hash();

    assertThat(after("done").add(new byte[] {1, 2, 4}, 11, "done").hash()).isNotEqualTo(hash);
    assertThat(after("done").add(ENTRY, 12, "done").hash()).isNotEqualTo(hash);
    assertThat(after("done").add(ENTRY, 11, "void").hash()).isNotEqualTo(hash);
    assertThat(after("void").add(ENTRY, 11, "done").hash()).isNotEqualTo(hash);
  }

  @Test
  void the_last_hashes_are_kept_and_older_ones_and_those_before_the_start_are_not() {
    Chain chain = new Chain(new Chain.Link(4, new byte[32]));
    assertThat(chain.at(3)).isEmpty();
    assertThat(chain.at(4)).contains(new byte[32]);
    byte[] fifth = chain.add(ENTRY, 1, "done").hash();
    for (int i = 0; i < Chain.KEPT - 1; i++) {
      chain.add(ENTRY, 1, "done");
    }
    assertThat(chain.at(5)).contains(fifth);
    assertThat(chain.at(chain.last().offset() + 1)).isEmpty();
    chain.add(ENTRY, 1, "done");
    assertThat(chain.at(5)).isEmpty();
  }

  @Test
  void entries_of_a_lost_group_are_forgotten() {
    Chain chain = after("done");
    Chain.Link before = chain.last();
    byte[] once = chain.add(ENTRY, 11, "done").hash();
    chain.rewind(before);

    assertThat(chain.at(1)).isEmpty();
    assertThat(chain.add(ENTRY, 11, "done").hash()).isEqualTo(once);
  }

  private static Chain after(String outcome) {
    Chain chain = new Chain(Chain.Link.START);
    chain.add(ENTRY, 10, outcome);
    return chain;
  }
}
