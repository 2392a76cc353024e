/// The order of commands: what is proposed, what became of it, and what an engine has to promise.
@NullMarked
package dev.fanfare.journal;

import org.jspecify.annotations.NullMarked;
