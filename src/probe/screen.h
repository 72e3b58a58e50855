/* SPDX-License-Identifier: ISC */
/*
 * What a person or a program sees: while it runs, and of the result.  It knows
 * no event loop: that calls in when the time has come.
 */
#ifndef PROBE_SCREEN_H
#define PROBE_SCREEN_H

#include "probe/options.h"
#include "probe/session.h"

#include <stdio.h>

struct screen {
	const struct options *options;
	FILE *output, *errors;
	bool is_terminal, errors_is_terminal;
	bool progress_shown;
	int64_t started_at; /* host_monotonic_ns() */
};

/* How far a run has come. */
struct screen_progress {
	struct session *const *sessions;
	size_t count;
	size_t done;    /* sessions */
	size_t lookups; /* names to look up */
};

/*
 * Standard output and error, and whether they are terminals.  options stay the
 * caller's.
 */
void screen_init(struct screen *screen, const struct options *options);

/* Is it a screen that is drawn again and again, so that keys make sense? */
bool screen_is_live(const struct screen *screen);

/* When to call screen_show() first: ns from now; -1: never. */
int64_t screen_delay(const struct screen *screen);

/*
 * Show how far it is.  Returns when to do so again, ns from now; -1: nobody can
 * see it any more.
 */
int64_t screen_show(
    struct screen *screen, const struct screen_progress *progress);

/* Print the result, in the form that the options say. */
void screen_result(
    struct screen *screen, struct session *const *sessions, size_t count);

#endif
