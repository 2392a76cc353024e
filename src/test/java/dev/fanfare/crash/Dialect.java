package dev.fanfare.crash;

import dev.fanfare.history.Asked;
import java.util.List;
import java.util.Optional;

/// The registry of members as one dialect shows it on one node. Any thread.
interface Dialect {
  /// The attribute that it sets, which the app has to know.
  String ATTRIBUTE = "city";

  /// Changes that it can ask for.
  ///
  /// @param value what each of them writes
  /// @param older a tag that may be taken away
  List<Asked> changes(String value, String older);

  Reply.Answer change(String member, Asked asked) throws InterruptedException;

  /// What it shows of a member; empty when it shows nothing, or what may be out of date.
  Optional<Asked.Read> read(String member) throws InterruptedException;
}
