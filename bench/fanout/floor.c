/*
 * The floor of the cost of fan-out: the least that a server can do that writes to each of its
 * connections. One epoll loop, one send() of the whole frame per recipient and message, nothing
 * else: no names, no audience, no storage, no catching up, no pings.
 *
 * GET upgrades a connection to a WebSocket; what comes from it afterwards is read and dropped. POST
 * sends its body as one text frame to every WebSocket and answers 200. A recipient that cannot take
 * a whole frame at once ends the program: it has no queue to put the rest in.
 *
 * Serves benchmarks on loopback only. Prints its port and runs until it is killed.
 *
 * Build: gcc -O2 -Wall -Wextra -Werror -o floor floor.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  EVENTS = 1024,
  BACKLOG = 4096,
  HEADER_BYTES = 10,
  MESSAGE_BYTES = 64 << 10,
  MAX_FD = 1 << 20
};

/* RFC 6455, section 1.3, states the answer to this key; the client asks with no other. */
static const char KEY[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char SWITCHING[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char DONE[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/* What has arrived of a request; none for a WebSocket. */
struct request {
  size_t bytes;
  char text[MESSAGE_BYTES];
};

static struct request *requests[MAX_FD]; /* by descriptor */
static int *sockets;                     /* the WebSockets, in no order */
static int sockets_length;
static int place[MAX_FD]; /* of a descriptor in `sockets`, from 1; 0: it is none */

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("floor: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static void send_whole(int fd, const char *bytes, size_t length) {
  ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
  if (sent == (ssize_t)length) return;
  /* One that is gone is noticed where it is read. */
  if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
  fail("a socket took %zd of %zu bytes: %s", sent, length, sent < 0 ? strerror(errno) : "full");
}

static void broadcast(const char *text, size_t length) {
  static char frame[HEADER_BYTES + MESSAGE_BYTES];
  size_t header = length < 126 ? 2 : length < 65536 ? 4 : HEADER_BYTES;
  frame[0] = (char)0x81;
  frame[1] = (char)(header == 2 ? length : header == 4 ? 126 : 127);
  for (size_t i = 2; i < header; i++) frame[i] = (char)(length >> 8 * (header - 1 - i));
  memcpy(frame + header, text, length);
  for (int i = 0; i < sockets_length; i++) send_whole(sockets[i], frame, header + length);
}

static void upgrade(int fd) {
  if (strstr(requests[fd]->text, KEY) == NULL) fail("an upgrade with another key");
  free(requests[fd]);
  requests[fd] = NULL;
  sockets[sockets_length++] = fd;
  place[fd] = sockets_length;
  send_whole(fd, SWITCHING, sizeof SWITCHING - 1);
}

/* Does what a complete request asks; leaves an incomplete one. */
static void serve(int fd) {
  struct request *request = requests[fd];
  request->text[request->bytes] = '\0';
  char *end = strstr(request->text, "\r\n\r\n");
  if (end == NULL) return;
  if (strncmp(request->text, "GET ", 4) == 0) {
    upgrade(fd);
    return;
  }
  const char *length = strcasestr(request->text, "\r\ncontent-length:");
  if (length == NULL || length > end) fail("neither an upgrade nor a message:\n%s", request->text);
  size_t body = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
  size_t all = (size_t)(end + 4 - request->text) + body;
  if (all >= MESSAGE_BYTES || request->bytes > all) fail("a request of %zu bytes", request->bytes);
  if (request->bytes < all) return;
  broadcast(end + 4, body);
  send_whole(fd, DONE, sizeof DONE - 1);
  request->bytes = 0;
}

static void forget(int fd) {
  free(requests[fd]);
  requests[fd] = NULL;
  if (place[fd] > 0) {
    int last = sockets[--sockets_length];
    sockets[place[fd] - 1] = last;
    place[last] = place[fd];
    place[fd] = 0;
  }
  close(fd);
}

static void readable(int fd) {
  static char dropped[4096];
  struct request *request = requests[fd];
  ssize_t got = request == NULL ? recv(fd, dropped, sizeof dropped, 0)
                                : recv(fd, request->text + request->bytes,
                                       MESSAGE_BYTES - 1 - request->bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    forget(fd);
  } else if (request != NULL) {
    request->bytes += (size_t)got;
    serve(fd);
  }
}

static void accept_all(int epoll, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) return;
    if (fd < 0) fail("accept: %s", strerror(errno));
    if (fd >= MAX_FD) fail("descriptor %d is too high", fd);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    requests[fd] = calloc(1, sizeof **requests);
    if (requests[fd] == NULL) fail("out of memory");
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
      fail("a new connection: %s", strerror(errno));
    }
  }
}

static int listen_on_loopback(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, BACKLOG) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
    fail("listen: %s", strerror(errno));
  }
  printf("ready 127.0.0.1:%d 127.0.0.1:%d\n", ntohs(address.sin_port), ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(void) {
  static struct epoll_event events[EVENTS];
  sockets = calloc(MAX_FD, sizeof *sockets);
  int epoll = epoll_create1(EPOLL_CLOEXEC), listener = listen_on_loopback();
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  if (sockets == NULL || epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
    fail("start: %s", strerror(errno));
  }
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS, -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == listener) {
        accept_all(epoll, listener);
      } else {
        readable(events[i].data.fd);
      }
    }
  }
}
