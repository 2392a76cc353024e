/// Starts and stops the server: `Main`, `Server`, `Config`.
@NullMarked
package dev.fanfare;

import org.jspecify.annotations.NullMarked;
