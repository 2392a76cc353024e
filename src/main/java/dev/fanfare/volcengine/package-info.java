/// The Volcengine IM OpenAPI.
@NullMarked
package dev.fanfare.volcengine;

import org.jspecify.annotations.NullMarked;
