/*
 * Measures fan-out: how many deliveries a server makes per second of its own processor time.
 *
 * One epoll loop opens N device connections (WebSocket), waits until each has caught up, and then
 * broadcasts to everyone through the native API with at most K broadcasts outstanding. A broadcast
 * is outstanding from its request until it was answered and each connection got it.
 *
 * Every frame is compared, byte for byte, with what the first connection got at the same place.
 * So a broadcast that is missing, doubled, out of order or altered on any connection ends the
 * program with status 1. It answers pings and never acknowledges.
 *
 * Prints lines `name value`:
 *   connected N                          all N have caught up; idle for --settle-ms from here
 *   deliveries                           frames in the measured window: N x rounds
 *   wall_seconds, server_cpu_seconds     length of the window; utime + stime of the server in it
 *   deliveries_per_second                per second of wall time
 *   deliveries_per_server_core_second    per second of the server's processor time
 *   accepted_to_last_ms_{median,p99,max} from the 201 to the last recipient, milliseconds; 0 when
 *                                        the last recipient had it before the 201 arrived
 *   sent_to_last_ms_median               the same from the request on
 *   client_busy_percent                  processor time of this program / wall time. Near 100 the
 *                                        client is what was measured, not the server.
 *
 * Build: gcc -O2 -Wall -Wextra -Werror -o client client.c
 * Run:   ./client --gateway 127.0.0.1:8081 --api 127.0.0.1:8080 --key API_KEY --app demo
 *          --tokens FILE --connections 1000 --rounds 1000 --in-flight 8 --payload 256 --pid PID
 *        FILE has one device token per line, of members that are all registered. The script `run`
 *        beside this file does everything.
 *
 * Linux only. Times are of the monotonic clock. One thread owns everything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  HANDSHAKES_AT_ONCE = 200,
  EVENTS = 1024,
  ID_BYTES = 80,
  REQUEST_BYTES = 64 << 10,
  ANSWER_BYTES = 128 << 10,
  BUFFER_BYTES = 512 << 10,
  MAX_FRAME_BYTES = BUFFER_BYTES / 2,
  MAX_CONNECTIONS = 1000000,
  MAX_PAYLOAD_BYTES = 30000,
  STALLED_SECONDS = 30
};

/* A key for which RFC 6455, section 1.3, states the answer; so nothing needs SHA-1 here. */
static const char WEBSOCKET_KEY[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char WEBSOCKET_ACCEPT[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static struct {
  const char *gateway, *api, *key, *app, *tokens;
  long connections, rounds, warm_up, in_flight, payload, pid, ttl, senders, settle_ms;
} options = {.warm_up = -1, .ttl = 60, .senders = 1, .settle_ms = 1000};

enum state { CONNECTING, UPGRADING, CATCHING_UP, LIVE };

/* A device. `next` is the place in `line` of the broadcast that it has to get next; `rest` is the
 * beginning of a frame whose end has not arrived. */
struct connection {
  int fd;
  enum state state;
  long next;
  char *rest;
  size_t rest_bytes;
};

/* A broadcast as devices see it. `frame` is freed when everyone has it; `accepted` is 0 until the
 * answer to its request has arrived. */
struct broadcast {
  char id[ID_BYTES];
  uint64_t offset;
  char *frame;
  size_t frame_bytes;
  long arrived;
  double sent, accepted, last;
};

/* An answered request whose broadcast no device has got yet. */
struct answer {
  char id[ID_BYTES];
  double sent, accepted;
};

/* A keep-alive connection to the API, with at most one request on its way. */
struct sender {
  int fd;
  int busy;
  double sent;
  char in[ANSWER_BYTES];
  size_t in_bytes;
};

static int epoll;
static struct addrinfo *gateway_address;
static char **tokens;
static struct connection *connections;
static long opened, opening, live;
static char buffer[BUFFER_BYTES];

static struct sender *senders;
static char request[REQUEST_BYTES];
static size_t request_bytes;

static struct broadcast *line; /* in the order in which devices get them */
static long line_length;
static struct answer *answers;
static long answers_length;
static long to_send, sent, outstanding, completed;
static double progressed;

static double *accepted_to_last, *sent_to_last;
static long measured = -1; /* -1 while nothing is to be recorded */

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("client: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static void *allocate(size_t count, size_t bytes) {
  void *memory = calloc(count, bytes);
  if (memory == NULL) fail("out of memory");
  return memory;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- sockets ---- */

static struct addrinfo *resolve(const char *host_port) {
  char host[256];
  const char *colon = strrchr(host_port, ':');
  if (colon == NULL || (size_t)(colon - host_port) >= sizeof host) {
    fail("not HOST:PORT: %s", host_port);
  }
  memcpy(host, host_port, (size_t)(colon - host_port));
  host[colon - host_port] = '\0';
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  int error = getaddrinfo(host, colon + 1, &hints, &found);
  if (error != 0) fail("%s: %s", host_port, gai_strerror(error));
  return found;
}

static void watch(int operation, int fd, uint32_t events, uint64_t number) {
  struct epoll_event event = {.events = events, .data.u64 = number};
  if (epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

/* Writes all of it, waiting where the socket is full; requests and pongs are small. */
static void write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL);
    if (written >= 0) {
      bytes += written;
      length -= (size_t)written;
    } else if (errno == EAGAIN) {
      struct pollfd full = {.fd = fd, .events = POLLOUT};
      if (poll(&full, 1, STALLED_SECONDS * 1000) == 0) fail("the server does not read");
    } else if (errno != EINTR) {
      fail("write: %s", strerror(errno));
    }
  }
}

/* Bytes read, 0 when there are none yet; the end of a connection is an error. */
static size_t read_some(int fd, char *into, size_t space, const char *who) {
  ssize_t got = recv(fd, into, space, 0);
  if (got > 0) return (size_t)got;
  if (got == 0) fail("the server closed %s", who);
  if (errno != EAGAIN && errno != EINTR) fail("read from %s: %s", who, strerror(errno));
  return 0;
}

/* ---- what the server's JSON says ---- */

/* Copies the first text value of that name; 0 when there is none. Ids and positions hold nothing
 * that JSON escapes, and the names asked for come before the message. */
static int json_text(const char *json, size_t length, const char *name, char *value) {
  char quoted[32];
  int quoted_bytes = snprintf(quoted, sizeof quoted, "\"%s\"", name);
  const char *end = json + length;
  const char *at = memmem(json, length, quoted, (size_t)quoted_bytes);
  if (at == NULL) return 0;
  for (at += quoted_bytes; at < end && (*at == ' ' || *at == ':'); at++) {
  }
  if (at == end || *at++ != '"') return 0;
  const char *close = memchr(at, '"', (size_t)(end - at));
  if (close == NULL || close - at >= ID_BYTES) return 0;
  memcpy(value, at, (size_t)(close - at));
  value[close - at] = '\0';
  return 1;
}

/* ---- broadcasts ---- */

static void post(struct sender *sender) {
  sender->busy = 1;
  sender->sent = now();
  outstanding++;
  to_send--;
  sent++;
  write_all(sender->fd, request, request_bytes);
}

static void fill(void) {
  for (long i = 0; i < options.senders && to_send > 0 && outstanding < options.in_flight; i++) {
    if (!senders[i].busy) post(&senders[i]);
  }
}

static double positive_ms(double seconds) { return seconds > 0 ? seconds * 1e3 : 0; }

static void complete_if_done(struct broadcast *broadcast) {
  if (broadcast->arrived < options.connections || broadcast->accepted == 0) return;
  outstanding--;
  completed++;
  if (measured >= 0) {
    accepted_to_last[measured] = positive_ms(broadcast->last - broadcast->accepted);
    sent_to_last[measured] = positive_ms(broadcast->last - broadcast->sent);
    measured++;
  }
  fill();
}

/* The place of a broadcast in `line`; -1 when no device has got it. */
static long place(const char *id) {
  for (long i = line_length - 1; i >= 0; i--) {
    if (strcmp(line[i].id, id) == 0) return i;
  }
  return -1;
}

static void accepted(const char *id, double sent_at, double accepted_at) {
  long at = place(id);
  if (at < 0) {
    struct answer *answer = &answers[answers_length++];
    strcpy(answer->id, id);
    answer->sent = sent_at;
    answer->accepted = accepted_at;
    return;
  }
  if (line[at].accepted != 0) fail("two requests made the same broadcast %s", id);
  line[at].sent = sent_at;
  line[at].accepted = accepted_at;
  complete_if_done(&line[at]);
}

static void take_answer(struct broadcast *broadcast) {
  for (long i = 0; i < answers_length; i++) {
    if (strcmp(answers[i].id, broadcast->id) == 0) {
      broadcast->sent = answers[i].sent;
      broadcast->accepted = answers[i].accepted;
      answers[i] = answers[--answers_length];
      return;
    }
  }
}

static uint64_t offset_of(const char *position) {
  const char *dash = strrchr(position, '-');
  char *end;
  uint64_t offset = dash == NULL ? 0 : strtoull(dash + 1, &end, 10);
  if (dash == NULL || end == dash + 1 || *end != '\0') fail("not a position: %s", position);
  return offset;
}

/* The first device gets what comes after everything that is in `line`. */
static void append(long device, const char *frame, size_t length) {
  char id[ID_BYTES], position[ID_BYTES];
  if (!json_text(frame, length, "id", id) || !json_text(frame, length, "position", position)) {
    fail("a broadcast without id or position: %.*s", (int)length, frame);
  }
  uint64_t offset = offset_of(position);
  if (place(id) >= 0) fail("device %ld got %s twice", device, id);
  if (line_length > 0 && offset <= line[line_length - 1].offset) {
    fail("device %ld: position %s does not rise", device, position);
  }
  if (line_length == sent) fail("device %ld got %s, which this program did not send", device, id);
  struct broadcast *added = &line[line_length++];
  strcpy(added->id, id);
  added->offset = offset;
  added->frame = allocate(length, 1);
  memcpy(added->frame, frame, length);
  added->frame_bytes = length;
  take_answer(added);
}

__attribute__((noreturn)) static void wrong(long device, const char *frame, size_t length) {
  const struct broadcast *expected = &line[connections[device].next];
  char id[ID_BYTES];
  if (!json_text(frame, length, "id", id)) {
    fail("device %ld got an unexpected frame: %.*s", device, (int)length, frame);
  }
  if (strcmp(id, expected->id) == 0) fail("device %ld got %s with other bytes", device, id);
  long at = place(id);
  if (at >= 0 && at < connections[device].next) fail("device %ld got %s twice", device, id);
  fail("device %ld got %s without or before %s", device, id, expected->id);
}

static void delivered(long device, const char *frame, size_t length) {
  struct connection *connection = &connections[device];
  if (connection->next == line_length) append(device, frame, length);
  struct broadcast *broadcast = &line[connection->next];
  /* Never null here: a frame is freed when all devices have it, this one included. */
  if (length != broadcast->frame_bytes || memcmp(frame, broadcast->frame, length) != 0) {
    wrong(device, frame, length);
  }
  connection->next++;
  if (++broadcast->arrived < options.connections) return;
  broadcast->last = progressed = now();
  free(broadcast->frame);
  broadcast->frame = NULL;
  complete_if_done(broadcast);
}

/* ---- devices ---- */

static void open_next(void) {
  long device = opened++;
  struct connection *connection = &connections[device];
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection->fd < 0) fail("socket: %s (is `ulimit -n` high enough?)", strerror(errno));
  int got = connect(connection->fd, gateway_address->ai_addr, gateway_address->ai_addrlen);
  if (got != 0 && errno != EINPROGRESS) fail("connect to the gateway: %s", strerror(errno));
  connection->state = CONNECTING;
  opening++;
  watch(EPOLL_CTL_ADD, connection->fd, EPOLLOUT, (uint64_t)device);
}

static void open_more(void) {
  while (opened < options.connections && opening < HANDSHAKES_AT_ONCE) open_next();
}

static void ask_to_upgrade(long device) {
  struct connection *connection = &connections[device];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail("connect to the gateway: %s", strerror(error));
  char text[4096];
  int length = snprintf(text, sizeof text,
                        "GET /ws?app=%s&token=%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: %s\r\n\r\n",
                        options.app, tokens[device], options.gateway, WEBSOCKET_KEY);
  if (length < 0 || (size_t)length >= sizeof text) fail("the token of device %ld is long", device);
  write_all(connection->fd, text, (size_t)length);
  connection->state = UPGRADING;
  watch(EPOLL_CTL_MOD, connection->fd, EPOLLIN, (uint64_t)device);
}

/* Bytes of the answer to the upgrade; 0 while it is incomplete. */
static size_t upgraded(long device, const char *bytes, size_t length) {
  static const char SWITCHING[] = "HTTP/1.1 101";
  if (length >= 12 && memcmp(bytes, SWITCHING, 12) != 0) {
    fail("device %ld was refused: %.*s", device, (int)length, bytes);
  }
  const char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  if (memmem(bytes, (size_t)(end - bytes), WEBSOCKET_ACCEPT, strlen(WEBSOCKET_ACCEPT)) == NULL) {
    fail("device %ld: a wrong Sec-WebSocket-Accept", device);
  }
  connections[device].state = CATCHING_UP;
  return (size_t)(end - bytes) + 4;
}

static void text_frame(long device, const char *json, size_t length) {
  if (connections[device].state == LIVE) {
    delivered(device, json, length);
    return;
  }
  /* What was sent before this program began is skipped. */
  char type[ID_BYTES];
  if (!json_text(json, length, "type", type)) fail("a frame without a type");
  if (strcmp(type, "caught-up") == 0) {
    connections[device].state = LIVE;
    live++;
    opening--;
    progressed = now();
    open_more();
  }
}

static void pong(int fd, const char *payload, size_t length) {
  static uint32_t mask = 2463534242u;
  mask ^= mask << 13, mask ^= mask >> 17, mask ^= mask << 5;
  char frame[6 + 125];
  frame[0] = (char)0x8A;
  frame[1] = (char)(0x80 | length);
  memcpy(frame + 2, &mask, 4);
  for (size_t i = 0; i < length; i++) frame[6 + i] = (char)(payload[i] ^ frame[2 + i % 4]);
  write_all(fd, frame, 6 + length);
}

static void control_frame(long device, int opcode, const char *payload, size_t length) {
  if (length > 125) fail("device %ld got a control frame of %zu bytes", device, length);
  switch (opcode) {
    case 0x8: {
      const unsigned char *code = (const unsigned char *)payload;
      fail("device %ld was closed with %d", device, length < 2 ? 1005 : code[0] << 8 | code[1]);
    }
    case 0x9:
      pong(connections[device].fd, payload, length);
      break;
    case 0xA:
      break;
    default:
      fail("device %ld got a frame with opcode %d", device, opcode);
  }
}

/* Bytes of the frame at the start, header included; 0 while it is incomplete. */
static size_t frame(long device, const char *bytes, size_t available) {
  const unsigned char *head = (const unsigned char *)bytes;
  if (available < 2) return 0;
  if ((head[0] & 0xF0) != 0x80 || (head[1] & 0x80) != 0) {
    fail("device %ld got a fragment, an extension or a masked frame", device);
  }
  uint64_t length = head[1];
  size_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (available < header) return 0;
  if (header > 2) {
    length = 0;
    for (size_t i = 2; i < header; i++) length = length << 8 | head[i];
  }
  if (length > MAX_FRAME_BYTES) fail("device %ld got %llu bytes in a frame", device,
                                     (unsigned long long)length);
  if (available - header < length) return 0;
  int opcode = head[0] & 0x0F;
  if (opcode == 1) {
    text_frame(device, bytes + header, length);
  } else {
    control_frame(device, opcode, bytes + header, length);
  }
  return header + length;
}

static void keep_rest(struct connection *connection, const char *bytes, size_t length) {
  free(connection->rest);
  connection->rest = length == 0 ? NULL : allocate(length, 1);
  if (length > 0) memcpy(connection->rest, bytes, length);
  connection->rest_bytes = length;
}

static void device_readable(long device) {
  struct connection *connection = &connections[device];
  size_t length = connection->rest_bytes;
  if (length > 0) memcpy(buffer, connection->rest, length);
  size_t got = read_some(connection->fd, buffer + length, BUFFER_BYTES - length, "a device");
  if (got == 0) return;
  length += got;
  size_t used = 0, taken;
  do {
    taken = connection->state == UPGRADING ? upgraded(device, buffer + used, length - used)
                                           : frame(device, buffer + used, length - used);
    used += taken;
  } while (taken > 0);
  if (used < length || connection->rest_bytes > 0) {
    keep_rest(connection, buffer + used, length - used);
  }
}

/* ---- the API ---- */

static void connect_senders(void) {
  struct addrinfo *address = resolve(options.api);
  senders = allocate((size_t)options.senders, sizeof *senders);
  for (long i = 0; i < options.senders; i++) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0 || connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
      fail("connect to the API: %s", strerror(errno));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    senders[i].fd = fd;
    watch(EPOLL_CTL_ADD, fd, EPOLLIN, (uint64_t)(options.connections + i));
  }
  freeaddrinfo(address);
}

static void write_request(void) {
  char *text = allocate((size_t)options.payload + 1, 1);
  memset(text, 'x', (size_t)options.payload);
  char *body;
  int body_bytes = asprintf(&body,
                            "{\"audience\":\"everyone\",\"message\":{\"body\":{\"text\":\"%s\"}},"
                            "\"ttlSeconds\":%ld}",
                            text, options.ttl);
  if (body_bytes < 0) fail("out of memory");
  int length = snprintf(request, sizeof request,
                        "POST /v1/apps/%s/broadcasts HTTP/1.1\r\nHost: %s\r\n"
                        "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                        "Content-Length: %d\r\n\r\n%s",
                        options.app, options.api, options.key, body_bytes, body);
  if (length < 0 || (size_t)length >= sizeof request) fail("the request is too large");
  request_bytes = (size_t)length;
  free(body);
  free(text);
}

/* Where the body of a complete answer begins; NULL while it is incomplete. */
static char *body_of(struct sender *sender) {
  char *end = memmem(sender->in, sender->in_bytes, "\r\n\r\n", 4);
  if (end == NULL) return NULL;
  *end = '\0'; /* so that the header is a string; put back below */
  const char *length = strcasestr(sender->in, "\r\ncontent-length:");
  if (length == NULL) fail("an answer without Content-Length:\n%s", sender->in);
  size_t body_bytes = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
  *end = '\r';
  size_t all = (size_t)(end + 4 - sender->in) + body_bytes;
  if (all >= ANSWER_BYTES) fail("an answer of %zu bytes", all);
  if (sender->in_bytes > all) fail("the API said more than it was asked");
  return sender->in_bytes == all ? end + 4 : NULL;
}

static void sender_readable(struct sender *sender) {
  size_t space = ANSWER_BYTES - 1 - sender->in_bytes;
  sender->in_bytes += read_some(sender->fd, sender->in + sender->in_bytes, space, "the API");
  sender->in[sender->in_bytes] = '\0';
  char *body = body_of(sender);
  if (body == NULL) return;
  double accepted_at = progressed = now();
  if (!sender->busy) fail("the API answered without being asked:\n%s", sender->in);
  if (strncmp(sender->in, "HTTP/1.1 201", 12) != 0) {
    fail("a broadcast was refused (after %ld were sent):\n%s", sent - 1, sender->in);
  }
  char id[ID_BYTES];
  size_t body_bytes = sender->in_bytes - (size_t)(body - sender->in);
  if (!json_text(body, body_bytes, "id", id)) fail("an answer without an id: %s", body);
  sender->busy = 0;
  sender->in_bytes = 0;
  accepted(id, sender->sent, accepted_at);
  fill();
}

/* ---- the loop ---- */

__attribute__((noreturn)) static void stalled(void) {
  if (live < options.connections) {
    fail("no progress for %d s: %ld of %ld devices caught up", STALLED_SECONDS, live,
         options.connections);
  }
  for (long i = 0; i < line_length; i++) {
    if (line[i].arrived < options.connections) {
      fail("no progress for %d s: %ld of %ld devices got %s", STALLED_SECONDS, line[i].arrived,
           options.connections, line[i].id);
    }
  }
  fail("no progress for %d s: %ld sent, of %ld no device got anything", STALLED_SECONDS, sent,
       answers_length);
}

static void turn(int timeout_ms) {
  static struct epoll_event events[EVENTS];
  int count = epoll_wait(epoll, events, EVENTS, timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
  for (int i = 0; i < count; i++) {
    long number = (long)events[i].data.u64;
    if (number >= options.connections) {
      sender_readable(&senders[number - options.connections]);
    } else if (connections[number].state == CONNECTING) {
      ask_to_upgrade(number);
    } else {
      device_readable(number);
    }
  }
}

static void connect_devices(void) {
  progressed = now();
  for (open_more(); live < options.connections;) {
    turn(1000);
    if (now() - progressed > STALLED_SECONDS) stalled();
  }
}

static void settle(void) {
  double until = now() + (double)options.settle_ms / 1e3;
  for (double left = until - now(); left > 0; left = until - now()) turn((int)(left * 1e3) + 1);
}

/* Sends that many and returns when every device has them all. */
static void broadcast_rounds(long rounds) {
  long target = completed + rounds;
  to_send = rounds;
  progressed = now();
  for (fill(); completed < target;) {
    turn(1000);
    if (now() - progressed > STALLED_SECONDS) stalled();
  }
}

/* ---- measuring ---- */

/* utime + stime of the server, seconds; the kernel counts in hundredths. */
static double server_cpu(void) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", options.pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("%s: %s", path, strerror(errno));
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  const char *after_name = strrchr(text, ')'); /* the name may hold anything */
  unsigned long user, system;
  if (after_name == NULL ||
      sscanf(after_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
             &system) != 2) {
    fail("%s cannot be read", path);
  }
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* The smallest value that at least `share` percent do not exceed; of sorted values. */
static double percentile(const double *sorted, long count, long share) {
  return sorted[(count * share + 99) / 100 - 1];
}

static void measure(void) {
  accepted_to_last = allocate((size_t)options.rounds, sizeof *accepted_to_last);
  sent_to_last = allocate((size_t)options.rounds, sizeof *sent_to_last);
  measured = 0;
  double own_before = own_cpu(), server_before = server_cpu(), wall_before = now();
  broadcast_rounds(options.rounds);
  double wall = now() - wall_before, server = server_cpu() - server_before;
  double own = own_cpu() - own_before, deliveries = (double)options.rounds * (double)live;
  long count = options.rounds;
  qsort(accepted_to_last, (size_t)count, sizeof(double), ascending);
  qsort(sent_to_last, (size_t)count, sizeof(double), ascending);
  if (server <= 0) fail("the window is too short to measure processor time; use more rounds");
  printf("deliveries %.0f\n", deliveries);
  printf("wall_seconds %.3f\n", wall);
  printf("server_cpu_seconds %.2f\n", server);
  printf("deliveries_per_second %.0f\n", deliveries / wall);
  printf("deliveries_per_server_core_second %.0f\n", deliveries / server);
  printf("accepted_to_last_ms_median %.3f\n", percentile(accepted_to_last, count, 50));
  printf("accepted_to_last_ms_p99 %.3f\n", percentile(accepted_to_last, count, 99));
  printf("accepted_to_last_ms_max %.3f\n", accepted_to_last[count - 1]);
  printf("sent_to_last_ms_median %.3f\n", percentile(sent_to_last, count, 50));
  printf("client_busy_percent %.0f\n", 100 * own / wall);
}

/* ---- arguments ---- */

static void read_tokens(void) {
  FILE *file = fopen(options.tokens, "r");
  if (file == NULL) fail("%s: %s", options.tokens, strerror(errno));
  tokens = allocate((size_t)options.connections, sizeof *tokens);
  for (long i = 0; i < options.connections; i++) {
    size_t space = 0;
    ssize_t length = getline(&tokens[i], &space, file);
    if (length <= 1) fail("%s has fewer than %ld tokens", options.tokens, options.connections);
    tokens[i][strcspn(tokens[i], "\r\n")] = '\0';
  }
  fclose(file);
}

static long number(const char *name, long least, long most) {
  char *end;
  errno = 0;
  long value = strtol(optarg, &end, 10);
  if (errno != 0 || end == optarg || *end != '\0' || value < least || value > most) {
    fail("--%s has to be a number from %ld to %ld", name, least, most);
  }
  return value;
}

static void read_options(int count, char **arguments) {
  static const struct option known[] = {
      {"gateway", 1, NULL, 'g'},   {"api", 1, NULL, 'a'},     {"key", 1, NULL, 'k'},
      {"app", 1, NULL, 'A'},       {"tokens", 1, NULL, 't'},  {"connections", 1, NULL, 'N'},
      {"rounds", 1, NULL, 'R'},    {"warm-up", 1, NULL, 'W'}, {"in-flight", 1, NULL, 'K'},
      {"payload", 1, NULL, 'P'},   {"pid", 1, NULL, 'p'},     {"ttl", 1, NULL, 'T'},
      {"senders", 1, NULL, 'S'},   {"settle-ms", 1, NULL, 's'}, {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
      case 'g': options.gateway = optarg; break;
      case 'a': options.api = optarg; break;
      case 'k': options.key = optarg; break;
      case 'A': options.app = optarg; break;
      case 't': options.tokens = optarg; break;
      case 'N': options.connections = number("connections", 1, MAX_CONNECTIONS); break;
      case 'R': options.rounds = number("rounds", 1, 10000000); break;
      case 'W': options.warm_up = number("warm-up", 0, 10000000); break;
      case 'K': options.in_flight = number("in-flight", 1, 1000); break;
      case 'P': options.payload = number("payload", 1, MAX_PAYLOAD_BYTES); break;
      case 'p': options.pid = number("pid", 1, 1L << 30); break;
      case 'T': options.ttl = number("ttl", 0, 2592000); break;
      case 'S': options.senders = number("senders", 1, 1000); break;
      case 's': options.settle_ms = number("settle-ms", 0, 600000); break;
      default: exit(2);
    }
  }
  if (optind < count || !options.gateway || !options.api || !options.key || !options.app ||
      !options.tokens || !options.connections || !options.rounds || !options.in_flight ||
      !options.payload || !options.pid) {
    fputs("usage: client --gateway HOST:PORT --api HOST:PORT --key KEY --app APP --tokens FILE\n"
          "         --connections N --rounds R --in-flight K --payload BYTES --pid PID\n"
          "         [--warm-up ROUNDS (R / 5)] [--ttl SECONDS (60)] [--senders COUNT (1)]\n"
          "         [--settle-ms MILLISECONDS (1000)]\n",
          stderr);
    exit(2);
  }
  if (options.warm_up < 0) options.warm_up = options.rounds / 5;
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  read_tokens();
  write_request();
  gateway_address = resolve(options.gateway);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1: %s", strerror(errno));
  connections = allocate((size_t)options.connections, sizeof *connections);
  line = allocate((size_t)(options.warm_up + options.rounds), sizeof *line);
  answers = allocate((size_t)options.in_flight, sizeof *answers);
  server_cpu(); /* an unknown process is told before the work */

  connect_devices();
  connect_senders();
  printf("connected %ld\n", live);
  fflush(stdout);
  settle();
  if (options.warm_up > 0) broadcast_rounds(options.warm_up);
  measure();
  return 0;
}
