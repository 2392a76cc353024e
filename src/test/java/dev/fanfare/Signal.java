package dev.fanfare;

import java.io.IOException;

/// Has a child process stand still, as if its machine or its network were gone, or go on.
public enum Signal {
  STOP,
  CONT;

  public void send(long pid) {
    try {
      int exit = new ProcessBuilder("kill", "-" + name(), Long.toString(pid)).start().waitFor();
      if (exit != 0) {
        throw new AssertionError("kill -" + name() + " failed");
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
