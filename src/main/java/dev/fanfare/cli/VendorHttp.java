package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/// Posts JSON to a vendor.
///
/// @param base scheme and host, without a slash at its end
record VendorHttp(HttpClient http, URI base) {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  static VendorHttp to(String url) {
    try {
      URI base = URI.create(url.replaceAll("/+$", ""));
      if (base.getHost() != null) {
        return new VendorHttp(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build(),
            base);
      }
    } catch (IllegalArgumentException _) {
      throw CliException.badUsage("not a URL: " + url);
    }
    throw CliException.badUsage("not a URL: " + url);
  }

  /// Host and port as the Host header has them.
  String host() {
    return base.getPort() < 0 ? base.getHost() : base.getHost() + ":" + base.getPort();
  }

  /// What is answered, whatever its status: vendors put their codes into the body.
  JsonNode post(String target, String body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + target))
            .timeout(ANSWER)
            .POST(BodyPublishers.ofString(body));
    headers.forEach(request::header);
    try {
      HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
      JsonNode answer = Client.JSON.readTree(response.body());
      if (!answer.isObject()) {
        throw new Vendor.VendorException("status " + response.statusCode(), true);
      }
      return answer;
    } catch (IOException e) {
      throw new Vendor.VendorException("no answer from " + base + ": " + Client.why(e), true);
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }
}
