/* SPDX-License-Identifier: ISC */
/*
 * The order of the faults: what is dropped needs no other; then what the reply
 * is; then when it leaves, and how often.
 */
#include "daemon/path/inject.h"

#include "common/siphash.h"

#include <string.h>

/* A reply on its way through the faults. */
struct passage {
	const struct path_settings *set;
	struct stats *stats;
	const struct inject_reply *reply;
	struct fault_draw draw;
};

void
inject_follow(struct inject *inject, const struct fault_rules *rules)
{
	static const struct fault_rules none;

	if (rules == NULL)
		rules = &none;
	if (fault_equal(&inject->rules, rules))
		return;
	*inject = (struct inject){ .rules = *rules };
}

/* The count of the request's pair of addresses; ports do not matter. */
static uint32_t *
number_of(struct inject *inject, const struct mh_datagram *request)
{
	static const uint8_t key[16];
	uint8_t data[2 * sizeof(request->peer.ip)];

	memcpy(data, request->peer.ip, sizeof(request->peer.ip));
	memcpy(data + sizeof(request->peer.ip), request->local.ip,
	    sizeof(request->local.ip));
	return &inject
		    ->numbers[siphash(key, data, sizeof(data)) % INJECT_PAIRS];
}

static bool
hits(const struct passage *passage, enum fault_kind kind)
{
	return fault_hits(passage->set->faults, kind, &passage->draw);
}

/* Count it as made, or as impossible; returns good. */
static bool
count(const struct passage *passage, enum fault_kind kind, bool good)
{
	stats_count(passage->stats,
	    (good ? STATS_FAULT : STATS_FAULT_IMPOSSIBLE) + kind, 1);
	return good;
}

/* Only where the address asked would answer: a service may have its reasons. */
static bool
change_source(const struct passage *passage)
{
	const struct inject_reply *reply = passage->reply;
	const struct guard_network *own = &passage->set->guard.own->network;
	struct mh_datagram there = *reply->request, changed = *reply->datagram;

	if (reply->is_elsewhere ||
	    !fault_source(&there.local, own->addresses, own->address_count,
		&reply->request->local))
		return false;
	there.flags &= ~(uint32_t)MH_BOUND;
	if (mh_reply_address(&changed, &there, passage->set->source) != 0)
		return false;
	changed.peer.port = reply->datagram->peer.port;
	*reply->datagram = changed;
	return true;
}

static bool
truncate_reply(const struct passage *passage)
{
	struct mh_datagram *datagram = passage->reply->datagram;
	size_t length = fault_length(passage->set->faults, datagram->length);

	if (length == datagram->length)
		return false;
	datagram->length = length;
	return true;
}

/* A copy for later. */
static bool
hold(const struct passage *passage, int64_t due, bool waits)
{
	const struct inject_reply *reply = passage->reply;

	if (!reply->may_wait ||
	    !outbox_hold(reply->outbox, reply->datagram, due, waits))
		return false;
	if (reply->outbox->stats != passage->stats) {
		stats_count(passage->stats, STATS_HANDED_OVER, 1);
		stats_count(reply->outbox->stats, STATS_TAKEN_OVER, 1);
	}
	return true;
}

/* Until the next one has left; which, if it is hit itself, cannot wait. */
static bool
hold_for_next(const struct passage *passage)
{
	const struct inject_reply *reply = passage->reply;

	return hits(passage, FAULT_REORDER) &&
	    count(passage, FAULT_REORDER,
		!held_waits(reply->outbox->held, &reply->datagram->peer) &&
		    hold(passage, reply->now + INJECT_PATIENCE, true));
}

/* Is it held, for whatever reason?  *due: when it leaves. */
static enum inject_outcome
postpone(const struct passage *passage, int64_t *due, bool *waits)
{
	const struct inject_reply *reply = passage->reply;

	*due = reply->now;
	*waits = hold_for_next(passage);
	if (*waits) {
		*due += INJECT_PATIENCE;
		return INJECT_HELD;
	}
	if (!hits(passage, FAULT_DELAY))
		return INJECT_SEND;
	*due += fault_delay(passage->set->faults, &passage->draw);
	if (count(passage, FAULT_DELAY, hold(passage, *due, false)))
		return INJECT_HELD;
	*due = reply->now;
	return INJECT_SEND;
}

enum inject_outcome
inject_faults(struct inject *inject, const struct path_settings *set,
    struct stats *stats, const struct inject_reply *reply)
{
	const struct passage passage = { set, stats, reply,
		{ ++*number_of(inject, reply->request), set->worker } };
	enum inject_outcome outcome;
	int64_t due;
	bool waits;

	if (hits(&passage, FAULT_DROP)) {
		count(&passage, FAULT_DROP, true);
		return INJECT_DROP;
	}
	if (hits(&passage, FAULT_SOURCE))
		count(&passage, FAULT_SOURCE, change_source(&passage));
	if (hits(&passage, FAULT_TRUNCATE))
		count(&passage, FAULT_TRUNCATE, truncate_reply(&passage));
	outcome = postpone(&passage, &due, &waits);
	if (hits(&passage, FAULT_DUPLICATE))
		count(&passage, FAULT_DUPLICATE, hold(&passage, due, waits));
	/* What waited for this one follows it. */
	if (!waits)
		outbox_release(reply->outbox, &reply->datagram->peer, due);
	return outcome;
}
