/// The packaged server under a steady load of devices and broadcasts, for minutes.
@NullMarked
package dev.fanfare.soak;

import org.jspecify.annotations.NullMarked;
