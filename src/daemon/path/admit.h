/* SPDX-License-Identifier: ISC */
/*
 * May a request be answered?  If the guard says so, and if its reply leaves
 * others their part of the send buffer, which all peers of a socket share: the
 * system keeps a reply there until it has left, which can take seconds when the
 * peer is a neighbour that does not exist, or is reached by a router that does
 * not, or by a congested interface.
 */
#ifndef DAEMON_PATH_ADMIT_H
#define DAEMON_PATH_ADMIT_H

#include "daemon/path/guard.h"
#include "daemon/path/outbox.h"

/* The state for the requests of one batch. */
struct admission {
	struct outbox *outbox;
	const struct mh_batch *batch;
	int64_t now;
	struct guard_last last;
	/* The last reply to an unresolved neighbour: the bytes set aside for
	 * it, 0 once they are charged, and its slot. */
	size_t aside;
	unsigned int slot;
	/* What replies that leave by congested interfaces, or wait for their
	 * next hop, may still take of the send buffer; SIZE_MAX: there is
	 * plenty. */
	size_t room;
};

/* For admit_begin(): the send buffer may be filling up. */
void admit_measure(struct admission *admission);

/* For admit_next(): the send buffer is filling up. */
struct guard_result admit_sparingly(
    struct admission *admission, const struct mh_datagram *request);

/* For admit_next(): it does not simply pass. */
struct guard_result admit_reconsider(struct admission *admission,
    const struct mh_datagram *request, struct guard_result result);

/*
 * The allowance of the last request, which passed with that one, if the service
 * finds its peer proven.
 */
size_t admit_allowance_proven(const struct admission *admission,
    const struct mh_datagram *request, size_t allowance);

/* The last reply has been taken out of the batch again. */
void admit_withdraw(struct admission *admission);

/*
 * May the last reply, of that length, be sent by the outbox of another of our
 * sockets instead?
 */
enum verdict admit_elsewhere(
    const struct admission *admission, struct outbox *outbox, size_t length);

/*
 * A batch has been received on the socket of that outbox.  now:
 * host_monotonic_ns().
 */
static inline void
admit_begin(struct admission *admission, struct outbox *outbox,
    const struct mh_batch *batch, int64_t now)
{
	admission->outbox = outbox;
	admission->batch = batch;
	admission->now = now;
	admission->last.request = NULL;
	admission->aside = 0;
	admission->room = SIZE_MAX;
	if (outbox_may_fill(outbox))
		admit_measure(admission);
}

/*
 * The next request of the batch: the verdict, and how long the reply may be.
 * When it passes, its reply must be in the batch before the next call, if there
 * is one.
 */
static inline struct guard_result
admit_next(struct admission *admission, const struct mh_datagram *request)
{
	struct guard_result result;

	if (admission->room != SIZE_MAX)
		return admit_sparingly(admission, request);
	result = guard_next(&admission->outbox->set->guard, request,
	    admission->now, &admission->last);
	if (result.verdict == PASS)
		return result;
	return admit_reconsider(admission, request, result);
}

#endif
