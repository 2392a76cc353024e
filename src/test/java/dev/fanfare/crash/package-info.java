/// Kills the packaged server, again and again.
@NullMarked
package dev.fanfare.crash;

import org.jspecify.annotations.NullMarked;
