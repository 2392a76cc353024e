package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare usersig`.
@Command(
    name = "usersig",
    description = "Makes a UserSig for a caller of the Tencent dialect or a device.",
    mixinStandardHelpOptions = true)
public final class UserSigCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(paramLabel = "ACCOUNT")
  String account = "";

  @Option(names = "--ttl", paramLabel = "SECONDS", description = "86400")
  @Nullable Long ttl;

  UserSigCommand() {}

  @Override
  public Integer call() {
    Client client = connection.open();
    ObjectNode body = Client.object().put("account", account);
    if (ttl != null) {
      body.put("ttlSeconds", ttl);
    }
    JsonNode answer = client.post(connection.appPath(client) + "/usersigs", body);
    output.print(answer, made -> made.path("userSig").asText());
    return 0;
  }
}
