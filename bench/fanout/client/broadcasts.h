/* The broadcasts of a run: who has got which, and when. */
#ifndef BROADCASTS_H
#define BROADCASTS_H

#include <stddef.h>

/* Before a number, twelve digits long, in the text of each broadcast. */
#define NUMBER_MARK "#n"
enum { NUMBER_DIGITS = 12 };

/* Makes room for that many broadcasts in all. */
void broadcasts_prepare(long most);

/* From now on each broadcast has to reach that many devices. */
void broadcasts_to(long devices);

/* A new broadcast is on its way to the server now; its number, from 0. */
long broadcast_sent(void);

/* The server answered the request of a broadcast. */
void broadcast_accepted(long number);

/* Where a device stands that joins while nothing is outstanding. */
long broadcasts_place(void);

/* A device got a text frame. `place` is where it stands, and is counted up. A frame that is
 * not the one due ends the program: missing, doubled, out of order or altered. */
void broadcast_delivered(long device, long *place, const char *frame, size_t length);

/* Sent and not yet completed; completed is what was answered and has reached every device. */
long broadcasts_outstanding(void);
long broadcasts_completed(void);

/* How many have reached every device or been answered: moves as long as the server works. */
long broadcasts_progress(void);

/* A line for each that is missing somewhere, on standard error. */
void broadcasts_explain(void);

/* Times of the broadcasts from `first` to the last one, sorted, milliseconds; the caller frees.
 * From the answer, where the last recipient may have it before: then 0; or from the request. */
double *broadcasts_answer_to_last(long first);
double *broadcasts_request_to_last(long first);

#endif
