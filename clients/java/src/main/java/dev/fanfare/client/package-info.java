/// Receives the broadcasts of a Fanfare server on Java 11 and Android.
///
/// Start with [FanfareDevice#connect]. The protocol is `docs/device-protocol.md` of the project.
@NullMarked
package dev.fanfare.client;

import org.jspecify.annotations.NullMarked;
