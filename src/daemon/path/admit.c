/* SPDX-License-Identifier: ISC */
/*
 * Sharing the send buffer.  What passes the guard in the ordinary way does not
 * get here: see admit_next().
 */
#include "daemon/path/admit.h"

#include "daemon/path/congestion.h"

/*
 * The longest reply to a peer that is not known to exist, unless its request
 * is longer.  No service needs more for a short one.
 */
#define ROOM_TO_WAIT 1024

/* All of them, as one burst can fill the send buffer. */
static void
vote(struct admission *admission)
{
	const struct mh_batch *batch = admission->batch;
	size_t i;

	for (i = 0; i < batch->received_count; i++)
		congestion_vote(&admission->outbox->guess,
		    batch->received[i].if_index, admission->now);
}

/*
 * The send buffer may get more than half full: replies that leave by congested
 * interfaces or wait for a router stay within that half, so that there is
 * always room for others.
 */
void
admit_measure(struct admission *admission)
{
	const struct mh_batch *batch = admission->batch;
	struct outbox *outbox = admission->outbox;
	struct congestion *congestion = outbox->set->congestion;
	size_t room = outbox_measure(outbox);
	/* As if all were like the first one. */
	size_t wanted =
	    batch->received_count * outbox_cost(batch->received->length);

	if (congestion == NULL || room == SIZE_MAX)
		return;
	if (room < wanted)
		admission->room = room;
	/* Ask early, once an eighth is in use: reading takes a moment. */
	if (room >= outbox->quarter / 2 * 3) {
		outbox->guess.since = 0;
		return;
	}
	congestion_ask(congestion, admission->now);
	vote(admission);
}

/*
 * Why the reply may stay in the send buffer for long; PASS: it does not.  This
 * assumes that it leaves where the request came in.
 */
static enum verdict
find_obstacle(struct admission *admission, const struct mh_datagram *request)
{
	const struct outbox *outbox = admission->outbox;
	const struct path_settings *set = outbox->set;

	if (congestion_at(set->congestion, request->if_index, admission->now))
		return DROP_CONGESTED;
	if (set->guard.neighbours != NULL &&
	    neighbours_way_blocked(
		set->guard.neighbours, set->network, request, admission->now))
		return DROP_UNRESOLVED;
	if (congestion_guessed(
		set->congestion, &outbox->guess, request->if_index))
		return DROP_CONGESTED;
	return PASS;
}

/* The reply counts as if it were not shorter than the request. */
static enum verdict
check_room(struct admission *admission, const struct mh_datagram *request)
{
	size_t cost = outbox_cost(request->length);
	enum verdict obstacle = find_obstacle(admission, request);

	if (obstacle == PASS)
		return PASS;
	if (admission->room < cost)
		return obstacle;
	admission->room -= cost;
	return PASS;
}

/* Charge the last reply to an unresolved neighbour with its real length. */
static void
charge(struct admission *admission)
{
	if (admission->aside != 0)
		outbox_charge(admission->outbox, admission->aside,
		    admission->batch->outgoing[admission->slot].length);
	admission->aside = 0;
}

/* The longest reply to such a peer. */
static size_t
room_to_wait(const struct mh_datagram *request)
{
	return request->length > ROOM_TO_WAIT ? request->length : ROOM_TO_WAIT;
}

/*
 * The peer is on one of our own networks, but has no neighbour entry.  If it
 * exists, one of the first replies makes the system resolve it; there is never
 * room for many.
 */
static struct guard_result
check_unresolved(struct admission *admission, const struct mh_datagram *request)
{
	const struct guard *guard = &admission->outbox->set->guard;
	const struct mh_address peer = neighbours_peer(request);
	int64_t now = admission->now;
	size_t room = room_to_wait(request);
	struct guard_result result = { .verdict = DROP_UNRESOLVED };

	if (!neighbours_still_unresolved(guard->neighbours, &peer, now)) {
		admission->last.verdict = PASS;
		return guard_next(guard, request, now, &admission->last);
	}
	charge(admission);
	admission->slot = admission->batch->outgoing_count;
	admission->aside = outbox_set_aside(admission->outbox, room,
	    neighbours_tried(guard->neighbours, &peer, now), now);
	if (admission->aside == 0)
		return result;
	result = guard_unresolved(guard, request, now, &admission->last);
	if (result.verdict != PASS) {
		outbox_give_back(admission->outbox, admission->aside);
		admission->aside = 0;
	}
	if (result.allowance > room)
		result.allowance = room;
	return result;
}

struct guard_result
admit_reconsider(struct admission *admission, const struct mh_datagram *request,
    struct guard_result result)
{
	if (result.verdict == DROP_UNRESOLVED)
		result = check_unresolved(admission, request);
	return result;
}

struct guard_result
admit_sparingly(struct admission *admission, const struct mh_datagram *request)
{
	const struct guard *guard = &admission->outbox->set->guard;
	size_t room = admission->room;
	struct guard_result result = { .verdict = guard_parties(
					   guard, request, &admission->last) };

	if (result.verdict != PASS)
		return admit_reconsider(admission, request, result);
	/* What has no room does not use up the rates, which others share. */
	result.verdict = check_room(admission, request);
	if (result.verdict != PASS)
		return result;
	result = guard_next(guard, request, admission->now, &admission->last);
	if (result.verdict != PASS)
		admission->room = room;
	return result;
}

size_t
admit_allowance_proven(const struct admission *admission,
    const struct mh_datagram *request, size_t allowance)
{
	size_t proven = guard_allowance_proven(allowance);
	size_t room;

	if (admission->last.verdict != DROP_UNRESOLVED)
		return proven;
	room = room_to_wait(request);
	return proven < room ? proven : room;
}

void
admit_withdraw(struct admission *admission)
{
	if (admission->aside == 0 ||
	    admission->slot != admission->batch->outgoing_count)
		return;
	outbox_give_back(admission->outbox, admission->aside);
	admission->aside = 0;
}

enum verdict
admit_elsewhere(
    const struct admission *admission, struct outbox *outbox, size_t length)
{
	if (admission->last.verdict == DROP_UNRESOLVED &&
	    outbox_set_aside(outbox, length, false, admission->now) == 0)
		return DROP_UNRESOLVED;
	return PASS;
}
