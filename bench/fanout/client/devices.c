#define _GNU_SOURCE
#include "devices.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "broadcasts.h"
#include "program.h"

enum {
  HANDSHAKES_AT_ONCE = 200,
  DEVICES_PER_SOURCE = 10000, /* so that the ports of one address never run short */
  BUFFER_BYTES = 512 << 10,
  MAX_FRAME_BYTES = BUFFER_BYTES / 2,
  MAX_CONTROL_BYTES = 125
};

/* A key for which RFC 6455, section 1.3, states the answer; so nothing needs SHA-1 here. */
static const char WEBSOCKET_KEY[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char WEBSOCKET_ACCEPT[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

enum state { CONNECTING, UPGRADING, JOINING, LIVE };

/* One device. `place` is the broadcast that it
 * gets next; `rest` is the beginning of a frame whose end
 * has not arrived. */
struct device {
  int fd;
  enum state state;
  long place;
  char *rest;
  size_t rest_bytes;
};

static const struct devices_options *options;
static int epoll;
static struct addrinfo *server;
static char **tokens;
static struct device *devices;
static long opened, wanted, live;
static char buffer[BUFFER_BYTES];

static void read_tokens(void) {
  FILE *file = fopen(options->tokens, "r");
  if (file == NULL) fail("%s: %s", options->tokens, strerror(errno));
  tokens = allocate((size_t)options->most, sizeof *tokens);
  for (long i = 0; i < options->most; i++) {
    size_t space = 0;
    ssize_t length = getline(&tokens[i], &space, file);
    if (length <= 1) fail("%s has fewer than %ld tokens", options->tokens, options->most);
    tokens[i][strcspn(tokens[i], "\r\n")] = '\0';
  }
  fclose(file);
}

void devices_prepare(int epoll_set, const struct devices_options *given) {
  epoll = epoll_set;
  options = given;
  server = resolve(given->server);
  devices = allocate((size_t)given->most, sizeof *devices);
  if (given->tokens != NULL) read_tokens();
}

long devices_live(void) { return live; }

/* ---- joining ---- */

/* Takes one of the addresses 127.1.0.1, 127.1.0.2 … when the server is on 127.x.x.x too; the kernel
 * picks the port when it connects, when it knows which ones are free towards this server. */
static void bind_source(int fd, long device) {
  const struct sockaddr_in *to = (const struct sockaddr_in *)server->ai_addr;
  if (ntohl(to->sin_addr.s_addr) >> 24 != 127) return;
  int on = 1;
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(0x7f010001u + (uint32_t)(device / DEVICES_PER_SOURCE));
  if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0 ||
      bind(fd, (const struct sockaddr *)&from, sizeof from) != 0) {
    fail("bind to a source address: %s", strerror(errno));
  }
}

static void open_next(void) {
  long number = opened++;
  struct device *device = &devices[number];
  device->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (device->fd < 0) fail("socket: %s (is `ulimit -n` high enough?)", strerror(errno));
  bind_source(device->fd, number);
  int got = connect(device->fd, server->ai_addr, server->ai_addrlen);
  if (got != 0 && errno != EINPROGRESS) fail("connect a device: %s", strerror(errno));
  device->state = CONNECTING;
  watch(epoll, EPOLL_CTL_ADD, device->fd, EPOLLOUT, (uint64_t)number);
}

static void open_more(void) {
  while (opened < wanted && opened - live < HANDSHAKES_AT_ONCE) open_next();
}

void devices_open(long count) {
  wanted = count;
  open_more();
}

static void ask_to_upgrade(long number) {
  struct device *device = &devices[number];
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(device->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) fail("connect a device: %s", strerror(error));
  char text[4096];
  int length = snprintf(text, sizeof text,
                        "GET %s%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: %s\r\n\r\n",
                        options->dialect->device_path, tokens == NULL ? "" : tokens[number],
                        options->server, WEBSOCKET_KEY);
  if (length < 0 || (size_t)length >= sizeof text) fail("the token of device %ld is long", number);
  write_all(device->fd, text, (size_t)length);
  device->state = UPGRADING;
  watch(epoll, EPOLL_CTL_MOD, device->fd, EPOLLIN, (uint64_t)number);
}

static void joined(struct device *device) {
  device->state = LIVE;
  device->place = broadcasts_place();
  live++;
  open_more();
}

/* Bytes of the answer to the upgrade; 0 while it is incomplete. */
static size_t upgraded(long number, const char *bytes, size_t length) {
  static const char SWITCHING[] = "HTTP/1.1 101";
  const size_t status = sizeof SWITCHING - 1;
  if (length >= status && memcmp(bytes, SWITCHING, status) != 0) {
    fail("device %ld was refused: %.*s", number, (int)length, bytes);
  }
  const char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  if (memmem(bytes, (size_t)(end - bytes), WEBSOCKET_ACCEPT, strlen(WEBSOCKET_ACCEPT)) == NULL) {
    fail("device %ld: a wrong Sec-WebSocket-Accept", number);
  }
  devices[number].state = JOINING;
  if (options->dialect->joined == NULL) joined(&devices[number]);
  return (size_t)(end - bytes) + 4;
}

/* ---- frames ---- */

/* Sends a short frame, masked as RFC 6455 asks of clients. */
static void write_frame(int fd, int opcode, const char *payload, size_t length) {
  static uint32_t mask = 2463534242u;
  mask ^= mask << 13, mask ^= mask >> 17, mask ^= mask << 5;
  char frame[6 + MAX_CONTROL_BYTES];
  if (length > MAX_CONTROL_BYTES) fail("%zu bytes are too many for a short frame", length);
  frame[0] = (char)(0x80 | opcode);
  frame[1] = (char)(0x80 | length);
  memcpy(frame + 2, &mask, 4);
  for (size_t i = 0; i < length; i++) frame[6 + i] = (char)(payload[i] ^ frame[2 + i % 4]);
  write_all(fd, frame, 6 + length);
}

static int begins(const char *text, size_t length, const char *with) {
  return with != NULL && length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static void text_frame(long number, const char *text, size_t length) {
  const struct dialect *dialect = options->dialect;
  struct device *device = &devices[number];
  if (dialect->ping != NULL && length == strlen(dialect->ping) &&
      begins(text, length, dialect->ping)) {
    write_frame(device->fd, 1, dialect->pong, strlen(dialect->pong));
  } else if (device->state == LIVE) {
    broadcast_delivered(number, &device->place, text, length);
  } else if (begins(text, length, dialect->greeting)) {
    write_frame(device->fd, 1, dialect->join, strlen(dialect->join));
  } else if (memmem(text, length, dialect->joined, strlen(dialect->joined)) != NULL) {
    joined(device);
  }
  /* Anything else before it is live: what was sent before this program began. */
}

static void control_frame(long number, int opcode, const char *payload, size_t length) {
  if (length > MAX_CONTROL_BYTES) fail("device %ld got a long control frame", number);
  const unsigned char *code = (const unsigned char *)payload;
  int reason = length < 2 ? 1005 : code[0] << 8 | code[1];
  switch (opcode) {
    case 0x8: fail("device %ld was closed with %d", number, reason);
    case 0x9: write_frame(devices[number].fd, 0xA, payload, length); break;
    case 0xA: break;
    default: fail("device %ld got a frame with opcode %d", number, opcode);
  }
}

/* Bytes of the frame at the start, header included; 0 while it is incomplete. */
static size_t frame(long number, const char *bytes, size_t available) {
  const unsigned char *head = (const unsigned char *)bytes;
  if (available < 2) return 0;
  if ((head[0] & 0xF0) != 0x80 || (head[1] & 0x80) != 0) {
    fail("device %ld got a fragment, an extension or a masked frame", number);
  }
  uint64_t length = head[1];
  size_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (available < header) return 0;
  if (header > 2) {
    length = 0;
    for (size_t i = 2; i < header; i++) length = length << 8 | head[i];
  }
  if (length > MAX_FRAME_BYTES) {
    fail("device %ld got %llu bytes in a frame", number, (unsigned long long)length);
  }
  if (available - header < length) return 0;
  int opcode = head[0] & 0x0F;
  if (opcode == 1) {
    text_frame(number, bytes + header, length);
  } else {
    control_frame(number, opcode, bytes + header, length);
  }
  return header + length;
}

static void keep_rest(struct device *device, const char *bytes, size_t length) {
  free(device->rest);
  device->rest = length == 0 ? NULL : allocate(length, 1);
  if (length > 0) memcpy(device->rest, bytes, length);
  device->rest_bytes = length;
}

static void readable(long number) {
  struct device *device = &devices[number];
  size_t length = device->rest_bytes;
  if (length > 0) memcpy(buffer, device->rest, length);
  size_t got = read_some(device->fd, buffer + length, BUFFER_BYTES - length, "a device");
  if (got == 0) return;
  length += got;
  size_t used = 0, taken;
  do {
    taken = device->state == UPGRADING ? upgraded(number, buffer + used, length - used)
                                       : frame(number, buffer + used, length - used);
    used += taken;
  } while (taken > 0);
  if (used < length || device->rest_bytes > 0) keep_rest(device, buffer + used, length - used);
}

void device_ready(long number) {
  if (devices[number].state == CONNECTING) {
    ask_to_upgrade(number);
  } else {
    readable(number);
  }
}
