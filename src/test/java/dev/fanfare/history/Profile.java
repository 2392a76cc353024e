package dev.fanfare.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a member has that the calls of a history change.
///
/// @param tags in order of first addition
public record Profile(String nickName, List<String> tags, Optional<String> attribute) {
  public static final Profile EMPTY = new Profile("", List.of(), Optional.empty());

  /// A part that a dialect shows or does not show.
  public enum Part {
    NICK_NAME,
    TAGS,
    ATTRIBUTE
  }

  Profile with(Optional<String> newNickName, Optional<String> onlyTag) {
    return new Profile(newNickName.orElse(nickName), onlyTag.map(List::of).orElse(tags), attribute);
  }

  Profile withTag(String tag) {
    List<String> more = new ArrayList<>(tags);
    if (!more.contains(tag)) {
      more.add(tag);
    }
    return new Profile(nickName, List.copyOf(more), attribute);
  }

  Profile withoutTag(String tag) {
    return new Profile(
        nickName, tags.stream().filter(other -> !other.equals(tag)).toList(), attribute);
  }

  Profile withAttribute(String value) {
    return new Profile(nickName, tags, Optional.of(value));
  }

  /// As someone sees it who is shown these parts alone.
  Profile only(Set<Part> parts) {
    return new Profile(
        parts.contains(Part.NICK_NAME) ? nickName : "",
        parts.contains(Part.TAGS) ? tags : List.of(),
        parts.contains(Part.ATTRIBUTE) ? attribute : Optional.empty());
  }
}
