/// The registry of members.
@NullMarked
package dev.fanfare.member;

import org.jspecify.annotations.NullMarked;
