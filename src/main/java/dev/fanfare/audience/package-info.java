/// Who should hear something: the expression, its text and JSON forms, the index and its
/// evaluation.
@NullMarked
package dev.fanfare.audience;

import org.jspecify.annotations.NullMarked;
