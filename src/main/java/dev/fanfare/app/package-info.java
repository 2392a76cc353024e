/// Tenants: their numbers, keys, limits and device tokens.
@NullMarked
package dev.fanfare.app;

import org.jspecify.annotations.NullMarked;
