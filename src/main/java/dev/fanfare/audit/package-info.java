/// Who did what: a bounded record of what people and programs asked for.
@NullMarked
package dev.fanfare.audit;

import org.jspecify.annotations.NullMarked;
