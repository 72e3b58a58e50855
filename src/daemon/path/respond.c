/* SPDX-License-Identifier: ISC */
/*
 * The datagram's way.  Only the order of the steps is decided here: guard.c
 * decides what may pass, the service what to reply, the library from which
 * address, and outbox.c how it is sent.
 */
#include "daemon/path/respond.h"

#include "daemon/path/ends.h"
#include "platform/clock.h"
#include "platform/network.h"

/* How long the quality of the clock stays valid, in nanoseconds. */
#define QUALITY_LIFE INT64_C(1000000000)

/* What all datagrams of a batch share. */
struct turn {
	struct service_context context;
	struct guard_last last;
	struct ends_choice *ends;
	/* The last reply to an unresolved neighbour: the bytes set aside for
	 * it, 0 once they are charged, and its slot. */
	size_t aside;
	unsigned int slot;
};

/* The largest payload of UDP; over IPv6 without jumbograms. */
#define ROOM_IPV4 65507
#define ROOM_IPV6 65527

/*
 * The longest reply to a peer that is not known to exist, unless its request
 * is longer.  No service needs more for a short one.
 */
#define ROOM_TO_WAIT 1024

/* Those parts of the context that depend on the request. */
static void
fill_context(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn)
{
	const struct path_settings *set = &respond->set;
	unsigned int wants = set->service->wants;

	if ((wants & SERVICE_WANTS_INTERFACE) != 0)
		turn->context.interface =
		    host_network_name(set->network, request->if_index);
	if ((wants & SERVICE_WANTS_ENDS) == 0)
		return;
	ends_choose(set->ends, &respond->outbox, request, turn->ends);
	turn->context.ends = turn->ends->addresses;
}

static enum verdict
verdict_of_outcome(enum service_outcome outcome)
{
	static const enum verdict verdicts[] = {
		[SERVICE_NOT_REQUEST] = DROP_NOT_REQUEST,
		[SERVICE_MALFORMED] = DROP_MALFORMED,
		[SERVICE_NO_SESSION] = DROP_NO_SESSION,
		[SERVICE_NO_SPACE] = DROP_NO_SPACE,
		[SERVICE_NO_ROOM] = DROP_TOO_LONG,
	};

	/* Whatever else it may be: no reply of this service. */
	if ((size_t)outcome >= sizeof(verdicts) / sizeof(verdicts[0]) ||
	    verdicts[outcome] == PASS)
		return DROP_NOT_REQUEST;
	return verdicts[outcome];
}

/* The socket's (-1) where the service has chosen none that exists. */
static int16_t
choice_of(int16_t value, int16_t least)
{
	return value >= least && value <= UINT8_MAX ? value : -1;
}

/* The end that the service chose; NULL if there is none. */
static const struct mh_address *
chosen_end(const struct turn *turn, enum service_end from)
{
	const struct mh_address *ends = turn->context.ends;

	/* Without SERVICE_WANTS_ENDS there is only the one that was asked. */
	if (ends == NULL || from >= SERVICE_ENDS ||
	    ends[from].family == MH_FAMILY_NONE)
		return NULL;
	return &ends[from];
}

/* Address the datagram to leave from another end; 0 or a negative code. */
static int
address_elsewhere(const struct path_settings *set,
    const struct mh_datagram *request, const struct mh_address *from,
    struct mh_datagram *datagram)
{
	struct mh_datagram there = *request;

	if (from == NULL)
		return MH_ESOURCE;
	/* As if the request had been sent there. */
	there.local = *from;
	return mh_reply_address(datagram, &there, set->source);
}

/* Give the slot of the last reply back: it is not sent from here. */
static void
withdraw(struct respond *respond, struct turn *turn, struct mh_batch *batch)
{
	batch->reply_count--;
	if (turn->aside == 0 || turn->slot != batch->reply_count)
		return;
	outbox_give_back(&respond->outbox, turn->aside);
	turn->aside = 0;
}

/* A reply that another of our sockets sends takes up no slot here. */
static enum verdict
hand_over(struct respond *respond, struct turn *turn, struct outbox *outbox,
    const struct mh_datagram *datagram, struct mh_batch *batch)
{
	if (outbox == &respond->outbox)
		return PASS;
	if (turn->last.verdict == DROP_UNRESOLVED &&
	    outbox_set_aside(outbox, datagram->length, false,
		turn->context.now.monotonic_ns) == 0)
		return DROP_UNRESOLVED;
	withdraw(respond, turn, batch);
	stats_count(&respond->stats, STATS_HANDED_OVER, 1);
	outbox_take(outbox, datagram);
	return PASS;
}

/*
 * An IPv4 link-local peer is on the link that its request came from, says the
 * library, which does not know our interfaces.  Not if that link has no such
 * address, or if the peer is this host: routing knows the way to those.
 */
static __attribute__((noinline)) void
choose_interface(const struct path_settings *set, struct mh_datagram *reply)
{
	const struct host_interface *arrival;

	if (set->source->arrival ||
	    (reply->flags & (MH_TO_MULTICAST | MH_VIA_VRF)) != 0 ||
	    reply->peer.family != MH_FAMILY_IPV4)
		return;
	arrival = host_network_interface(set->network, reply->if_index);
	if (arrival == NULL || !arrival->ipv4_link_local ||
	    guard_is_own(set->guard.own, &reply->peer))
		reply->if_index = 0;
}

/* The service's reply as a datagram; PASS if it can be sent. */
static enum verdict
make_datagram(const struct path_settings *set,
    const struct mh_datagram *request, const struct turn *turn,
    const struct service_reply *reply, struct mh_datagram *datagram)
{
	int error;

	datagram->data = reply->data;
	datagram->length = reply->length;
	/* Both are the socket's already. */
	if ((reply->tos & reply->ttl) != -1) {
		datagram->tos = choice_of(reply->tos, 0);
		datagram->ttl = choice_of(reply->ttl, 1);
	}
	if (reply->from == SERVICE_ASKED)
		error = mh_reply_address(datagram, request, set->source);
	else
		error = address_elsewhere(
		    set, request, chosen_end(turn, reply->from), datagram);
	if (datagram->if_index != 0)
		choose_interface(set, datagram);
	return error == 0 ? PASS : DROP_SOURCE_UNKNOWN;
}

/* The longest reply that this peer may have, in bytes of payload. */
static size_t
room_for(const struct mh_datagram *request, size_t allowance)
{
	size_t room =
	    request->peer.family == MH_FAMILY_IPV4 ? ROOM_IPV4 : ROOM_IPV6;

	return allowance < room ? allowance : room;
}

/* Count a reply that needs the bound of the service's protocol. */
static void
count_bound(struct respond *respond, const struct mh_datagram *request,
    const struct turn *turn, size_t length)
{
	if (!turn->last.unbounded &&
	    length > guard_allowance(&respond->set.guard, request))
		stats_count(&respond->stats, STATS_BEYOND, 1);
}

/* Let the service answer a request, with a reply of at most that length. */
static void
serve(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, size_t allowance, struct mh_batch *batch)
{
	const struct service *service = respond->set.service;
	/* There is a reply slot for every request. */
	struct mh_datagram *datagram = mh_batch_reserve(batch);
	const size_t room = room_for(request, allowance);
	struct service_reply reply = { .data = datagram->data,
		.room = room,
		.from = SERVICE_ASKED,
		.tos = -1,
		.ttl = -1 };
	enum service_outcome outcome;
	enum verdict verdict;

	if (service->wants != 0)
		fill_context(respond, request, turn);
	outcome = service->answer(request, &turn->context, &reply);
	/* The service may have written to reply.room. */
	if (outcome == SERVICE_REPLY && reply.length > room)
		verdict = DROP_TOO_LONG;
	else if (outcome == SERVICE_REPLY)
		verdict = make_datagram(
		    &respond->set, request, turn, &reply, datagram);
	else
		verdict = verdict_of_outcome(outcome);
	if (outcome == SERVICE_REPLY && verdict == PASS) {
		if ((service->bound_ipv4 | service->bound_ipv6) != 0)
			count_bound(respond, request, turn, reply.length);
		if (reply.from == SERVICE_ASKED)
			return;
		verdict = hand_over(respond, turn,
		    turn->ends->outboxes[reply.from], datagram, batch);
		if (verdict == PASS)
			return;
	}
	withdraw(respond, turn, batch);
	if (outcome == SERVICE_QUIET)
		stats_count(&respond->stats, STATS_SILENT, 1);
	else
		stats_drop(&respond->stats, verdict, 1);
}

/* This process checks whether the socket works. */
static void
reply_to_selfprobe(struct respond *respond, const struct mh_datagram *request,
    struct mh_batch *batch)
{
	const struct path_settings *set = &respond->set;
	struct mh_datagram *datagram = mh_batch_reserve(batch);

	stats_count(&respond->stats, STATS_OWN, 1);
	selfprobe_reply(datagram, request, set->worker);
	if (mh_reply_address(datagram, request, set->source) == 0)
		return;
	batch->reply_count--;
	stats_drop(&respond->stats, DROP_SOURCE_UNKNOWN, 1);
}

/* Charge the last reply to an unresolved neighbour with its real length. */
static void
charge(struct respond *respond, struct turn *turn, const struct mh_batch *batch)
{
	if (turn->aside != 0)
		outbox_charge(&respond->outbox, turn->aside,
		    batch->replies[turn->slot].length);
	turn->aside = 0;
}

/*
 * The peer is on one of our own networks, but has no neighbour entry.  If it
 * exists, one of the first replies makes the system resolve it; there is never
 * room for many.
 */
static struct guard_result
check_unresolved(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, const struct mh_batch *batch)
{
	const struct guard *guard = &respond->set.guard;
	const struct mh_address peer = neighbours_peer(request);
	int64_t now = turn->context.now.monotonic_ns;
	size_t room =
	    request->length > ROOM_TO_WAIT ? request->length : ROOM_TO_WAIT;
	struct guard_result result = { .verdict = DROP_UNRESOLVED };

	if (!neighbours_still_unresolved(guard->neighbours, &peer, now)) {
		turn->last.verdict = PASS;
		return guard_next(guard, request, now, &turn->last);
	}
	charge(respond, turn, batch);
	turn->slot = batch->reply_count;
	turn->aside = outbox_set_aside(&respond->outbox, room,
	    neighbours_tried(guard->neighbours, &peer, now), now);
	if (turn->aside == 0)
		return result;
	result = guard_unresolved(guard, request, now, &turn->last);
	if (result.verdict != PASS) {
		outbox_give_back(&respond->outbox, turn->aside);
		turn->aside = 0;
	}
	if (result.allowance > room)
		result.allowance = room;
	return result;
}

/*
 * The guard's verdict was a drop: final, unless the peer is unresolved.  A
 * function of its own, so that requests that pass do not pay for it.
 */
static __attribute__((noinline)) struct guard_result
reconsider(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, struct guard_result result, const struct mh_batch *batch)
{
	if (result.verdict == DROP_UNRESOLVED)
		result = check_unresolved(respond, request, turn, batch);
	if (result.verdict != PASS)
		stats_drop(&respond->stats, result.verdict, 1);
	return result;
}

static void
respond_one(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, struct mh_batch *batch)
{
	const struct path_settings *set = &respond->set;
	struct guard_result result;

	if (request->arrived_ns != 0 && turn->context.now.utc_ns == 0)
		turn->context.now.utc_ns = host_realtime_ns();
	stats_arrival(&respond->stats, request, turn->context.now.utc_ns);
	if (selfprobe_is_query(set->secret, request)) {
		reply_to_selfprobe(respond, request, batch);
		return;
	}
	result = guard_next(
	    &set->guard, request, turn->context.now.monotonic_ns, &turn->last);
	if (result.verdict != PASS)
		result = reconsider(respond, request, turn, result, batch);
	if (result.verdict == PASS)
		serve(respond, request, turn, result.allowance, batch);
}

/* The system's view of its clock, read at most once a second. */
static void
refresh_quality(struct respond *respond, int64_t now)
{
	struct host_clock_quality quality;

	if (now < respond->quality_until)
		return;
	host_clock_quality(&quality);
	respond->quality = (struct service_quality){
		.synchronised = quality.synchronised,
		.leap = quality.leap,
		.precision = quality.precision,
		.dispersion_us = quality.dispersion_us,
	};
	respond->quality_until = now + QUALITY_LIFE;
}

/* What the batch shares; each clock is read at most once per batch. */
static void
begin_turn(struct respond *respond, struct turn *turn)
{
	const struct path_settings *set = &respond->set;
	struct service_context *context = &turn->context;

	turn->last.request = NULL;
	turn->aside = 0;
	context->now.utc_ns = (set->service->wants & SERVICE_WANTS_UTC) != 0
	    ? host_realtime_ns()
	    : 0;
	context->now.monotonic_ns = host_monotonic_ns();
	context->settings = set->settings;
	context->prepared = set->prepared;
	context->node = set->node;
	context->interface = "";
	context->ends = NULL;
	context->state = respond->state;
	if ((set->service->wants & SERVICE_WANTS_QUALITY) != 0)
		refresh_quality(respond, context->now.monotonic_ns);
	context->quality = respond->quality;
}

void
respond_batch(struct respond *respond, struct mh_batch *batch)
{
	const struct mh_datagram *request = batch->received;
	const struct mh_datagram *end = request + batch->received_count;
	struct ends_choice ends;
	struct turn turn;

	turn.ends = &ends;
	begin_turn(respond, &turn);
	for (; request < end; request++)
		respond_one(respond, request, &turn, batch);
	outbox_send(&respond->outbox, batch);
}
