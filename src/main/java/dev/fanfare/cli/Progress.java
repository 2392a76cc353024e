package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/// Shows how a broadcast comes along: one line on standard error that is written over on a
/// terminal, and a line for each change on standard output elsewhere.
final class Progress {
  private final Output output;
  private final PrintWriter terminal;
  private final boolean onTerminal;
  private String last = "";

  Progress(Output output) {
    this.output = output;
    this.terminal = output.command.commandLine().getErr();
    this.onTerminal = isTerminal() && !output.json;
  }

  static boolean isTerminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  /// Whether standard error is a terminal, whatever the other two are.
  static boolean errorsGoToTerminal() {
    try {
      return Path.of("/proc/self/fd/2").toRealPath().toString().matches("/dev/(pts/|tty).*");
    } catch (IOException e) {
      return isTerminal();
    }
  }

  /// Always asks for more.
  boolean show(JsonNode progress) {
    last = BroadcastCommand.summary(progress);
    if (onTerminal) {
      over(terminal, last);
    } else {
      output.print(progress, BroadcastCommand::summary);
    }
    return true;
  }

  /// Leaves what was shown last as output.
  void end() {
    if (onTerminal) {
      over(terminal, "");
      output.line(last);
    }
  }

  /// Writes over the line of a terminal.
  static void over(PrintWriter terminal, String text) {
    terminal.print("\r\u001b[K" + text);
    terminal.flush();
  }
}
