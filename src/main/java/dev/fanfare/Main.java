package dev.fanfare;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.fanfare.cli.AppCommand;
import dev.fanfare.cli.AttributeCommand;
import dev.fanfare.cli.AuditCommand;
import dev.fanfare.cli.BackupCommand;
import dev.fanfare.cli.BroadcastCommand;
import dev.fanfare.cli.CliException;
import dev.fanfare.cli.CountCommand;
import dev.fanfare.cli.DoctorCommand;
import dev.fanfare.cli.ExportCommand;
import dev.fanfare.cli.ImportCommand;
import dev.fanfare.cli.KeyCommand;
import dev.fanfare.cli.MemberCommand;
import dev.fanfare.cli.PullCommand;
import dev.fanfare.cli.SendCommand;
import dev.fanfare.cli.SessionCommand;
import dev.fanfare.cli.StandardOutput;
import dev.fanfare.cli.TagCommand;
import dev.fanfare.cli.TokenCommand;
import dev.fanfare.cli.UserSigCommand;
import dev.fanfare.cli.WatchCommand;
import dev.fanfare.cli.WebhookCommand;
import dev.fanfare.cli.WhyCommand;
import dev.fanfare.doctor.Examination;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/// The command `fanfare`. Exit codes: 0 done, 1 failed, 2 bad usage, 3 refused by the server, 130
/// interrupted, 141 when nobody reads the output any more.
@Command(
    name = "fanfare",
    description = "Broadcasts to the members of an app.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      ServeCommand.class,
      ConfigCommand.class,
      AppCommand.class,
      KeyCommand.class,
      MemberCommand.class,
      TagCommand.class,
      AttributeCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      PullCommand.class,
      CountCommand.class,
      SendCommand.class,
      BroadcastCommand.class,
      WhyCommand.class,
      TokenCommand.class,
      UserSigCommand.class,
      WatchCommand.class,
      WebhookCommand.class,
      SessionCommand.class,
      AuditCommand.class,
      RestoreCommand.class,
    })
public final class Main {
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;

  /// The commands that take the settings of a node.
  private static final Set<String> CONFIGURED = Set.of("serve", "config");

  Main() {}

  /// Runs a command and exits with its code.
  public static void main(String[] arguments) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    PrintWriter out = new PrintWriter(new StandardOutput(), true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /// Runs a command and returns its exit code.
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine fanfare = new CommandLine(new Main());
    fanfare.addSubcommand(new BackupCommand(StoppedBackup::make));
    fanfare.addSubcommand(new DoctorCommand(Main::examine));
    fanfare
        .getSubcommands()
        .forEach((name, command) -> {
          if (CONFIGURED.contains(name)) {
            ConfigOptions.addTo(command.getCommandSpec());
          }
        });
    return fanfare
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler(Main::badUsage)
        .setExecutionStrategy(Main::execute)
        .setExecutionExceptionHandler((e, command, _) -> failed(e, command))
        .execute(arguments);
  }

  private static int execute(ParseResult parsed) {
    try {
      return new RunLast().execute(parsed);
    } catch (CliException e) {
      // Of help, whose failures picocli does not hand to the handler of those of commands.
      return ended(e, parsed.commandSpec().commandLine());
    }
  }

  private static List<String> examine(Path directory) {
    long maxFiles =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    return new Examination(
            directory,
            new Examination.Machine(
                Clock.systemUTC(), maxFiles, path -> Files.getFileStore(path).getUsableSpace()))
        .findings();
  }

  private static int badUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String help = command.getCommandSpec().qualifiedName() + " --help";
    command.getErr().println(firstLine(e) + " (see " + help + ")");
    return BAD_USAGE;
  }

  private static int failed(Exception e, CommandLine command) throws Exception {
    return switch (e) {
      case CliException known -> ended(known, command);
      case ConfigException _ -> {
        command.getErr().println(firstLine(e));
        yield FAILED;
      }
      default -> throw e;
    };
  }

  private static int ended(CliException e, CommandLine command) {
    if (!e.isQuiet()) {
      command.getErr().println(firstLine(e));
    }
    return e.exitCode();
  }

  private static String firstLine(Exception e) {
    String message = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    return "fanfare: " + message.lines().findFirst().orElse("");
  }

  /// The version in the jar's manifest.
  static final class Version implements CommandLine.IVersionProvider {
    Version() {}

    static String number() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "(not packaged)" : version;
    }

    @Override
    public String[] getVersion() {
      return new String[] {"fanfare " + number()};
    }
  }
}
