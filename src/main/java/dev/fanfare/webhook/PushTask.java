package dev.fanfare.webhook;

import java.util.Optional;

/// What a broadcast is called in requests in the Tencent format.
///
/// @param dataId what its sender wants to be told with every event
public record PushTask(String id, Optional<String> dataId) {}
