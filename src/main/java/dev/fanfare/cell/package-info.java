/// What the nodes of a cell say of themselves, to operators and to each other.
@NullMarked
package dev.fanfare.cell;

import org.jspecify.annotations.NullMarked;
