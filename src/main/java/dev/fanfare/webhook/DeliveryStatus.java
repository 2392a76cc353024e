package dev.fanfare.webhook;

import java.time.Instant;
import java.util.Optional;

/// How a webhook's last request went.
///
/// @param at the epoch when there was none
/// @param failures in a row
/// @param error what went wrong, if anything
public record DeliveryStatus(Instant at, int failures, Optional<String> error) {}
