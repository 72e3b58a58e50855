/* SPDX-License-Identifier: ISC */
/*
 * When replies left: which of them the service asked about, and by which token
 * of its own, until the system reports on them.  In fixed memory: the last ones
 * are remembered, and what does not come is forgotten.
 */
#ifndef DAEMON_PATH_REPORTS_H
#define DAEMON_PATH_REPORTS_H

#include "lib/multihome.h"

#include <stdbool.h>
#include <stdint.h>

/* Replies of one batch, and replies sent; the library reports on no more. */
#define REPORTS_KEPT 64

/* One that the service asked about. */
struct reports_wanted {
	struct mh_datagram *reply;
	uint64_t token;
};

/* One that was sent. */
struct reports_sent {
	uint64_t id; /* mh_datagram.sent_id; 0: none */
	uint64_t token;
	bool is_awaited; /* nothing was reported yet */
};

/* Of one socket.  One thread. */
struct reports {
	struct reports_wanted
	    wanted[REPORTS_KEPT]; /* of the batch being made */
	unsigned int wanted_count;
	unsigned int awaited; /* of those sent */
	unsigned int vain;    /* looks since the last report */
	struct reports_sent sent[REPORTS_KEPT]; /* by id % REPORTS_KEPT */
};

/* Nothing is wanted yet; NULL: out of memory. */
struct reports *reports_new(void);

/* Free it; NULL is allowed. */
void reports_free(struct reports *reports);

/*
 * Ask the system to report on this reply of a batch; or do not if it is one of
 * too many.
 */
void reports_request(
    struct reports *reports, struct mh_datagram *reply, uint64_t token);

/*
 * The batch was sent, or will not be: remember those that were, and withdraw
 * the request of all others.
 */
void reports_finish(struct reports *reports);

/*
 * Is one likely to be there, or to come?  Not after many looks in vain: some
 * devices never report.
 */
static inline bool
reports_are_awaited(const struct reports *reports)
{
	return reports->awaited > 0;
}

/*
 * Take the reports of a socket, which may be of forgotten replies, too.  sent:
 * as in struct service; NULL: nobody wants to know.
 */
void reports_take(struct reports *reports, struct mh_socket *socket,
    void (*sent)(void *state, uint64_t report, int64_t utc_ns), void *state);

/* Whoever knew what the tokens mean is gone. */
void reports_forget(struct reports *reports);

#endif
