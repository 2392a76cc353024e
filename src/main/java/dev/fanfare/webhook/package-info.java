/// Webhooks: what happens to an app's broadcasts, posted to the app's own servers.
///
/// [Events] keeps, in the state, what webhooks have not had yet; [Deliveries] posts it, beside
/// everything else, and journals how far each has come. A dead or slow receiver fills its app's
/// list of pending events, which has a bound, loses the oldest of them, and slows nothing.
@NullMarked
package dev.fanfare.webhook;

import org.jspecify.annotations.NullMarked;
