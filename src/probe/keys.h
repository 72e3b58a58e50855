/* SPDX-License-Identifier: ISC */
/*
 * The keys that a live screen knows: q ends it.
 */
#ifndef PROBE_KEYS_H
#define PROBE_KEYS_H

#include <stdbool.h>

struct event;
struct event_base;

/* All zero: there are none. */
struct keys {
	struct event_base *base; /* the caller's */
	struct event *readable;
};

/*
 * Watch for keys, if standard input is a terminal; q breaks the loop.  False:
 * out of memory.
 */
bool keys_open(struct keys *keys, struct event_base *base);

/*
 * Look for keys again: where there are none to read now, as in the background,
 * they are not watched any longer.  From time to time.
 */
void keys_look(struct keys *keys);

/* Leave the terminal as it was. */
void keys_close(struct keys *keys);

#endif
