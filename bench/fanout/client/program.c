#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("client: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

void *allocate(size_t count, size_t bytes) {
  void *memory = calloc(count, bytes);
  if (memory == NULL) fail("out of memory");
  return memory;
}

double now(void) {
  struct timespec time;
  if (clock_gettime(CLOCK_MONOTONIC, &time) != 0) fail("clock_gettime: %s", strerror(errno));
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct addrinfo *resolve(const char *host_port) {
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

void watch(int epoll, int operation, int fd, uint32_t events, uint64_t number) {
  struct epoll_event event = {.events = events, .data.u64 = number};
  if (epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

void write_all(int fd, const char *bytes, size_t length) {
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

size_t read_some(int fd, char *into, size_t space, const char *who) {
  ssize_t got = recv(fd, into, space, 0);
  if (got > 0) return (size_t)got;
  if (got == 0) fail("the server closed %s", who);
  if (errno != EAGAIN && errno != EINTR) fail("read from %s: %s", who, strerror(errno));
  return 0;
}
