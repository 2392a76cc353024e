/// Looks at directories that no server has open and says what is wrong with them.
@NullMarked
package dev.fanfare.doctor;

import org.jspecify.annotations.NullMarked;
