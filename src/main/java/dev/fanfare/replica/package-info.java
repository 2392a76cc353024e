/// The state that follows from the journal: one writer, one batch, read views, checkpoints.
@NullMarked
package dev.fanfare.replica;

import org.jspecify.annotations.NullMarked;
