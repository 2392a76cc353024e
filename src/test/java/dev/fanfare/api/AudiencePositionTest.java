package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is told of an audience while members come, one a position.
final class AudiencePositionTest {
  private static final String MEMBERS = "/v1/apps/demo/members";
  private static final int BEFORE = 600;
  private static final int COMING = 300;

  @TempDir Path directory;
  private ApiFixture api;

  AudiencePositionTest() {}

  @BeforeEach
  void open() {
    api = new ApiFixture(directory);
    String first =
        IntStream.range(0, BEFORE)
            .mapToObj(i -> "{'put': {'id': 'm" + i + "'}}")
            .collect(Collectors.joining(","));
    answer("POST", MEMBERS + ":batch", "{'operations': [" + first + "]}");
    api.online.add(0L, 1L << 20);
  }

  @AfterEach
  void close() {
    api.close();
  }

  private JsonNode answer(String method, String path, String body) {
    Response response = api.call(method, path, body);
    assertThat(response.status()).as("%s", json(response)).isBetween(200, 201);
    return json(response);
  }

  @Test
  void page_and_count_are_of_the_position_that_they_tell() throws InterruptedException {
    long ahead = offset(list()) - BEFORE;
    AtomicBoolean over = new AtomicBoolean();
    Thread coming =
        Thread.ofPlatform()
            .start(() -> {
              try {
                IntStream.range(BEFORE, BEFORE + COMING)
                    .forEach(i -> answer("PUT", MEMBERS + "/m" + i, "{}"));
              } finally {
                over.set(true);
              }
            });
    while (!over.get()) {
      JsonNode page = list();
      assertThat(page.path("matched").asLong()).isEqualTo(offset(page) - ahead);
      assertThat(page.path("members")).hasSize(page.path("matched").asInt());
      JsonNode count =
          answer(
              "POST", "/v1/apps/demo/audience:count", "{'audience': 'everyone', 'sample': 1000}");
      assertThat(count.path("matched").asLong()).isEqualTo(offset(count) - ahead);
      assertThat(count.path("online")).isEqualTo(count.path("matched"));
    }
    coming.join();
    assertThat(list().path("matched").asInt()).isEqualTo(BEFORE + COMING);
  }

  private JsonNode list() {
    return answer("GET", MEMBERS + "?audience=everyone&limit=1000", "");
  }

  private static long offset(JsonNode answer) {
    return Long.parseLong(answer.path("position").asText().replaceAll(".*-", ""));
  }
}
