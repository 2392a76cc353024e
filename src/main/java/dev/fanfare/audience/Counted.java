package dev.fanfare.audience;

/// How many an audience selected at one position.
///
/// @param matched how many members, exactly
/// @param online how many of these were among those named as online
/// @param sampleOrdinals ordinals of some of them, ascending, evenly spread over all
/// @param position what the index had applied
public record Counted(int matched, int online, int[] sampleOrdinals, long position) {}
