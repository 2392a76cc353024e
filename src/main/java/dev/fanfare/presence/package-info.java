/// Who is online in a cell of several nodes: each tells the others by a compacted topic.
@NullMarked
package dev.fanfare.presence;

import org.jspecify.annotations.NullMarked;
