/* SPDX-License-Identifier: ISC */
/*
 * A snapshot with a different number in each place.
 */
#ifndef UNIT_OPS_SAMPLE_H
#define UNIT_OPS_SAMPLE_H

#include "daemon/ops/snapshot.h"

extern struct snapshot sample;

/*
 * Initialise it: two sockets of three workers; the first has counters, the sums
 * of two halves.
 */
void sample_make(void);

#endif
