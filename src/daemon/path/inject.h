/* SPDX-License-Identifier: ISC */
/*
 * Between the service and the outbox, if faults are set and the peer is in
 * trust: what is done to a reply on purpose.  Every fault is counted, also when
 * it cannot be made; the reply is sent then as if it were not hit.
 */
#ifndef DAEMON_PATH_INJECT_H
#define DAEMON_PATH_INJECT_H

#include "daemon/path/outbox.h"

/*
 * How long a reply waits for the next one to its peer, FAULT_REORDER, in
 * nanoseconds.
 */
#define INJECT_PATIENCE (INT64_C(500) * 1000000)

/* Pairs of addresses whose replies are counted apart; more share a count. */
#define INJECT_PAIRS 64

/*
 * Of one socket.  Initially all zero, and then by inject_follow().  A peer's
 * replies from one address are counted apart from all others, so that what it
 * sees does not depend on who else asks.
 */
struct inject {
	struct fault_rules rules;
	uint32_t numbers[INJECT_PAIRS]; /* that could have been hit */
};

/* A reply that is about to be sent. */
struct inject_reply {
	const struct mh_datagram *request;
	struct mh_datagram *datagram;
	struct outbox *outbox; /* which sends it: of the socket that was asked,
				* or of a sibling */
	bool is_elsewhere;     /* the latter */
	bool may_wait;         /* it does not take room that others need */
	int64_t now;
};

enum inject_outcome {
	INJECT_SEND, /* now, as it is by then */
	INJECT_DROP, /* never: DROP_FAULT */
	INJECT_HELD  /* later: the outbox has a copy */
};

/*
 * The rules from now on; NULL: none.  Other ones than before count the replies
 * from the first again, so that the run can be repeated.
 */
void inject_follow(struct inject *inject, const struct fault_rules *rules);

/*
 * What becomes of the reply.  stats: of the socket that was asked.  set: its
 * settings, with faults.
 */
enum inject_outcome inject_faults(struct inject *inject,
    const struct path_settings *set, struct stats *stats,
    const struct inject_reply *reply);

#endif
