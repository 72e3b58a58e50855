/* SPDX-License-Identifier: ISC */
/*
 * Whom to ask, as it is written on the command line.  Pure: names are not
 * looked up here.
 */
#ifndef PROBE_TARGET_H
#define PROBE_TARGET_H

#include "lib/multihome.h"

/* Most addresses that one prefix may stand for. */
#define TARGET_PREFIX_MAX 65536

/* Bytes that hold any reason below. */
#define TARGET_WHY 256

/* What is said of an address that cannot answer. */
#define TARGET_NO_ANSWER "no answer can come from"

struct target {
	const char *text;          /* as it was written */
	char name[256];            /* to look up; "" if address says it all */
	struct mh_address address; /* port 0 if none was given */
	uint32_t if_index;         /* leave by it; 0: routing decides */
	uint32_t count;            /* addresses: 1, or more for a prefix */
};

/*
 * Read ADDRESS, ADDRESS%IF, PREFIX/BITS or NAME, each followed by :PORT if need
 * be; IPv6 with a port requires brackets.  text is kept, not copied.
 * Returns false, with a whole sentence in why.
 */
bool target_parse(
    struct target *target, const char *text, char why[TARGET_WHY]);

/* Can an answer come from there?  Not from multicast, for one. */
bool target_can_answer(const struct mh_address *address);

/* Address number i of the target, 0 to count - 1. */
struct mh_address target_address(const struct target *target, uint32_t i);

#endif
