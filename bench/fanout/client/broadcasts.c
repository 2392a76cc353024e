#define _GNU_SOURCE
#include "broadcasts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* One broadcast. `frame` is what the first device got, and is freed when everyone has it; times are
 * 0 until they are known. */
struct broadcast {
  char *frame;
  size_t frame_bytes;
  int in_line;
  long arrived;
  double sent, accepted, last;
};

static struct broadcast *broadcasts; /* by number */
static long *line;                   /* numbers, in the order in which devices get them */
static long most, sent, line_length, completed, progress, recipients;

void broadcasts_prepare(long count) {
  most = count;
  broadcasts = allocate((size_t)count, sizeof *broadcasts);
  line = allocate((size_t)count, sizeof *line);
}

void broadcasts_to(long devices) { recipients = devices; }

long broadcast_sent(void) {
  if (sent == most) fail("more than %ld broadcasts", most);
  broadcasts[sent].sent = now();
  return sent++;
}

static int complete(const struct broadcast *broadcast) {
  return broadcast->last > 0 && broadcast->accepted > 0;
}

void broadcast_accepted(long number) {
  broadcasts[number].accepted = now();
  progress++;
  if (complete(&broadcasts[number])) completed++;
}

/* The number in a frame; -1 when there is none. */
static long number_in(const char *frame, size_t length) {
  const char *at = memmem(frame, length, NUMBER_MARK, strlen(NUMBER_MARK));
  if (at == NULL) return -1;
  at += strlen(NUMBER_MARK);
  if (frame + length - at < NUMBER_DIGITS) return -1;
  long number = 0;
  for (int i = 0; i < NUMBER_DIGITS; i++) {
    if (at[i] < '0' || at[i] > '9') return -1;
    number = 10 * number + (at[i] - '0');
  }
  return number;
}

/* The first device to get that far says which broadcast comes next in the line. */
static void append(long device, const char *frame, size_t length) {
  long number = number_in(frame, length);
  if (number < 0 || number >= sent) {
    fail("device %ld got what was never sent: %.*s", device, (int)length, frame);
  }
  struct broadcast *broadcast = &broadcasts[number];
  if (broadcast->in_line) fail("device %ld got broadcast %ld twice", device, number);
  broadcast->in_line = 1;
  broadcast->frame = allocate(length + 1, 1);
  memcpy(broadcast->frame, frame, length);
  broadcast->frame_bytes = length;
  line[line_length++] = number;
}

__attribute__((noreturn)) static void wrong(long device, long place, const char *frame,
                                            size_t length) {
  long number = number_in(frame, length), expected = line[place];
  if (number < 0) fail("device %ld got an unexpected frame: %.*s", device, (int)length, frame);
  if (number == expected) fail("device %ld got broadcast %ld with other bytes", device, number);
  for (long i = 0; i < place; i++) {
    if (line[i] == number) fail("device %ld got broadcast %ld twice", device, number);
  }
  fail("device %ld got broadcast %ld without or before %ld", device, number, expected);
}

long broadcasts_place(void) { return line_length; }

void broadcast_delivered(long device, long *place, const char *frame, size_t length) {
  if (*place == line_length) append(device, frame, length);
  struct broadcast *broadcast = &broadcasts[line[*place]];
  /* Never null here: a frame is freed when all devices have it, this one included. */
  if (length != broadcast->frame_bytes || memcmp(frame, broadcast->frame, length) != 0) {
    wrong(device, *place, frame, length);
  }
  ++*place;
  if (++broadcast->arrived < recipients) return;
  broadcast->last = now();
  progress++;
  free(broadcast->frame);
  broadcast->frame = NULL;
  if (complete(broadcast)) completed++;
}

long broadcasts_outstanding(void) { return sent - completed; }

long broadcasts_completed(void) { return completed; }

long broadcasts_progress(void) { return progress; }

void broadcasts_explain(void) {
  for (long i = 0; i < sent; i++) {
    if (!complete(&broadcasts[i])) {
      fprintf(stderr, "client: broadcast %ld %s; %ld of %ld devices got it\n", i,
              broadcasts[i].accepted > 0 ? "was answered" : "has no answer",
              broadcasts[i].arrived, recipients);
    }
  }
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double *sorted(double *values, long count) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return values;
}

double *broadcasts_answer_to_last(long first) {
  double *times = allocate((size_t)(sent - first), sizeof *times);
  for (long i = first; i < sent; i++) {
    double seconds = broadcasts[i].last - broadcasts[i].accepted;
    times[i - first] = seconds > 0 ? seconds * 1e3 : 0;
  }
  return sorted(times, sent - first);
}

double *broadcasts_request_to_last(long first) {
  double *times = allocate((size_t)(sent - first), sizeof *times);
  for (long i = first; i < sent; i++) {
    times[i - first] = (broadcasts[i].last - broadcasts[i].sent) * 1e3;
  }
  return sorted(times, sent - first);
}
