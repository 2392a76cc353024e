package dev.fanfare.audience;

/// What an audience selected at one position.
///
/// @param matched how many members, exactly
/// @param sampleOrdinals ordinals of some of them, ascending, evenly spread over all
/// @param position what the index had applied
public record Counted(int matched, int[] sampleOrdinals, long position) {}
