import com.corundumstudio.socketio.Configuration;
import com.corundumstudio.socketio.SocketIOServer;
import com.corundumstudio.socketio.Transport;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/// A peer for fan-out: netty-socketio with its native epoll transport, and an HTTP endpoint whose
/// POST sends the body as an event to every client. Prints `ready`, then where devices connect and
/// where to send. The argument is a free port for the devices.
final class NettySocketIo {
  public static void main(String... arguments) throws IOException {
    // Else each answer waits for an acknowledgement of the header; 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Configuration configuration = new Configuration();
    configuration.setHostname("127.0.0.1");
    configuration.setPort(Integer.parseInt(arguments[0]));
    configuration.setTransports(Transport.WEBSOCKET);
    configuration.setUseLinuxNativeEpoll(true);
    configuration.getSocketConfig().setAcceptBackLog(4_096);
    configuration.getSocketConfig().setTcpNoDelay(true);
    SocketIOServer devices = new SocketIOServer(configuration);
    devices.start();
    // A sender may have nothing to send for longer than the half minute after which it is closed.
    System.setProperty("sun.net.httpserver.idleInterval", "3600");
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/send", exchange -> send(devices, exchange));
    http.start();
    System.out.println(
        "ready 127.0.0.1:" + arguments[0] + " 127.0.0.1:" + http.getAddress().getPort());
  }

  private static void send(SocketIOServer devices, HttpExchange exchange) throws IOException {
    byte[] text = exchange.getRequestBody().readAllBytes();
    devices.getBroadcastOperations().sendEvent("m", new String(text, StandardCharsets.UTF_8));
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }
}
