/*
 * Measures fan-out: how many deliveries a server makes per second of its own processor time.
 *
 * One epoll loop opens N devices (WebSocket), waits until each has joined, and then sends to all of
 * them, with at most K broadcasts outstanding. A broadcast is outstanding from its request until it
 * was answered and each device got it. Every frame is compared, byte for byte, with what the first
 * device got at the same place, and each broadcast has a number: one that is missing, doubled, out
 * of order or altered on any connection ends the program with status 1. Devices answer pings.
 *
 * Two ways to run it. Without --first it measures, and prints lines `name value`:
 *   deliveries                           frames in the measured window: N x rounds
 *   wall_seconds, server_cpu_seconds     length of the window; utime + stime of the server in it
 *   deliveries_per_second                per second of wall time
 *   deliveries_per_server_core_second    per second of the server's processor time
 *   answer_to_last_ms_{median,p99,max}   from the answer to the last recipient, milliseconds; 0
 *                                        when that one had it before the answer arrived
 *   request_to_last_ms_{median,p99,max}  the same from the request on
 *   client_busy_percent                  processor time of this program / wall time. Near 100 the
 *                                        client is what was measured, not the server.
 * With --first F it is for measuring memory: it opens F devices, makes the rounds, prints `idle F`
 * and waits for a line on standard input; then it does the same with all N.
 *
 * The script `run` beside this folder builds it and does everything. Linux only. Times are of the
 * monotonic clock. One thread owns everything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "broadcasts.h"
#include "devices.h"
#include "program.h"
#include "senders.h"

enum { EVENTS = 1024, MAX_CONNECTIONS = 1000000, MAX_ROUNDS = 10000000, MAX_PAYLOAD_BYTES = 30000 };

static struct devices_options devices_are;
static struct senders_options senders_are;
static struct {
  const char *dialect;
  long rounds, warm_up, in_flight, pid, first, settle_ms;
} options = {.warm_up = -1, .settle_ms = 500};

static int epoll;

/* ---- the loop ---- */

static double busy_seconds;

/*
 * Never sleeps: waking it would be the work of the server's core, an interrupt of the other one for
 * a message or for many, as it happens, which no server pays for devices that are elsewhere.
 */
static void turn(void) {
  static struct epoll_event events[EVENTS];
  int count = epoll_wait(epoll, events, EVENTS, 0);
  if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
  if (count <= 0) return;
  double begun = now();
  for (int i = 0; i < count; i++) {
    long number = (long)events[i].data.u64;
    if (number >= devices_are.most) {
      sender_ready(number - devices_are.most);
    } else {
      device_ready(number);
    }
    senders_fill();
  }
  busy_seconds += now() - begun;
}

/* Turns until `reached` says as much as `target`; the end when nothing moves for a while. */
static void turn_until(long (*reached)(void), long (*progress)(void), long target) {
  double moved = now();
  for (long last = progress(); reached() < target;) {
    turn();
    if (progress() != last) {
      last = progress();
      moved = now();
    } else if (now() - moved > STALLED_SECONDS) {
      broadcasts_explain();
      fail("nothing moved for %d s; %ld devices are live", STALLED_SECONDS, devices_live());
    }
  }
}

static void open_devices(long count) {
  devices_open(count);
  turn_until(devices_live, devices_live, count);
  broadcasts_to(count);
}

/* Takes whatever comes for a while: a broadcast that comes twice is seen here at the latest. */
static void settle(void) {
  double until = now() + (double)options.settle_ms / 1e3;
  while (now() < until) turn();
}

/* Sends that many and returns when every device has them all. */
static void make_rounds(long rounds) {
  long target = broadcasts_completed() + rounds;
  senders_send(target, options.in_flight);
  turn_until(broadcasts_completed, broadcasts_progress, target);
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

/* The smallest value that at least `share` percent do not exceed; of sorted values. */
static double percentile(const double *sorted, long count, long share) {
  return sorted[(count * share + 99) / 100 - 1];
}

static void print_times(const char *name, double *sorted) {
  printf("%s_ms_median %.3f\n", name, percentile(sorted, options.rounds, 50));
  printf("%s_ms_p99 %.3f\n", name, percentile(sorted, options.rounds, 99));
  printf("%s_ms_max %.3f\n", name, sorted[options.rounds - 1]);
  free(sorted);
}

static void measure(void) {
  double busy_before = busy_seconds, server_before = server_cpu(), wall_before = now();
  make_rounds(options.rounds);
  double wall = now() - wall_before, server = server_cpu() - server_before;
  double busy = busy_seconds - busy_before;
  double deliveries = (double)options.rounds * (double)devices_live();
  if (server <= 0) fail("the window is too short to measure processor time; use more rounds");
  settle();
  printf("deliveries %.0f\n", deliveries);
  printf("wall_seconds %.3f\n", wall);
  printf("server_cpu_seconds %.2f\n", server);
  printf("deliveries_per_second %.0f\n", deliveries / wall);
  printf("deliveries_per_server_core_second %.0f\n", deliveries / server);
  print_times("answer_to_last", broadcasts_answer_to_last(options.warm_up));
  print_times("request_to_last", broadcasts_request_to_last(options.warm_up));
  printf("client_busy_percent %.0f\n", 100 * busy / wall);
}

/* Keeps that many devices idle until told to go on. */
static void hold(long count) {
  open_devices(count);
  make_rounds(options.rounds);
  settle();
  printf("idle %ld\n", count);
  fflush(stdout);
  for (int c = getchar(); c != '\n'; c = getchar()) {
    if (c == EOF) fail("the script went away");
  }
}

/* ---- arguments ---- */

static long number(const char *name, long least, long most) {
  char *end;
  errno = 0;
  long value = strtol(optarg, &end, 10);
  if (errno != 0 || end == optarg || *end != '\0' || value < least || value > most) {
    fail("--%s has to be a number from %ld to %ld", name, least, most);
  }
  return value;
}

static void usage(void) {
  fputs("usage: client --dialect NAME --devices HOST:PORT --send HOST:PORT --pid PID\n"
        "         --connections N --rounds R --in-flight K --payload BYTES\n"
        "         [--tokens FILE] [--key KEY] [--senders COUNT (K)] [--warm-up ROUNDS (R / 5)]\n"
        "         [--settle-ms MILLISECONDS (500)] [--first CONNECTIONS]\n",
        stderr);
  exit(2);
}

static void read_options(int count, char **arguments) {
  static const struct option known[] = {
      {"dialect", 1, NULL, 'd'},  {"devices", 1, NULL, 'g'},   {"send", 1, NULL, 'a'},
      {"key", 1, NULL, 'k'},      {"tokens", 1, NULL, 't'},    {"connections", 1, NULL, 'N'},
      {"rounds", 1, NULL, 'R'},   {"warm-up", 1, NULL, 'W'},   {"in-flight", 1, NULL, 'K'},
      {"payload", 1, NULL, 'P'},  {"pid", 1, NULL, 'p'},       {"senders", 1, NULL, 'S'},
      {"first", 1, NULL, 'F'},    {"settle-ms", 1, NULL, 's'}, {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
      case 'd': options.dialect = optarg; break;
      case 'g': devices_are.server = optarg; break;
      case 'a': senders_are.server = optarg; break;
      case 'k': senders_are.key = optarg; break;
      case 't': devices_are.tokens = optarg; break;
      case 'N': devices_are.most = number("connections", 1, MAX_CONNECTIONS); break;
      case 'R': options.rounds = number("rounds", 1, MAX_ROUNDS); break;
      case 'W': options.warm_up = number("warm-up", 0, MAX_ROUNDS); break;
      case 'K': options.in_flight = number("in-flight", 1, 1000); break;
      case 'P': senders_are.payload = number("payload", 1, MAX_PAYLOAD_BYTES); break;
      case 'p': options.pid = number("pid", 1, 1L << 30); break;
      case 'S': senders_are.count = number("senders", 1, 1000); break;
      case 'F': options.first = number("first", 1, MAX_CONNECTIONS); break;
      case 's': options.settle_ms = number("settle-ms", 0, 600000); break;
      default: usage();
    }
  }
  if (optind < count || !options.dialect || !devices_are.server || !senders_are.server ||
      !devices_are.most || !options.rounds || !options.in_flight || !senders_are.payload ||
      !options.pid || options.first > devices_are.most) {
    usage();
  }
  if (options.warm_up < 0) options.warm_up = options.rounds / 5;
  if (senders_are.count == 0) senders_are.count = options.in_flight;
  devices_are.dialect = senders_are.dialect = dialect_named(options.dialect);
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1: %s", strerror(errno));
  server_cpu(); /* an unknown process is told before the work */
  broadcasts_prepare(options.warm_up + 2 * options.rounds);
  devices_prepare(epoll, &devices_are);
  senders_connect(epoll, &senders_are, devices_are.most);
  if (options.first > 0) {
    hold(options.first);
    hold(devices_are.most);
    return 0;
  }
  open_devices(devices_are.most);
  settle();
  if (options.warm_up > 0) make_rounds(options.warm_up);
  measure();
  return 0;
}
