package dev.fanfare.webhook;

import java.time.Instant;
import java.util.Optional;

/// How a webhook's last event went, at its last attempt.
///
/// @param at the epoch when there was none
/// @param failures attempts that failed in a row
/// @param error what went wrong, if anything
public record DeliveryStatus(Instant at, int failures, Optional<String> error) {}
