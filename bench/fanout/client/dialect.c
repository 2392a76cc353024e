#include "dialect.h"

#include <stddef.h>
#include <string.h>

#include "program.h"

/* Lifetime 0 is "for who is connected now": what the other servers do as well. */
static const struct dialect DIALECTS[] = {
    {.name = "fanfare",
     .device_path = "/ws?app=demo&token=",
     .joined = "\"type\":\"caught-up\"",
     .send_path = "/v1/apps/demo/broadcasts",
     .send_type = "application/json",
     .before = "{\"audience\":\"everyone\",\"message\":{\"body\":{\"text\":\"",
     .after = "\"}},\"ttlSeconds\":0}"},
    /* Engine.IO 4, transport WebSocket from the start; Socket.IO's default namespace. */
    {.name = "socketio",
     .device_path = "/socket.io/?EIO=4&transport=websocket",
     .greeting = "0{",
     .join = "40",
     .joined = "40",
     .ping = "2",
     .pong = "3",
     .send_path = "/send",
     .send_type = "text/plain",
     .before = "",
     .after = ""},
    {.name = "nchan",
     .device_path = "/devices",
     .send_path = "/send",
     .send_type = "text/plain",
     .before = "",
     .after = ""},
    {.name = "floor",
     .device_path = "/",
     .send_path = "/",
     .send_type = "text/plain",
     .before = "",
     .after = ""}};

const struct dialect *dialect_named(const char *name) {
  for (size_t i = 0; i < sizeof DIALECTS / sizeof DIALECTS[0]; i++) {
    if (strcmp(DIALECTS[i].name, name) == 0) return &DIALECTS[i];
  }
  fail("unknown dialect %s; known are fanfare, socketio, nchan, floor", name);
}
