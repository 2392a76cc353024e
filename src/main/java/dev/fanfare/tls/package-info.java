/// Certificates of the listeners, read from files and reloaded when those change.
@NullMarked
package dev.fanfare.tls;

import org.jspecify.annotations.NullMarked;
