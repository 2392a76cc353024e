package dev.fanfare.client;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.mockwebserver.SocketPolicy;
import org.jspecify.annotations.Nullable;

/// A gateway whose lines a test speaks. Any thread.
final class FakeGateway implements AutoCloseable {
  private final MockWebServer server = new MockWebServer();
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  private final BlockingQueue<MockResponse> refusals = new LinkedBlockingQueue<>();

  FakeGateway() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            MockResponse refusal = refusals.poll();
            return refusal == null
                ? new MockResponse().withWebSocketUpgrade(new Connection(request))
                : refusal;
          }
        });
    server.start();
  }

  String url() {
    return server.url("/").toString();
  }

  /// Answers the next handshake with a status.
  void refuse(int status, String... header) {
    MockResponse refusal = new MockResponse().setResponseCode(status);
    if (header.length == 2) {
      refusal.setHeader(header[0], header[1]);
    }
    refusals.add(refusal);
  }

  /// Breaks the next handshake.
  void breakNext() {
    refusals.add(new MockResponse().setSocketPolicy(SocketPolicy.DISCONNECT_AT_START));
  }

  /// The next connection, which was not taken before.
  Connection accept() throws InterruptedException {
    Connection next = connections.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no connection came");
    }
    return next;
  }

  /// Whether another connection comes within some time.
  boolean hearsWithin(long millis) throws InterruptedException {
    return connections.poll(millis, TimeUnit.MILLISECONDS) != null;
  }

  @Override
  public void close() throws IOException {
    server.shutdown();
  }

  /// The server's side of a connection.
  final class Connection extends WebSocketListener {
    private final RecordedRequest request;
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private @Nullable WebSocket socket;

    Connection(RecordedRequest request) {
      this.request = request;
    }

    HttpUrl url() {
      HttpUrl url = request.getRequestUrl();
      if (url == null) {
        throw new AssertionError("no URL");
      }
      return url;
    }

    @Nullable String header(String name) {
      return request.getHeader(name);
    }

    @Nullable String after() {
      return url().queryParameter("after");
    }

    /// What the device says next.
    String hear() throws InterruptedException {
      String next = heard.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("the device says nothing");
      }
      return next;
    }

    /// How much the device has said that was not heard yet.
    int unheard() {
      return heard.size();
    }

    Connection greet(String member) {
      return say("{'type':'hello','app':'demo','member':'" + member + "','position':'1x-0'}");
    }

    Connection broadcast(int n) {
      return say(
          "{'type':'broadcast','position':'1x-%d','id':'b-%d','format':'native','message':{}}"
              .formatted(n, n));
    }

    Connection caughtUp(int n) {
      return say("{'type':'caught-up','position':'1x-" + n + "'}");
    }

    Connection say(String frame) {
      open().send(frame.replace('\'', '"'));
      return this;
    }

    void close(int code) {
      open().close(code, "why");
    }

    private WebSocket open() {
      if (socket == null) {
        throw new AssertionError("not open");
      }
      return socket;
    }

    @Override
    public void onOpen(WebSocket opened, Response response) {
      socket = opened;
      connections.add(this);
    }

    @Override
    public void onMessage(WebSocket from, String text) {
      heard.add(text);
    }

    @Override
    public void onClosing(WebSocket from, int code, String reason) {
      from.close(1000, null);
    }
  }
}
