package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare token`.
@Command(
    name = "token",
    description = "Makes a token with which a device of a member connects.",
    mixinStandardHelpOptions = true)
public final class TokenCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(paramLabel = "MEMBER")
  String member = "";

  @Option(names = "--ttl", paramLabel = "SECONDS", description = "86400")
  @Nullable Long ttl;

  TokenCommand() {}

  @Override
  public Integer call() {
    Client client = connection.open();
    ObjectNode body = Client.object().put("member", member);
    if (ttl != null) {
      body.put("ttlSeconds", ttl);
    }
    JsonNode answer = client.post(connection.appPath(client) + "/tokens", body);
    output.print(answer, token -> token.path("token").asText());
    return 0;
  }
}
