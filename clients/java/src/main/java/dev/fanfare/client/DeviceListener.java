package dev.fanfare.client;

/// What an app does with what a device hears.
///
/// All methods are called on the device's one thread, in order, never two at a time. One that takes
/// long delays the next, and acknowledgements wait for it; meanwhile the connection is kept, or,
/// when more waits than a device holds, made anew later without a loss. What one throws goes to
/// [#onError] and stops nothing, but a [VirtualMachineError] ends the device. None but [#onState]
/// is called once [FanfareDevice#close] has returned, save the one that is under way.
public interface DeviceListener {

  /// A broadcast, never one that came before.
  void onBroadcast(Broadcast broadcast);

  /// The broadcast with this id was withdrawn. The device may never have had it.
  default void onRecall(String id) {}

  /// The server cannot follow this position: something may have been missed.
  default void onGap(String from) {}

  /// The connection changed.
  default void onState(DeviceState state) {}

  /// A listener or store failed, or the device itself did and is closed. By default the error
  /// stream is told; log it instead.
  default void onError(Throwable error) {
    error.printStackTrace();
  }
}
