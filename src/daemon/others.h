/* SPDX-License-Identifier: ISC */
/*
 * Which other address each service replies from when a client asks for that, or
 * that fault-source has none, in the log: at the start and whenever it changes.
 * The workers choose it for themselves, by the same rules.
 */
#ifndef DAEMON_OTHERS_H
#define DAEMON_OTHERS_H

#include "daemon/bindings.h"
#include "daemon/localnet.h"

/* Initially all zero. */
struct others {
	char *logged; /* the lines that were true last time; NULL: none */
};

/*
 * Log what is new for the services of the plan, which are served by these
 * bindings.  In the main thread.
 */
void others_follow(struct others *others, const struct plan *plan,
    const struct bindings *bindings, const struct localnet *localnet);

/* Free it. */
void others_clear(struct others *others);

#endif
