package dev.fanfare.webhook;

import dev.fanfare.app.App;
import dev.fanfare.schema.WebhookFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Says an event in requests, in one format. Any thread.
sealed interface Posts permits StandardPosts, TencentPosts {

  /// One request.
  ///
  /// @param id follows from broadcast, event and place in the journal, so that a repetition has the
  ///   same one
  /// @param query goes behind the webhook's URL; empty for none
  /// @param body is made when the request is sent, because there can be hundreds for one event
  record Post(String id, String query, Supplier<byte[]> body) {}

  /// The requests of an event; none when its broadcast is gone or nothing is said of it.
  List<Post> of(App app, Webhooks.Event event);

  /// A request that says nothing but that it came.
  Post test(App app, String id, Instant now);

  /// Members' ids in pages.
  static List<List<String>> pages(List<String> ids, int size) {
    List<List<String>> pages = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += size) {
      pages.add(ids.subList(from, Math.min(ids.size(), from + size)));
    }
    return pages;
  }

  /// The forms that a webhook can have its requests in.
  record Forms(StandardPosts standard, TencentPosts tencent) {
    Posts of(WebhookFormat format) {
      return switch (format) {
        case STANDARD_WEBHOOK -> standard;
        case TENCENT_WEBHOOK -> tencent;
        case UNRECOGNIZED -> throw new IllegalStateException("a webhook of no known format");
      };
    }
  }
}
