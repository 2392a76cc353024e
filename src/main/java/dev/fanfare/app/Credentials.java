package dev.fanfare.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.CellRecord;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Role;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Every secret of the cell in clear text, for the file that a fresh node hands to its operator.
public record Credentials(String adminKey, List<CreateApp> apps) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public Credentials {
    apps = List.copyOf(apps);
  }

  /// Reads them from the committed state.
  public static Credentials load(Store store) {
    byte[] cell = store.get(Table.META, AppCommands.CELL);
    if (cell == null) {
      throw new StoreException("the cell has no record");
    }
    List<CreateApp> apps = new ArrayList<>();
    store.scan(
        Table.APP,
        Key.bytes(0),
        null,
        (_, value) -> {
          apps.add(Tenants.parse(value).getSettings());
          return true;
        });
    try {
      return new Credentials(CellRecord.parseFrom(cell).getAdminKey(), apps);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the cell's record is damaged", e);
    }
  }

  /// The contents of `credentials.json`.
  public ObjectNode toJson() {
    ObjectNode json = JSON.createObjectNode().put("adminKey", adminKey);
    ArrayNode list = json.putArray("apps");
    for (CreateApp app : apps) {
      list.add(toJson(app));
    }
    return json;
  }

  private static ObjectNode toJson(CreateApp app) {
    ObjectNode json = JSON.createObjectNode().put("id", app.getId());
    first(app, key -> key.getRole() == Role.OWNER)
        .ifPresent(key -> json.put("apiKey", key.getSecret()));
    first(app, key -> key.getKind() == AppKey.Kind.DEVICE_KEY)
        .ifPresent(key -> json.put("deviceKey", key.getSecret()));
    if (app.getVolcengineAppId() != 0) {
      ObjectNode volcengine = json.putObject("volcengine").put("appId", app.getVolcengineAppId());
      first(app, key -> key.getKind() == AppKey.Kind.VOLCENGINE_ACCESS_KEY)
          .ifPresent(
              key -> volcengine.put("accessKey", key.getName()).put("secretKey", key.getSecret()));
    }
    if (app.getTencentSdkAppId() != 0) {
      ObjectNode tencent = json.putObject("tencent").put("sdkAppId", app.getTencentSdkAppId());
      first(app, key -> key.getKind() == AppKey.Kind.TENCENT_SECRET)
          .ifPresent(key -> tencent.put("secretKey", key.getSecret()));
      app.getTencentAdministratorsList().stream()
          .findFirst()
          .ifPresent(name -> tencent.put("administrator", name));
    }
    return json;
  }

  /// The first of some keys that is not disabled.
  private static Optional<AppKey> first(CreateApp app, Predicate<AppKey> wanted) {
    return app.getKeysList().stream().filter(wanted).filter(key -> !key.getDisabled()).findFirst();
  }
}
