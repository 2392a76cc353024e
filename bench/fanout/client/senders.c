#define _GNU_SOURCE
#include "senders.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "broadcasts.h"
#include "program.h"

enum { ANSWER_BYTES = 128 << 10 };

/* One connection; `broadcast` is the number of the one whose answer it waits for, else -1. */
struct sender {
  int fd;
  long broadcast;
  char in[ANSWER_BYTES];
  size_t in_bytes;
};

static const struct senders_options *options;
static struct sender *senders;
static char *request;
static size_t request_bytes;
static char *request_number; /* where in the request the number of the broadcast stands */
static long sent, until, in_flight;

/* The request is the same for all broadcasts but for the digits of their number. */
static void write_request(void) {
  const struct dialect *dialect = options->dialect;
  size_t mark = strlen(NUMBER_MARK), numbered = mark + NUMBER_DIGITS;
  if ((size_t)options->payload < numbered) fail("a text has at least %zu bytes", numbered);
  char *text = allocate((size_t)options->payload + 1, 1);
  memset(text, 'x', (size_t)options->payload);
  memcpy(text, NUMBER_MARK, mark);
  memset(text + mark, '0', NUMBER_DIGITS);
  size_t body = strlen(dialect->before) + (size_t)options->payload + strlen(dialect->after);
  int length = asprintf(&request,
                        "POST %s HTTP/1.1\r\nHost: %s\r\n%s%s%sContent-Type: %s\r\n"
                        "Content-Length: %zu\r\n\r\n%s%s%s",
                        dialect->send_path, options->server,
                        options->key == NULL ? "" : "Authorization: Bearer ",
                        options->key == NULL ? "" : options->key,
                        options->key == NULL ? "" : "\r\n", dialect->send_type, body,
                        dialect->before, text, dialect->after);
  if (length < 0) fail("out of memory");
  request_bytes = (size_t)length;
  request_number = memmem(request, request_bytes, text, numbered);
  if (request_number == NULL) fail("the request has no text");
  request_number += mark;
  free(text);
}

void senders_connect(int epoll, const struct senders_options *given, long first_number) {
  options = given;
  write_request();
  struct addrinfo *address = resolve(given->server);
  senders = allocate((size_t)given->count, sizeof *senders);
  for (long i = 0; i < given->count; i++) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0 || connect(fd, address->ai_addr, address->ai_addrlen) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
      fail("connect a sender: %s", strerror(errno));
    }
    senders[i].fd = fd;
    senders[i].broadcast = -1;
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, (uint64_t)(first_number + i));
  }
  freeaddrinfo(address);
}

void senders_send(long target, long outstanding) {
  until = target;
  in_flight = outstanding;
  senders_fill();
}

static void post(struct sender *sender) {
  sender->broadcast = broadcast_sent();
  sent++;
  char digits[NUMBER_DIGITS + 1];
  snprintf(digits, sizeof digits, "%0*ld", NUMBER_DIGITS, sender->broadcast);
  memcpy(request_number, digits, NUMBER_DIGITS);
  write_all(sender->fd, request, request_bytes);
}

void senders_fill(void) {
  if (sent == until) return;
  for (long i = 0; i < options->count && sent < until; i++) {
    if (broadcasts_outstanding() >= in_flight) return;
    if (senders[i].broadcast < 0) post(&senders[i]);
  }
}

/* Whether an answer is complete. */
static int answered(struct sender *sender) {
  char *end = memmem(sender->in, sender->in_bytes, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  *end = '\0'; /* so that the header is a string; put back below */
  const char *length = strcasestr(sender->in, "\r\ncontent-length:");
  if (length == NULL) fail("an answer without Content-Length:\n%s", sender->in);
  size_t body_bytes = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
  *end = '\r';
  size_t all = (size_t)(end + 4 - sender->in) + body_bytes;
  if (all >= ANSWER_BYTES) fail("an answer of %zu bytes", all);
  if (sender->in_bytes > all) fail("the server said more than it was asked");
  return sender->in_bytes == all;
}

void sender_ready(long number) {
  struct sender *sender = &senders[number];
  size_t space = ANSWER_BYTES - 1 - sender->in_bytes;
  sender->in_bytes += read_some(sender->fd, sender->in + sender->in_bytes, space, "a sender");
  sender->in[sender->in_bytes] = '\0';
  if (!answered(sender)) return;
  if (sender->broadcast < 0) fail("the server answered without being asked:\n%s", sender->in);
  if (strncmp(sender->in, "HTTP/1.1 20", 11) != 0) {
    fail("broadcast %ld was refused:\n%s", sender->broadcast, sender->in);
  }
  broadcast_accepted(sender->broadcast);
  sender->broadcast = -1;
  sender->in_bytes = 0;
}
