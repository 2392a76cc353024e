/// The Tencent IM REST API: account services, tags, attributes and all-member push.
///
/// "The contract" in this package is what `docs/dialects.md` describes and
/// `docs/tencent-conformance.md` lists rule by rule.
@NullMarked
package dev.fanfare.tencent;

import org.jspecify.annotations.NullMarked;
