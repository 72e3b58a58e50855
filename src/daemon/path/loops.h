/* SPDX-License-Identifier: ISC */
/*
 * Loops: a responder of another vendor, on a port that no list names, answers
 * our replies, and goes on forever with what one forged datagram began.  So an
 * endpoint that keeps sending the same bytes to the same address of ours is
 * met with a short silence, to these bytes only: to silence a client, one has
 * to know what it sends.  A loop dies in the silence.  A sender that is still
 * there afterwards is no loop, and is exempt for minutes.
 *
 * One thread; fixed memory; time is passed in.
 */
#ifndef DAEMON_PATH_LOOPS_H
#define DAEMON_PATH_LOOPS_H

#include "lib/multihome.h"

/*
 * How often the same datagram may come: per second in the long run, and at
 * once.  Health checks are below that, loops above.
 */
#define LOOPS_PER_SECOND 125
#define LOOPS_BURST 125

/* Nanoseconds of silence: longer than a round trip and a full queue. */
#define LOOPS_SILENCE (INT64_C(400) * 1000000)

/*
 * Nanoseconds after a silence: a sender that returns within them is no loop...
 */
#define LOOPS_PATIENCE (INT64_C(10) * 1000000000)

/* ...and is exempt for this long. */
#define LOOPS_SPARED (INT64_C(600) * 1000000000)

struct loops_memory;

struct loops {
	unsigned int left; /* datagrams until the next sample */
	struct loops_memory *memory;
};

/*
 * Prepare *loops.  seed: random, so that nobody can aim at a slot.  Returns
 * false when out of memory.
 */
bool loops_init(struct loops *loops, const uint8_t seed[16]);

/* Free what it has. */
void loops_clear(struct loops *loops);

/* The part of loops_pass() that looks at a datagram. */
bool loops_look(
    struct loops *loops, const struct mh_datagram *request, int64_t now);

/*
 * May that request pass?  False: it is met with silence.  Call it for each
 * request that would be answered; while nothing repeats itself, only a sample
 * is looked at.  now: host_monotonic_ns(), nanoseconds.
 */
static inline bool
loops_pass(struct loops *loops, const struct mh_datagram *request, int64_t now)
{
	if (loops->left == 0)
		return loops_look(loops, request, now);
	loops->left--;
	return true;
}

#endif
