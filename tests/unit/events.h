/* SPDX-License-Identifier: ISC */
/*
 * A libevent loop that nobody runs: a test looks up the event that it is about,
 * and makes it happen.  So nothing waits, and nothing depends on speed.
 */
#ifndef UNIT_EVENTS_H
#define UNIT_EVENTS_H

#include <event2/event.h>
#include <stdint.h>

/* A loop that does not look for the handles of the fake system. */
struct event_base *events_base(void);

/* An event that is waited for, EV_READ, EV_WRITE or EV_TIMEOUT; or NULL. */
struct event *events_waiting(struct event_base *base, short kind);

/* Make it happen, as the loop would; the test fails if there is none. */
void events_happen(struct event_base *base, short kind);

/* Make this handle readable. */
void events_read(struct event_base *base, intptr_t handle);

#endif
