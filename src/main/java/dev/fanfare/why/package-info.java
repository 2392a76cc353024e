/// Why a member got a broadcast or did not: the reason, its proof and a sentence for people.
@NullMarked
package dev.fanfare.why;

import org.jspecify.annotations.NullMarked;
