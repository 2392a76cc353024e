package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// All apps and keys as of one position. Immutable: a change of an app makes a new one.
public final class Tenants {
  private final Map<Integer, App> byNumber = new HashMap<>();
  private final Map<String, App> byId = new HashMap<>();
  private final Map<Long, App> byVolcengineAppId = new HashMap<>();
  private final Map<Long, App> byTencentSdkAppId = new HashMap<>();
  private final Map<String, AccessKey> accessKeys = new HashMap<>();
  private final Map<String, Caller> callers = new HashMap<>();

  private Tenants() {}

  /// Reads all apps from the store.
  public static Tenants load(Store store) {
    Tenants tenants = new Tenants();
    Cell.load(store)
        .ifPresent(cell -> tenants.callers.put(digest(cell.adminKey()), new Caller.Admin()));
    store.scan(
        Table.APP,
        Key.bytes(0),
        null,
        (_, value) -> {
          tenants.add(parse(value));
          return true;
        });
    return tenants;
  }

  static AppRecord parse(byte[] value) {
    try {
      return AppRecord.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an app's record is damaged", e);
    }
  }

  private void add(AppRecord stored) {
    CreateApp settings = stored.getSettings();
    App app =
        new App(
            stored.getNumber(),
            settings.getId(),
            settings.getVolcengineAppId(),
            settings.getTencentSdkAppId(),
            settings.getDeviceKey(),
            stored.getAttributeNamesList(),
            settings.getLimits(),
            stored.getDisabled());
    byNumber.put(app.number(), app);
    byId.put(app.id(), app);
    if (app.volcengineAppId() != 0) {
      byVolcengineAppId.put(app.volcengineAppId(), app);
    }
    if (app.tencentSdkAppId() != 0) {
      byTencentSdkAppId.put(app.tencentSdkAppId(), app);
    }
    for (dev.fanfare.schema.AccessKey key : settings.getAccessKeysList()) {
      Set<Integer> apps = new HashSet<>(Set.of(app.number()));
      AccessKey known = accessKeys.get(key.getAccessKey());
      if (known != null) {
        apps.addAll(known.apps());
      }
      accessKeys.put(
          key.getAccessKey(), new AccessKey(key.getAccessKey(), key.getSecretKey(), apps));
    }
    for (dev.fanfare.schema.ApiKey key : settings.getApiKeysList()) {
      callers.put(
          digest(key.getSecret()), new Caller.AppKey(key.getName(), app.number(), key.getRole()));
    }
  }

  public Collection<App> all() {
    return byNumber.values();
  }

  public Optional<App> byNumber(int number) {
    return Optional.ofNullable(byNumber.get(number));
  }

  public Optional<App> byId(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  public Optional<App> byVolcengineAppId(long appId) {
    return Optional.ofNullable(byVolcengineAppId.get(appId));
  }

  public Optional<App> byTencentSdkAppId(long sdkAppId) {
    return Optional.ofNullable(byTencentSdkAppId.get(sdkAppId));
  }

  /// The app that a device names: by its id or either vendor's number.
  public Optional<App> named(String name) {
    App app = byId.get(name);
    if (app == null && name.matches("[1-9][0-9]{0,17}")) {
      long number = Long.parseLong(name);
      app = byVolcengineAppId.getOrDefault(number, byTencentSdkAppId.get(number));
    }
    return Optional.ofNullable(app);
  }

  /// The Volcengine access key with this id.
  public Optional<AccessKey> accessKey(String id) {
    return Optional.ofNullable(accessKeys.get(id));
  }

  /// Who holds a native API key. Looked up by its digest, so that timing tells nothing about keys.
  public Optional<Caller> caller(String secret) {
    return Optional.ofNullable(callers.get(digest(secret)));
  }

  private static String digest(String secret) {
    try {
      byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
