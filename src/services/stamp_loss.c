/* SPDX-License-Identifier: ISC */
/*
 * A window of the last numbers, which leave it one after the other.
 */
#include "services/stamp_loss.h"

#include <stdbool.h>

#define WINDOW STAMP_LOSS_WINDOW

/*
 * A sender that began anew goes on from below the window.  What is late comes
 * between packets that are not, as when a faster route takes over while others
 * are still under way on the slow one.
 */
#define ANEW STAMP_LOSS_ANEW

/*
 * A number further on than any before: what leaves the window without having
 * been seen is lost.
 */
static uint64_t
advance(struct stamp_loss *loss, uint32_t steps)
{
	uint64_t lost;

	if (steps >= WINDOW) {
		lost = steps - (uint64_t)__builtin_popcountll(loss->seen);
		loss->seen = 0;
	} else {
		lost = (uint64_t)__builtin_popcountll(
		    ~loss->seen >> (WINDOW - steps));
		loss->seen <<= steps;
	}
	loss->seen |= 1;
	loss->highest += steps;
	return lost;
}

static enum stamp_arrival
begin(struct stamp_loss *loss, uint32_t sequence)
{
	loss->highest = sequence;
	loss->seen = UINT64_MAX;
	return STAMP_NEXT;
}

enum stamp_arrival
stamp_loss_follow(struct stamp_loss *loss, uint32_t sequence, uint64_t *lost)
{
	uint32_t ahead = sequence - loss->highest;
	uint32_t back = loss->highest - sequence;
	bool is_ahead = ahead != 0 && ahead <= INT32_MAX;

	*lost = 0;
	if (loss->received++ == 0)
		return begin(loss, sequence);
	if (!is_ahead && back >= WINDOW) {
		if (++loss->before < ANEW)
			return STAMP_OUT_OF_ORDER;
		loss->before = 0;
		return begin(loss, sequence);
	}
	loss->before = 0;
	if (is_ahead) {
		*lost = advance(loss, ahead);
		return STAMP_NEXT;
	}
	if ((loss->seen >> back & 1) != 0)
		return STAMP_DUPLICATE;
	loss->seen |= UINT64_C(1) << back;
	return STAMP_OUT_OF_ORDER;
}
