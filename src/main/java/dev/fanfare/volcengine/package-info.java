/// The Volcengine IM OpenAPI.
///
/// "The contract" in this package is what `docs/dialects.md` describes and
/// `docs/volcengine-conformance.md` lists rule by rule; rows are those of its order of checks.
@NullMarked
package dev.fanfare.volcengine;

import org.jspecify.annotations.NullMarked;
