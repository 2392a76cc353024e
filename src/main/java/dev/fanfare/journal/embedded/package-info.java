/// The journal of one machine: group commit into the embedded store.
@NullMarked
package dev.fanfare.journal.embedded;

import org.jspecify.annotations.NullMarked;
