/// Tables of bytes with atomic, synced batches: the seam between the replica and the disk.
@NullMarked
package dev.fanfare.store;

import org.jspecify.annotations.NullMarked;
