/* SPDX-License-Identifier: ISC */
/*
 * The search for the largest request that is answered.  Pure.
 */
#ifndef PROBE_SWEEP_H
#define PROBE_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: there is nothing to search for. */
struct sweep {
	uint32_t from, to;
	uint32_t passed;    /* the largest that was answered; from - 1: none */
	uint32_t failed;    /* the smallest that was not; to + 1: none */
	uint32_t size;      /* to try next; 0: the search is over */
	unsigned int tries; /* of that size, without an answer */
};

/* Begin, with the largest size: most ways take it.  1 <= from <= to. */
void sweep_start(struct sweep *sweep, uint32_t from, uint32_t to);

/* A request of that size was answered. */
void sweep_pass(struct sweep *sweep, uint32_t size);

/* sweep->size was tried without an answer; it is given up after this many
 * tries. */
void sweep_fail(struct sweep *sweep, unsigned int tries);

/* Is there more to try? */
bool sweep_goes_on(const struct sweep *sweep);

#endif
