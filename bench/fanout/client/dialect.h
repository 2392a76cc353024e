/* What differs between the servers that the client can drive. */
#ifndef DIALECT_H
#define DIALECT_H

/* How devices join a server and how something is sent to all of them. The rest is the same for all:
 * WebSocket without extensions, a text frame per broadcast, an HTTP POST per send. */
struct dialect {
  const char *name;
  const char *device_path; /* target of the upgrade; the device's token follows it */
  const char *greeting;    /* a text frame that begins so is answered by `join`; NULL: none */
  const char *join;
  const char *joined;      /* a text frame that holds this makes a device live; NULL: the upgrade */
  const char *ping, *pong; /* text frames; NULL: WebSocket's own control frames only */
  const char *send_path;   /* target of the POST */
  const char *send_type;   /* its Content-Type */
  const char *before, *after; /* what stands around the text in its body */
};

/* The dialect of that name, or the end of the program. */
const struct dialect *dialect_named(const char *name);

#endif
