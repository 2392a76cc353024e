/// Many connected devices on one thread.
@NullMarked
package dev.fanfare.crowd;

import org.jspecify.annotations.NullMarked;
