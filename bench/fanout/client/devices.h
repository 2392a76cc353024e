/* The devices: WebSocket connections that join, listen, and answer pings. */
#ifndef DEVICES_H
#define DEVICES_H

#include <stdint.h>

#include "dialect.h"

/* Where the devices are and how they join. */
struct devices_options {
  const struct dialect *dialect;
  const char *server; /* HOST:PORT */
  const char *tokens; /* a file with one token per line; NULL: devices need none */
  long most;          /* devices in all */
};

/* Makes room and reads the tokens. Devices wait in the given epoll set, as numbers from 0. */
void devices_prepare(int epoll, const struct devices_options *options);

/* Opens devices up to that many, some at a time; more are opened as these go live. */
void devices_open(long count);

/* Something happened at a device. */
void device_ready(long device);

/* How many are live: joined, so that they get every broadcast from here on. */
long devices_live(void);

#endif
