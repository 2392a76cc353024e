package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.schema.Limits;

/// Apps as the native API shows them: without their secrets.
final class AppJson {
  private AppJson() {}

  static ObjectNode write(App app) {
    ObjectNode json = Json.object().put("id", app.id()).put("disabled", app.disabled());
    if (app.volcengineAppId() != 0) {
      json.putObject("volcengine").put("appId", app.volcengineAppId());
    }
    if (app.tencentSdkAppId() != 0) {
      json.putObject("tencent").put("sdkAppId", app.tencentSdkAppId());
    }
    ObjectNode attributes = json.putObject("attributes");
    for (int slot = 0; slot < app.attributeNames().size(); slot++) {
      if (!app.attributeNames().get(slot).isEmpty()) {
        attributes.put(Integer.toString(slot), app.attributeNames().get(slot));
      }
    }
    Limits limits = app.limits();
    json.putObject("limits")
        .put("tagsPerMember", limits.getTagsPerMember())
        .put("robots", limits.getRobots())
        .put("terms", limits.getTerms())
        .put("liveBroadcasts", limits.getLiveBroadcasts())
        .put("bodyWindowSeconds", limits.getBodyWindowSeconds())
        .put("idempotencySeconds", limits.getIdempotencySeconds());
    return json;
  }
}
