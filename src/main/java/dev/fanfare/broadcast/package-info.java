/// A broadcast's life: start, slices, pace, receipts, and the timeline that devices follow.
@NullMarked
package dev.fanfare.broadcast;

import org.jspecify.annotations.NullMarked;
