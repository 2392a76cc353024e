package dev.fanfare.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fanfare.schema.IndexDeltas;
import dev.fanfare.schema.TermDelta;
import org.junit.jupiter.api.Test;

final class DeltasTest {
  private static final Term VIP = Term.tag(1, "vip");

  @Test
  void later_change_to_the_same_bit_wins() {
    var deltas = new Deltas();
    deltas.set(VIP, 5);
    deltas.clear(VIP, 5);
    deltas.clear(VIP, 6);
    deltas.set(VIP, 6);
    TermDelta delta = deltas.toSchema().getDeltas(0);
    assertThat(delta.getSetList()).containsExactly(6);
    assertThat(delta.getClearList()).containsExactly(5);
  }

  @Test
  void encoding_does_not_depend_on_the_order_of_changes() {
    var deltas = new Deltas();
    deltas.set(VIP, -1);
    deltas.set(VIP, 0);
    deltas.set(VIP, Integer.MIN_VALUE);
    deltas.set(VIP, Integer.MAX_VALUE);
    deltas.set(Term.attribute(1, 0, "ny"), 3);
    deltas.set(Term.tag(1, "a"), 3);
    deltas.clear(Term.everyone(-1), 3);
    deltas.clear(Term.everyone(1), 3);
    IndexDeltas schema = deltas.toSchema();
    assertThat(schema.getDeltasList().stream().map(DeltasTest::term))
        .containsExactly(
            Term.everyone(1), Term.tag(1, "a"), VIP, Term.attribute(1, 0, "ny"), Term.everyone(-1));
    assertThat(schema.getDeltas(2).getSetList())
        .containsExactly(0, Integer.MAX_VALUE, Integer.MIN_VALUE, -1);
  }

  @Test
  void stored_changes_come_back_the_same() {
    var deltas = new Deltas();
    for (int i = 0; i < 1_000; i++) {
      deltas.set(VIP, i * 7_919);
      deltas.clear(Term.attribute(1, 9, "x" + i % 3), i);
    }
    IndexDeltas schema = deltas.toSchema();
    assertThat(Deltas.of(schema).toSchema()).isEqualTo(schema);
  }

  @Test
  void drop_forgets_what_came_before_it_and_is_stored() {
    var deltas = new Deltas();
    deltas.set(VIP, 1);
    deltas.drop(VIP);
    deltas.set(VIP, 2);
    IndexDeltas schema = deltas.toSchema();
    assertThat(schema.getDeltas(0).getDrop()).isTrue();
    assertThat(schema.getDeltas(0).getSetList()).containsExactly(2);
    assertThat(Deltas.of(schema).toSchema()).isEqualTo(schema);
    var alone = new Deltas();
    alone.drop(VIP);
    assertThat(alone.isEmpty()).isFalse();
    assertThat(Deltas.of(alone.toSchema()).toSchema()).isEqualTo(alone.toSchema());
  }

  @Test
  void changes_are_empty_until_the_first() {
    var deltas = new Deltas();
    assertThat(deltas.isEmpty()).isTrue();
    assertThat(deltas.toSchema()).isEqualTo(IndexDeltas.getDefaultInstance());
    deltas.clear(VIP, 1);
    assertThat(deltas.isEmpty()).isFalse();
  }

  @Test
  void term_that_cannot_be_is_refused() {
    var nameless = TermDelta.newBuilder().setApp(1).setKind(1).addSet(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Deltas.of(IndexDeltas.newBuilder().addDeltas(nameless).build()));
    assertThatIllegalArgumentException().isThrownBy(() -> new Term(1, 0, "named"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Term(1, -1, "x"));
  }

  private static Term term(TermDelta delta) {
    return new Term(delta.getApp(), delta.getKind(), delta.getName());
  }
}
