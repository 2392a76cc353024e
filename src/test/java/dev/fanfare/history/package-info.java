/// Whether what concurrent callers saw of a registry is what one serial order of their calls shows.
@NullMarked
package dev.fanfare.history;

import org.jspecify.annotations.NullMarked;
