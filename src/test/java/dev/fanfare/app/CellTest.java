package dev.fanfare.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.journal.Position;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What positions mean in a history of several epochs.
final class CellTest {
  private static final long HEAD = 120;

  private final Cell cell =
      new Cell(
          "key",
          List.of(
              new Cell.Epoch("1aaaaaa", 1),
              new Cell.Epoch("2bbbbbb", 51),
              new Cell.Epoch("9cccccc", 101)));

  private Cell.Place place(String position) {
    return cell.place(Position.parse(position).orElseThrow(), HEAD);
  }

  @Test
  void each_offset_has_its_position_in_the_epoch_that_it_lies_in() {
    assertThat(cell.position(0)).hasToString("1aaaaaa-0");
    assertThat(cell.position(50)).hasToString("1aaaaaa-50");
    assertThat(cell.position(51)).hasToString("2bbbbbb-51");
    assertThat(cell.position(100)).hasToString("2bbbbbb-100");
    assertThat(cell.position(101)).hasToString("9cccccc-101");
    for (long offset = 0; offset <= HEAD; offset++) {
      assertThat(cell.place(cell.position(offset), HEAD)).isEqualTo(new Cell.Place.Exact(offset));
    }
  }

  @Test
  void position_is_exact_up_to_the_end_of_its_epoch_and_lost_above() {
    assertThat(place("1aaaaaa-50")).isEqualTo(new Cell.Place.Exact(50));
    assertThat(place("1aaaaaa-51")).isEqualTo(new Cell.Place.Lost(50));
    assertThat(place("2bbbbbb-999")).isEqualTo(new Cell.Place.Lost(100));
    assertThat(place("9cccccc-120")).isEqualTo(new Cell.Place.Exact(120));
    assertThat(place("9cccccc-121")).isEqualTo(new Cell.Place.Lost(120));
    assertThat(place("3bbbbbb-10")).isEqualTo(new Cell.Place.Unknown());
  }

  @Test
  void next_epoch_counts_on_and_is_a_position_of_its_own() {
    Mint mint = new Mint(new Random(1));
    assertThat(cell.nextEpoch(mint)).matches("10[A-Za-z0-9]{6}").isNotEqualTo(cell.nextEpoch(mint));
    assertThat(Position.parse(cell.nextEpoch(mint) + "-1")).isPresent();
  }
}
