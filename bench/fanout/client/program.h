/* What every part of the client needs: an end with a reason, memory, the clock, sockets. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <netdb.h>
#include <stddef.h>
#include <stdint.h>

enum { STALLED_SECONDS = 30 };

/* Says why on standard error and ends the program with status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

/* Zeroed memory, or the end. */
void *allocate(size_t count, size_t bytes);

/* Seconds of the monotonic clock. */
double now(void);

/* The address HOST:PORT. */
struct addrinfo *resolve(const char *host_port);

/* Adds or changes what an epoll set waits for on a descriptor. */
void watch(int epoll, int operation, int fd, uint32_t events, uint64_t number);

/* Writes all of it, waiting where the socket is full: requests and answers are small. */
void write_all(int fd, const char *bytes, size_t length);

/* Bytes read, 0 when there are none yet; the end of a connection is an error. */
size_t read_some(int fd, char *into, size_t space, const char *who);

#endif
