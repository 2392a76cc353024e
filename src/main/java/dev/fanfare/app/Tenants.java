package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.store.Tables;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
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
  private final Map<String, Held> held = new HashMap<>();

  /// A native API key, and whom it lets in.
  private record Held(AppKey key, Caller caller) {}

  private Tenants() {}

  /// Reads all apps.
  public static Tenants load(Tables store) {
    Tenants tenants = new Tenants();
    Cell.load(store)
        .ifPresent(cell ->
            tenants.held.put(
                digest(cell.adminKey()),
                new Held(AppKey.getDefaultInstance(), new Caller.Admin())));
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

  /// Reads an app's record; all keys are in `keys`, whichever version stored them.
  static AppRecord parse(byte[] value) {
    try {
      AppRecord stored = AppRecord.parseFrom(value);
      CreateApp settings = stored.getSettings();
      return stored.toBuilder()
          .setSettings(Keys.bare(settings).toBuilder().addAllKeys(Keys.of(settings)))
          .build();
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
            settings.getTencentAdministratorsList(),
            settings.getTencentCallersList(),
            settings.getKeysList(),
            settings.getOriginsList(),
            stored.getAttributeNamesList(),
            stored.getRegistrationIdSlotsList(),
            settings.getLimits(),
            stored.getDisabled(),
            stored.getTagRemovalsList());
    byNumber.put(app.number(), app);
    byId.put(app.id(), app);
    if (app.volcengineAppId() != 0) {
      byVolcengineAppId.put(app.volcengineAppId(), app);
    }
    if (app.tencentSdkAppId() != 0) {
      byTencentSdkAppId.put(app.tencentSdkAppId(), app);
    }
    settings.getKeysList().forEach(key -> add(app, key));
  }

  private void add(App app, AppKey key) {
    switch (key.getKind()) {
      case VOLCENGINE_ACCESS_KEY -> {
        Set<Integer> apps = new HashSet<>(Set.of(app.number()));
        AccessKey known = accessKeys.get(key.getName());
        if (known != null) {
          apps.addAll(known.apps());
        }
        accessKeys.put(key.getName(), new AccessKey(key, apps));
      }
      case API_KEY ->
          held.put(
              digest(key.getSecret()),
              new Held(key, new Caller.AppKey(key.getName(), app.number(), key.getRole())));
      case TENCENT_SECRET, DEVICE_KEY -> {
        // The app's own; nobody is looked up by them.
      }
      case KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new StoreException("app " + app.id() + " has a key of an unknown kind");
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

  /// The Volcengine access key with this id, unless it is disabled or ended.
  ///
  /// @param now by the node's clock
  public Optional<AccessKey> accessKey(String id, Instant now) {
    return accessKeyEvenUnusable(id).filter(found -> Keys.valid(found.key(), now));
  }

  /// The Volcengine access key with this id, for who manages keys.
  public Optional<AccessKey> accessKeyEvenUnusable(String id) {
    return Optional.ofNullable(accessKeys.get(id));
  }

  /// Who holds a native API key that is neither disabled nor ended. Looked up by its digest, so
  /// that timing tells nothing about keys.
  ///
  /// @param now by the node's clock
  public Optional<Caller> caller(String secret, Instant now) {
    return Optional.ofNullable(held.get(digest(secret)))
        .filter(found -> Keys.valid(found.key(), now))
        .map(Held::caller);
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
