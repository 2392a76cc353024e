/// Backups while the node runs, and what is made of them: another data directory, at a chosen place
/// of the history.
@NullMarked
package dev.fanfare.backup;

import org.jspecify.annotations.NullMarked;
