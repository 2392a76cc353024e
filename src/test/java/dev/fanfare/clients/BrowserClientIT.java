package dev.fanfare.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The JavaScript client in a page of headless Chromium, with its position in `localStorage`.
/// Without Chromium the tests are skipped and say so.
final class BrowserClientIT extends DeviceClientContract {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  @Override
  List<String> command(String collector, Path home) throws Exception {
    Optional<String> chromium = chromium();
    assumeTrue(chromium.isPresent(), "skipped: there is no Chromium on this machine");
    return List.of(
        chromium.get(),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--user-data-dir=" + home,
        collector + "/test/device.html");
  }

  private static Optional<String> chromium() throws InterruptedException {
    for (String name : NAMES) {
      if (Tool.succeeds(Path.of("target", "clients-js"), List.of(name, "--version"))) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }
}
