package dev.fanfare.journal;

/// How many keys one entry may still remove, so that no entry makes others wait. Owned by the
/// applier's thread.
public final class Allowance {
  private final int all;
  private int left;

  public Allowance(int keys) {
    this.all = keys;
    this.left = keys;
  }

  /// Notes that so many were removed. What cannot be divided may take more than was left.
  public void take(int keys) {
    left -= keys;
  }

  public boolean isSpent() {
    return left <= 0;
  }

  /// Whether nothing was removed.
  public boolean isWhole() {
    return left == all;
  }
}
