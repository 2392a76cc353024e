package dev.fanfare.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/// Shows on a terminal how many members were moved, how fast, and how long it takes: one line on
/// standard error that is written over. Nothing elsewhere.
final class Meter {
  private static final double NANOS = 1e9;

  private final PrintWriter terminal;
  private final boolean onTerminal;
  private final DoubleSupplier done;
  private final double doneBefore;
  private final long begun = System.nanoTime();

  /// @param done how much of all is done, from 0 to 1; less than 0 when that is not known
  Meter(PrintWriter terminal, DoubleSupplier done) {
    this.terminal = terminal;
    this.done = done;
    this.doneBefore = Math.max(done.getAsDouble(), 0);
    this.onTerminal = Progress.errorsGoToTerminal();
  }

  double seconds() {
    return (System.nanoTime() - begun) / NANOS;
  }

  /// @param members moved since this began
  void show(long members) {
    if (onTerminal) {
      Progress.over(terminal, line(members, seconds(), done.getAsDouble()));
    }
  }

  private String line(long members, double seconds, double share) {
    String moved = String.format(Locale.ROOT, "%,d members, %,.0f/s", members, members / seconds);
    if (share <= doneBefore) {
      return moved;
    }
    long left = Math.round(seconds * (1 - share) / (share - doneBefore));
    return String.format(
        Locale.ROOT, "%s, %.0f %%, %d:%02d left", moved, 100 * share, left / 60, left % 60);
  }

  void end() {
    if (onTerminal) {
      Progress.over(terminal, "");
    }
  }
}
