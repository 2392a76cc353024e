package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.CreateApp;

/// Apps as the native API shows them.
final class AppJson {
  private AppJson() {}

  /// An app without its secrets.
  static ObjectNode write(App app) {
    ObjectNode json = Json.object().put("id", app.id()).put("disabled", app.disabled());
    if (app.volcengineAppId() != 0) {
      json.putObject("volcengine").put("appId", app.volcengineAppId());
    }
    if (app.tencentSdkAppId() != 0) {
      ObjectNode tencent = json.putObject("tencent").put("sdkAppId", app.tencentSdkAppId());
      ArrayNode administrators = tencent.putArray("administrators");
      app.tencentAdministrators().forEach(administrators::add);
      ArrayNode callers = tencent.putArray("callers");
      app.tencentCallers().forEach(callers::add);
    }
    ArrayNode origins = json.putArray("origins");
    app.origins().forEach(origins::add);
    ObjectNode attributes = json.putObject("attributes");
    for (int slot = 0; slot < app.attributeNames().size(); slot++) {
      if (!app.attributeNames().get(slot).isEmpty()) {
        attributes.put(Integer.toString(slot), app.attributeNames().get(slot));
      }
    }
    json.set("limits", LimitsJson.values(app.limits()));
    return json;
  }

  /// A new app with the secrets that it was made with, which are never shown again.
  static ObjectNode write(App app, CreateApp created) {
    ObjectNode json = write(app);
    for (AppKey key : created.getKeysList()) {
      switch (key.getKind()) {
        case API_KEY -> json.put("apiKey", key.getSecret());
        case DEVICE_KEY -> json.put("deviceKey", key.getSecret());
        case TENCENT_SECRET -> json.withObject("/tencent").put("secretKey", key.getSecret());
        case VOLCENGINE_ACCESS_KEY ->
            json.withObject("/volcengine")
                .withArray("/accessKeys")
                .addObject()
                .put("accessKey", key.getName())
                .put("secretKey", key.getSecret());
        case KIND_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException("no such kind");
      }
    }
    return json;
  }
}
