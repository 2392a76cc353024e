package dev.fanfare.audience;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Turns a selection into a plan.
///
/// Complements are pushed down to the leaves (De Morgan), so that evaluation needs and, and-not, or
/// and or-not of words and never a complement of a whole. Everyone becomes the constant "anybody",
/// terms without members "nobody", and constants fold away. What is left is intersected with
/// everyone only if it could reach outside: for `a and not b` it cannot, because `a` does not.
final class Planner {
  private static final Comparator<Plan.Leaf> SMALL_FIRST =
      Comparator.comparingLong(leaf -> leaf.cursor().size());

  /// A list can be taken out of the words, but not intersected with them, without a detour; so the
  /// members come first and what is taken out of them second. In a union it is the reverse.
  private static final Comparator<Plan.Leaf> INTERSECTED =
      Comparator.comparing(Plan.Leaf::negated).thenComparing(SMALL_FIRST);

  private static final Comparator<Plan.Leaf> UNITED =
      Comparator.comparing(Plan.Leaf::negated).reversed().thenComparing(SMALL_FIRST);

  private final Lookup lookup;
  private @Nullable Integer app;

  /// Finds the postings of a term; null when it has no members.
  interface Lookup {
    @Nullable Postings postings(Term term);
  }

  private Planner(Lookup lookup) {
    this.lookup = lookup;
  }

  /// A plan that selects within everyone of the app. It lives no longer than the postings stay as
  /// they are.
  ///
  /// @throws IllegalArgumentException when the selection is of more than one app
  static Plan plan(Selection selection, Lookup lookup) {
    return new Planner(lookup).whole(selection);
  }

  private Plan whole(Selection selection) {
    Plan plan = bind(selection, false);
    if (plan.bounded() || app == null) {
      return plan;
    }
    Plan everyone = leaf(lookup.postings(Term.everyone(app)), false);
    return intersection(List.of(everyone, plan));
  }

  private Plan bind(Selection selection, boolean negated) {
    return switch (selection) {
      case Selection.Has(var term) -> {
        of(term.app());
        yield term.isEveryone()
            ? negated ? Plan.Constant.NOBODY : Plan.Constant.ANYBODY
            : leaf(lookup.postings(term), negated);
      }
      case Selection.Ordinals(var ofApp, var ordinals) -> {
        of(ofApp);
        yield ordinals.length == 0
            ? leaf(null, negated)
            : new Plan.Leaf(new Cursor.OverList(ordinals, ordinals.length), negated, false);
      }
      case Selection.All(var parts) ->
          negated ? union(bind(parts, true)) : intersection(bind(parts, false));
      case Selection.Any(var parts) ->
          negated ? intersection(bind(parts, true)) : union(bind(parts, false));
      case Selection.Not(var ofApp, var part) -> {
        of(ofApp);
        yield bind(part, !negated);
      }
    };
  }

  private List<Plan> bind(List<Selection> parts, boolean negated) {
    return parts.stream().map(part -> bind(part, negated)).toList();
  }

  private void of(int another) {
    if (app != null && app != another) {
      throw new IllegalArgumentException("a selection across apps");
    }
    app = another;
  }

  private static Plan leaf(@Nullable Postings postings, boolean negated) {
    if (postings == null) {
      return negated ? Plan.Constant.ANYBODY : Plan.Constant.NOBODY;
    }
    return new Plan.Leaf(postings.cursor(), negated, !negated);
  }

  private static Plan intersection(List<Plan> all) {
    if (all.contains(Plan.Constant.NOBODY)) {
      return Plan.Constant.NOBODY;
    }
    List<Plan> parts = without(Plan.Constant.ANYBODY, all);
    if (parts.size() <= 1) {
      return parts.isEmpty() ? Plan.Constant.ANYBODY : parts.get(0);
    }
    boolean bounded = parts.stream().anyMatch(Plan::bounded);
    return new Plan.Intersection(leaves(parts, INTERSECTED), nested(parts), bounded, depth(parts));
  }

  private static Plan union(List<Plan> all) {
    if (all.contains(Plan.Constant.ANYBODY)) {
      return Plan.Constant.ANYBODY;
    }
    List<Plan> parts = without(Plan.Constant.NOBODY, all);
    if (parts.size() <= 1) {
      return parts.isEmpty() ? Plan.Constant.NOBODY : parts.get(0);
    }
    boolean bounded = parts.stream().allMatch(Plan::bounded);
    return new Plan.Union(leaves(parts, UNITED), nested(parts), bounded, depth(parts));
  }

  private static List<Plan> without(Plan.Constant constant, List<Plan> parts) {
    return parts.stream().filter(Predicate.not(constant::equals)).toList();
  }

  private static List<Plan.Leaf> leaves(List<Plan> parts, Comparator<Plan.Leaf> order) {
    List<Plan.Leaf> leaves = new ArrayList<>();
    for (Plan part : parts) {
      if (part instanceof Plan.Leaf leaf) {
        leaves.add(leaf);
      }
    }
    leaves.sort(order);
    return leaves;
  }

  private static List<Plan> nested(List<Plan> parts) {
    return parts.stream().filter(part -> !(part instanceof Plan.Leaf)).toList();
  }

  private static int depth(List<Plan> parts) {
    return 1 + parts.stream().mapToInt(Plan::depth).max().orElse(0);
  }
}
