package dev.fanfare.app;

import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.TagRemoval;
import java.time.Instant;
import java.util.List;

/// A tenant, as last committed.
///
/// @param number what the store knows it by; never reused
/// @param id what people know it by, `[a-z0-9-]{1,40}`
/// @param volcengineAppId 0 for none
/// @param tencentSdkAppId 0 for none
/// @param tencentAdministrators accounts that may call the Tencent dialect
/// @param tencentCallers networks that may call the Tencent dialect, `ADDRESS/BITS`; any when empty
/// @param keys by kind and name; disabled and ended ones too
/// @param origins web origins whose pages may connect devices; `*` is any
/// @param attributeNames names of the attribute slots by slot, empty for a free one
/// @param registrationIdSlots attribute slots that hold no values of members
/// @param tagRemovals tags taken from everyone that some records still hold
public record App(
    int number,
    String id,
    long volcengineAppId,
    long tencentSdkAppId,
    List<String> tencentAdministrators,
    List<String> tencentCallers,
    List<AppKey> keys,
    List<String> origins,
    List<String> attributeNames,
    List<Integer> registrationIdSlots,
    Limits limits,
    boolean disabled,
    List<TagRemoval> tagRemovals) {
  public App {
    tencentAdministrators = List.copyOf(tencentAdministrators);
    tencentCallers = List.copyOf(tencentCallers);
    keys = List.copyOf(keys);
    origins = List.copyOf(origins);
    attributeNames = List.copyOf(attributeNames);
    registrationIdSlots = List.copyOf(registrationIdSlots);
    tagRemovals = List.copyOf(tagRemovals);
  }

  /// The name of an attribute slot, empty for a free one.
  public String attributeName(int slot) {
    return slot < attributeNames.size() ? attributeNames.get(slot) : "";
  }

  /// The keys of a kind that open anything now, by name.
  public List<AppKey> keys(AppKey.Kind kind, Instant now) {
    return keys.stream().filter(key -> key.getKind() == kind && Keys.valid(key, now)).toList();
  }
}
