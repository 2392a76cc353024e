/// The client libraries against the packaged server, over a bad network.
@NullMarked
package dev.fanfare.clients;

import org.jspecify.annotations.NullMarked;
