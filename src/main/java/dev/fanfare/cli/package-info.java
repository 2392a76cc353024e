/// The commands; thin, over HTTP.
@NullMarked
package dev.fanfare.cli;

import org.jspecify.annotations.NullMarked;
