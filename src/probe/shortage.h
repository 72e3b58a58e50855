/* SPDX-License-Identifier: ISC */
/*
 * This host cannot send now: for want of buffers, or of room in its table of
 * neighbours.  That passes, and says nothing of the target, so it is a reason
 * to wait, not a result.
 */
#ifndef PROBE_SHORTAGE_H
#define PROBE_SHORTAGE_H

#include "lib/multihome.h"

/* Of one target; all 0: there is none.  Times are in ns. */
struct shortage {
	int64_t since;    /* nothing could be sent since; 0: it can */
	int64_t wait;     /* the last time that was waited */
	int64_t retry_at; /* not before then */
};

/*
 * Is this MH_E* code of a datagram to a peer of this family such a shortage?
 * A refusal by a firewall does not pass by itself, and is none.
 */
bool shortage_is(int status, unsigned int family);

/*
 * It happened now, with this code; the last time that a request to any target
 * could be sent was sent_at.  True: wait until retry_at; false: it has lasted
 * too long.
 */
bool shortage_wait(
    struct shortage *shortage, int status, int64_t sent_at, int64_t now);

#endif
