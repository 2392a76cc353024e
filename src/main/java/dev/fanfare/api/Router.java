package dev.fanfare.api;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Finds the operation that a request asks for.
///
/// @param operations those whose paths say more come first
record Router(List<Operation> operations) {
  Router {
    operations =
        operations.stream()
            .sorted(
                Comparator.comparingInt((Operation one) -> one.endpoint().path().literals())
                    .reversed())
            .toList();
  }

  /// What a path leads to.
  sealed interface Match {
    /// A call.
    ///
    /// @param parameters values of the named segments
    record Found(Operation operation, Map<String, String> parameters) implements Match {}

    /// The resource has other methods.
    record OtherMethods(Set<String> methods) implements Match {}

    /// Nothing is there.
    record Nothing() implements Match {}
  }

  /// Where a request leads; HEAD goes where GET goes.
  ///
  /// @param path decoded segments
  Match find(String method, List<String> path) {
    String asked = method.equals("HEAD") ? "GET" : method;
    Set<String> others = new TreeSet<>();
    int literals = -1;
    for (Operation operation : operations) {
      PathTemplate template = operation.endpoint().path();
      Optional<Map<String, String>> parameters =
          template.literals() < literals ? Optional.empty() : template.match(path);
      if (parameters.isPresent()) {
        if (operation.endpoint().method().equals(asked)) {
          return new Match.Found(operation, parameters.get());
        }
        literals = template.literals();
        others.add(operation.endpoint().method());
      }
    }
    return others.isEmpty() ? new Match.Nothing() : new Match.OtherMethods(others);
  }
}
