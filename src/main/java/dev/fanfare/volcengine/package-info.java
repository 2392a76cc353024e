/// The Volcengine IM OpenAPI.
///
/// "The contract" in this package is the wire contract of this API, written from the vendor's
/// documents and from what its official SDKs send; sections and rows are counted as there.
@NullMarked
package dev.fanfare.volcengine;

import org.jspecify.annotations.NullMarked;
