package dev.fanfare.audience;

import org.roaringbitmap.RoaringBitmap;

/// Whom an audience selected at one position.
///
/// @param ordinals the caller's own
/// @param position what the index had applied
public record Selected(RoaringBitmap ordinals, long position) {}
