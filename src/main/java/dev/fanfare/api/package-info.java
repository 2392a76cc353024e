/// The native API, `/v1`.
@NullMarked
package dev.fanfare.api;

import org.jspecify.annotations.NullMarked;
