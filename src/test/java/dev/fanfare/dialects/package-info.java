/// Tests in which the dialects meet.
@NullMarked
package dev.fanfare.dialects;

import org.jspecify.annotations.NullMarked;
