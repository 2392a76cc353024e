package dev.fanfare.history;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The serial orders of the calls to one member that explain every answer, and in which a call that
/// ended before another began comes before it. If there is one, the calls are linearizable.
///
/// Places one call after the other in all ways at once, and keeps of ways that placed the same
/// calls and came to the same state only one. So the work grows with how many calls overlap, and
/// only linearly with how many there are.
public final class SerialOrders {
  private final List<Call> calls;
  private final Set<Optional<Profile>> ends;
  private final int longest;
  private final List<Call> stuck;

  /// What a way has placed, and where it led.
  ///
  /// @param first the earliest call that is not placed
  /// @param later a bit for each call after that which is
  private record Way(int first, BigInteger later, Optional<Profile> state) {
    boolean hasPlaced(int call) {
      return later.testBit(call - first);
    }

    Way place(int call, Optional<Profile> after) {
      BigInteger placed = later.setBit(call - first);
      int leading = placed.not().getLowestSetBit();
      return new Way(first + leading, placed.shiftRight(leading), after);
    }
  }

  /// @param calls in any order
  public SerialOrders(List<Call> calls, Optional<Profile> before) {
    this.calls = calls.stream().sorted(Comparator.comparingLong(Call::began)).toList();
    Set<Way> ways = Set.of(new Way(0, BigInteger.ZERO, before));
    Set<Way> last = ways;
    int placed = 0;
    while (!ways.isEmpty() && placed < calls.size()) {
      last = ways;
      ways = next(ways);
      placed += ways.isEmpty() ? 0 : 1;
    }
    this.longest = placed;
    this.ends = new HashSet<>();
    ways.forEach(way -> ends.add(way.state()));
    this.stuck = ways.isEmpty() ? stuck(last) : List.of();
  }

  private Set<Way> next(Set<Way> ways) {
    Set<Way> next = new HashSet<>();
    for (Way way : ways) {
      for (int call : candidates(way)) {
        for (Optional<Profile> after : calls.get(call).after(way.state())) {
          next.add(way.place(call, after));
        }
      }
    }
    return next;
  }

  /// The open calls before which no other open one ended.
  private List<Integer> candidates(Way way) {
    List<Integer> open = new ArrayList<>();
    long firstEnd = Long.MAX_VALUE;
    for (int i = way.first(); i < calls.size() && calls.get(i).began() <= firstEnd; i++) {
      if (!way.hasPlaced(i)) {
        open.add(i);
        firstEnd = Math.min(firstEnd, calls.get(i).ended());
      }
    }
    long end = firstEnd;
    return open.stream().filter(i -> calls.get(i).began() <= end).toList();
  }

  /// The calls of which one has to be next and none can be.
  private List<Call> stuck(Set<Way> last) {
    return last.stream()
        .flatMap(way -> candidates(way).stream())
        .distinct()
        .map(calls::get)
        .toList();
  }

  /// The states that they lead to; none when no order explains the calls.
  public Set<Optional<Profile>> ends() {
    return ends;
  }

  /// Which calls cannot be explained, for people.
  public String trouble() {
    return ends.isEmpty()
        ? "after %d of %d calls none of these can be next: %s"
            .formatted(longest, calls.size(), stuck)
        : "";
  }
}
