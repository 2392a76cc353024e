package dev.fanfare.journal;

/// Where and when an entry stands in the journal: its offset, and journal time in milliseconds
/// since the epoch. Both only rise.
public record Stamp(long offset, long time) {}
