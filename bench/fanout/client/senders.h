/* The senders: keep-alive HTTP connections that post broadcasts. */
#ifndef SENDERS_H
#define SENDERS_H

#include "dialect.h"

/* Where and how broadcasts are sent. */
struct senders_options {
  const struct dialect *dialect;
  const char *server; /* HOST:PORT */
  const char *key;    /* bearer token; NULL: none is needed */
  long payload;       /* bytes of the text */
  long count;         /* connections; each has at most one request on its way */
};

/* Connects them. They wait in the epoll set as numbers from `first_number`. */
void senders_connect(int epoll, const struct senders_options *options, long first_number);

/* From now on sends until that many broadcasts are sent in all, with at most `in_flight`
 * outstanding. */
void senders_send(long until, long in_flight);

/* Sends what may be sent now. Cheap when there is nothing: called after every event. */
void senders_fill(void);

/* The answer of a sender's request can be read. */
void sender_ready(long sender);

#endif
