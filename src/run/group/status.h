/* SPDX-License-Identifier: ISC */
/*
 * What the programs have counted, as text.
 */
#ifndef RUN_GROUP_STATUS_H
#define RUN_GROUP_STATUS_H

#include "common/strbuf.h"
#include "run/group/table.h"
#include "run/options.h"

/* What is read of one set of programs. */
struct status {
	const char *place; /* its control group, or where it is pinned */
	uint32_t peers, entries;
	struct group_settings settings;
	struct group_counters counters; /* of all processors */
};

/* Lines about it.  Pure. */
void status_print(struct strbuf *text, const struct status *status);

/*
 * How many processors a text like that of /sys/devices/system/cpu/possible is
 * about: "0-3" are 4, and "0,2" are 3, with a hole.  0: it is something else.
 * Pure.
 */
unsigned int status_processors(const char *text);

/* Read from the maps of a program; false and why. */
bool status_read(struct status *status, int program, char why[RUN_WHY]);

#endif
