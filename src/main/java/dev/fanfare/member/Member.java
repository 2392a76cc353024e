package dev.fanfare.member;

import java.util.List;
import java.util.Map;

/// A registered member of an app, as last committed.
///
/// @param ordinal its dense number inside the app, never reused
/// @param tags in order of first addition
/// @param attributes values by attribute name
/// @param ext opaque, sorted by key
/// @param created journal time in milliseconds since the epoch
/// @param modified journal time of the last change in milliseconds since the epoch
/// @param version offset of the entry that last changed it
public record Member(
    String id,
    int ordinal,
    String nickName,
    String portrait,
    List<String> tags,
    Map<String, String> attributes,
    Map<String, String> ext,
    boolean robot,
    long created,
    long modified,
    long version) {}
