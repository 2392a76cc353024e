package dev.fanfare.client;

import java.util.concurrent.ThreadLocalRandom;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/// How a device connects. Immutable: every `with` gives a changed copy.
public final class DeviceOptions {
  private final HttpUrl endpoint;
  private final TokenSource token;
  private final @Nullable String after;
  private final @Nullable PositionStore store;
  private final @Nullable OkHttpClient http;

  private DeviceOptions(
      HttpUrl endpoint,
      TokenSource token,
      @Nullable String after,
      @Nullable PositionStore store,
      @Nullable OkHttpClient http) {
    this.endpoint = endpoint;
    this.token = token;
    this.after = after;
    this.store = store;
    this.http = http;
  }

  /// A device of the member that the token names.
  ///
  /// @param url of the gateway, such as `wss://push.example.com`
  /// @param app the app's id, or either vendor's number of it
  /// @throws IllegalArgumentException when the URL is none
  public static DeviceOptions of(String url, String app, TokenSource token) {
    HttpUrl parsed = HttpUrl.parse(url.replaceFirst("^ws", "http"));
    if (parsed == null || parsed.query() != null || parsed.fragment() != null) {
      throw new IllegalArgumentException("not the URL of a gateway: " + url);
    }
    if (app.isEmpty()) {
      throw new IllegalArgumentException("an app has an id");
    }
    HttpUrl endpoint =
        parsed.newBuilder().addPathSegment("ws").addQueryParameter("app", app).build();
    String device = "java-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    return new DeviceOptions(endpoint, token, null, null, null).withDevice(device);
  }

  /// A name of this device among those of the member: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`.
  /// Another connection with the same name takes its place. Without, a random one.
  public DeviceOptions withDevice(String device) {
    if (!device.matches("[A-Za-z0-9._:-]{1,64}")) {
      throw new IllegalArgumentException("a device is 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    return with("device", device);
  }

  /// Such as `Android`; shown as presence.
  public DeviceOptions withPlatform(String platform) {
    return with("platform", platform);
  }

  private DeviceOptions with(String parameter, String value) {
    HttpUrl changed = endpoint.newBuilder().setQueryParameter(parameter, value).build();
    return new DeviceOptions(changed, token, after, store, http);
  }

  /// The position to begin after when the store has none.
  public DeviceOptions withAfter(String position) {
    return new DeviceOptions(endpoint, token, position, store, http);
  }

  /// Where the position is kept. Without, in memory.
  public DeviceOptions withStore(PositionStore newStore) {
    return new DeviceOptions(endpoint, token, after, newStore, http);
  }

  /// The app's own client of OkHttp, with its proxies, certificates and threads, which are left as
  /// they are at the end. Without, the device has its own and ends it.
  public DeviceOptions withHttp(OkHttpClient client) {
    return new DeviceOptions(endpoint, token, after, store, client);
  }

  TokenSource token() {
    return token;
  }

  @Nullable String after() {
    return after;
  }

  @Nullable PositionStore store() {
    return store;
  }

  @Nullable OkHttpClient http() {
    return http;
  }

  Request request(String bearer, @Nullable String position) {
    HttpUrl.Builder url = endpoint.newBuilder();
    if (position != null) {
      url.addQueryParameter("after", position);
    }
    return new Request.Builder()
        .url(url.build())
        .header("Authorization", "Bearer " + bearer)
        .build();
  }
}
