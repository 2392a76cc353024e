package dev.fanfare.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/// A vendor's own API, as far as members are read from it. Owned by one thread.
interface Vendor {

  /// Ids that one [#members] may name.
  int most();

  /// How many [#members] the vendor documents for a second.
  int perSecond();

  /// What the vendor knows of these ids: fields of a member as the native API patches them. An id
  /// that it does not know is left out.
  ///
  /// @throws VendorException when it refused or could not be reached
  Map<String, ObjectNode> members(List<String> ids);

  /// A call that failed.
  final class VendorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /// @param passing whether the same call may succeed in a moment
    VendorException(String message, boolean passing) {
      super(message, null, false, false);
      this.passing = passing;
    }

    boolean isPassing() {
      return passing;
    }
  }
}
