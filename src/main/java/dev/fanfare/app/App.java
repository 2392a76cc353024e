package dev.fanfare.app;

import dev.fanfare.schema.Limits;
import java.util.List;

/// A tenant, as last committed.
///
/// @param number what the store knows it by; never reused
/// @param id what people know it by, `[a-z0-9-]{1,40}`
/// @param volcengineAppId 0 for none
/// @param tencentSdkAppId 0 for none
/// @param deviceKey its UTF-8 bytes sign device tokens
/// @param attributeNames names of the attribute slots by slot, empty for a free one
public record App(
    int number,
    String id,
    long volcengineAppId,
    long tencentSdkAppId,
    String deviceKey,
    List<String> attributeNames,
    Limits limits,
    boolean disabled) {
  public App {
    attributeNames = List.copyOf(attributeNames);
  }

  /// The name of an attribute slot, empty for a free one.
  public String attributeName(int slot) {
    return slot < attributeNames.size() ? attributeNames.get(slot) : "";
  }
}
