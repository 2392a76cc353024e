package dev.fanfare.history;

import java.util.Optional;
import java.util.Set;

/// What a call asked of one member.
public sealed interface Asked {

  /// Creates the member or replaces everything about it.
  record Put(String nickName) implements Asked {}

  /// Creates the member, or changes what is given; the tag replaces all.
  record Register(Optional<String> nickName, Optional<String> tag) implements Asked {}

  /// Changes what is given of a member that exists; the tag replaces all.
  record Update(Optional<String> nickName, Optional<String> tag) implements Asked {}

  record AddTag(String tag) implements Asked {}

  record RemoveTag(String tag) implements Asked {}

  record SetAttribute(String value) implements Asked {}

  record Unregister() implements Asked {}

  /// Looks it up.
  ///
  /// @param shown the parts that the reader was shown; of the others nothing is known
  record Read(Optional<Profile> found, Set<Profile.Part> shown) implements Asked {}

  /// What it makes of a member that is in a state.
  default Optional<Profile> after(Optional<Profile> before) {
    return switch (this) {
      case Read _ -> before;
      case Put(var nickName) ->
          Optional.of(Profile.EMPTY.with(Optional.of(nickName), Optional.empty()));
      case Register(var nickName, var tag) ->
          Optional.of(before.orElse(Profile.EMPTY).with(nickName, tag));
      case Update(var nickName, var tag) -> before.map(profile -> profile.with(nickName, tag));
      case AddTag(var tag) -> before.map(profile -> profile.withTag(tag));
      case RemoveTag(var tag) -> before.map(profile -> profile.withoutTag(tag));
      case SetAttribute(var value) -> before.map(profile -> profile.withAttribute(value));
      case Unregister() -> Optional.empty();
    };
  }

  /// Whether its answer can have been this one, of a member that is in a state.
  ///
  /// @param done whether it was done, and not refused because there is no such member
  default boolean mayAnswer(boolean done, Optional<Profile> before) {
    return switch (this) {
      case Read(var found, var shown) ->
          found.map(profile -> profile.only(shown)).equals(before.map(it -> it.only(shown)));
      case Put _, Register _ -> done;
      case Update _, AddTag _, RemoveTag _, SetAttribute _, Unregister _ ->
          done == before.isPresent();
    };
  }
}
