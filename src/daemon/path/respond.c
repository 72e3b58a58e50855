/* SPDX-License-Identifier: ISC */
/*
 * The datagram's way.  Only the order of the steps is decided here: admit.c
 * decides what may pass, the service what to reply, the library from which
 * address, and outbox.c how it is sent.
 */
#include "daemon/path/respond.h"

#include "daemon/path/admit.h"
#include "daemon/path/compose.h"
#include "daemon/path/ends.h"
#include "daemon/path/explain.h"
#include "platform/clock.h"
#include "platform/network.h"

/* What all datagrams of a batch share. */
struct turn {
	int64_t longest; /* that a datagram can have waited; -1: not known */
	struct service_context context;
	struct admission admission;
	/* Of the request, for a service that wants it. */
	struct ends_choice ends;           /* SERVICE_WANTS_ENDS */
	const struct mh_datagram *ends_of; /* whose those are; NULL: none yet */
	size_t room_proven; /* SERVICE_WANTS_ROOM_PROVEN; otherwise 0 */
	bool is_logged;     /* the request is one for the packet log */
};

/* The largest payload of UDP; over IPv6 without jumbograms. */
#define ROOM_IPV4 65507
#define ROOM_IPV6 65527

/* The longest reply that this peer may have, in bytes of payload. */
static size_t
room_for(const struct mh_datagram *request, size_t allowance)
{
	size_t room =
	    request->peer.family == MH_FAMILY_IPV4 ? ROOM_IPV4 : ROOM_IPV6;

	return allowance < room ? allowance : room;
}

/* What the service wants to know of this request; allowance: its peer's. */
static void
fill_context(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, size_t allowance)
{
	const struct path_settings *set = &respond->set;
	unsigned int wants = set->service->wants;

	if ((wants & SERVICE_WANTS_ROOM_PROVEN) != 0)
		turn->room_proven = room_for(request,
		    admit_allowance_proven(
			&turn->admission, request, allowance));
	if ((wants & SERVICE_WANTS_INTERFACE) != 0)
		turn->context.interface =
		    host_network_name(set->network, request->if_index);
	if ((wants & SERVICE_WANTS_ENDS) == 0)
		return;
	if (turn->ends_of == NULL || !ends_are_same(turn->ends_of, request))
		ends_choose(set->ends, &respond->outbox, request, &turn->ends);
	turn->ends_of = request;
	turn->context.ends = turn->ends.addresses;
	turn->context.closed_ports = set->guard.own->watched.bits;
}

static enum verdict
verdict_of_outcome(enum service_outcome outcome)
{
	static const enum verdict verdicts[] = {
		[SERVICE_NOT_REQUEST] = DROP_NOT_REQUEST,
		[SERVICE_MALFORMED] = DROP_MALFORMED,
		[SERVICE_NO_SESSION] = DROP_NO_SESSION,
		[SERVICE_NO_SPACE] = DROP_NO_SPACE,
		[SERVICE_NOT_AUTHENTIC] = DROP_NOT_AUTHENTIC,
		[SERVICE_NO_ROOM] = DROP_TOO_LONG,
	};

	/* Whatever else it may be: no reply of this service. */
	if ((size_t)outcome >= sizeof(verdicts) / sizeof(verdicts[0]) ||
	    verdicts[outcome] == PASS)
		return DROP_NOT_REQUEST;
	return verdicts[outcome];
}

/* Write what became of it to the packet log. */
static __attribute__((noinline)) void
log_packet(struct respond *respond, const struct mh_datagram *request,
    const struct packets_entry *what)
{
	const struct path_settings *set = &respond->set;
	struct packets_entry entry = *what;

	entry.request = request;
	entry.service = set->service;
	entry.name = set->name;
	entry.interface = host_network_name(set->network, request->if_index);
	packets_log(&respond->packets, &set->packets, &entry);
}

/* The same, of a request that has this reply. */
static void
log_reply(struct respond *respond, const struct mh_datagram *request,
    enum packets_outcome outcome, const struct mh_datagram *reply)
{
	const uint16_t port = reply->peer.port;

	log_packet(respond, request,
	    &(struct packets_entry){ .outcome = outcome,
		.reply = reply->length,
		.from = reply->local,
		.to_port = port != request->peer.port ? port : 0 });
}

/* Count it; and remember whose it was, if somebody may ask. */
static void
drop(struct respond *respond, const struct mh_datagram *request,
    const struct turn *turn, enum verdict verdict, size_t length)
{
	stats_drop(&respond->stats, verdict, 1);
	if (respond->set.memory.drops != NULL)
		explain_note(respond->set.memory.drops, verdict,
		    &(struct drops_entry){ .peer = request->peer,
			.local = request->local,
			.service = respond->set.service,
			.last = turn->context.now.monotonic_ns,
			.count = 1,
			.request = (uint32_t)request->length,
			.reply = (uint32_t)length });
	if (turn->is_logged)
		log_packet(respond, request,
		    &(struct packets_entry){ .outcome = PACKETS_DROPPED,
			.verdict = verdict,
			.reply = length });
}

/* Give the slot of the last reply back: it is not sent from here. */
static void
withdraw(
    struct turn *turn, struct mh_batch *batch, struct mh_datagram *datagram)
{
	mh_batch_release(batch, datagram);
	admit_withdraw(&turn->admission);
}

/* A reply that another of our sockets sends takes up no slot here. */
static enum verdict
hand_over(struct respond *respond, struct turn *turn, struct outbox *outbox,
    struct mh_datagram *datagram, struct mh_batch *batch)
{
	enum verdict verdict;

	if (outbox == &respond->outbox)
		return PASS;
	verdict = admit_elsewhere(&turn->admission, outbox, datagram->length);
	if (verdict != PASS)
		return verdict;
	stats_count(&respond->stats, STATS_HANDED_OVER, 1);
	outbox_take(outbox, datagram);
	withdraw(turn, batch, datagram);
	return PASS;
}

/* Count a reply that needs the bound of the service's protocol. */
static void
count_bound(struct respond *respond, const struct mh_datagram *request,
    const struct turn *turn, size_t length)
{
	if (!turn->admission.last.unbounded &&
	    length > guard_allowance(&respond->set.guard, request))
		stats_count(&respond->stats, STATS_BEYOND, 1);
}

/* The reply to a peer in trust, if faults are made. */
static enum inject_outcome
inject(struct respond *respond, const struct mh_datagram *request,
    const struct turn *turn, const struct service_reply *reply,
    struct mh_datagram *datagram)
{
	const bool is_elsewhere = reply->from != SERVICE_ASKED &&
	    turn->ends.outboxes[reply->from] != &respond->outbox;
	const struct inject_reply about = {
		.request = request,
		.datagram = datagram,
		.outbox = is_elsewhere ? turn->ends.outboxes[reply->from]
				       : &respond->outbox,
		.is_elsewhere = reply->from != SERVICE_ASKED,
		.may_wait = turn->admission.last.verdict != DROP_UNRESOLVED,
		.now = turn->context.now.monotonic_ns,
	};

	return inject_faults(
	    &respond->inject, &respond->set, &respond->stats, &about);
}

/*
 * What few services and configurations want to do with a reply that can be
 * sent; out of line, off the usual path.
 */
static __attribute__((noinline)) enum inject_outcome
examine(struct respond *respond, const struct mh_datagram *request,
    const struct turn *turn, const struct service_reply *reply,
    struct mh_datagram *datagram)
{
	const struct service *service = respond->set.service;
	enum inject_outcome outcome = INJECT_SEND;

	if (respond->set.faults != NULL && turn->admission.last.trusted)
		outcome = inject(respond, request, turn, reply, datagram);
	if (outcome == INJECT_DROP)
		drop(respond, request, turn, DROP_FAULT, reply->length);
	else if (outcome == INJECT_HELD && turn->is_logged)
		log_reply(respond, request, PACKETS_HELD, datagram);
	if (outcome != INJECT_DROP &&
	    (service->bound_ipv4 | service->bound_ipv6) != 0 && !reply->proven)
		count_bound(respond, request, turn, reply->length);
	return outcome;
}

/* Send the reply from the end that the service chose. */
static enum verdict
send_reply(struct respond *respond, struct turn *turn,
    const struct service_reply *reply, struct mh_datagram *datagram,
    struct mh_batch *batch)
{
	if (reply->from != SERVICE_ASKED)
		return hand_over(respond, turn,
		    turn->ends.outboxes[reply->from], datagram, batch);
	if (reply->report != 0)
		outbox_want_report(&respond->outbox, datagram, reply->report);
	return PASS;
}

/* Is a reply that is longer than its room too long for a proven peer, too? */
static bool
is_beyond_proven(const struct turn *turn, const struct service_reply *reply)
{
	return !reply->proven || reply->length > turn->room_proven;
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
		.tos = respond->set.copy_dscp ? COMPOSE_TOS_OF_REQUEST : -1,
		.ttl = -1 };
	enum service_outcome outcome;
	enum verdict verdict;

	if (service->wants != 0) {
		fill_context(respond, request, turn, allowance);
		reply.room_proven = turn->room_proven;
	}
	outcome = service->answer(request, &turn->context, &reply);
	/* The service may have written to reply.room. */
	if (outcome == SERVICE_REPLY && reply.length > room &&
	    is_beyond_proven(turn, &reply))
		verdict = DROP_TOO_LONG;
	else if (outcome == SERVICE_REPLY)
		verdict = compose_reply(&respond->set, request,
		    turn->context.ends, &reply, datagram);
	else
		verdict = verdict_of_outcome(outcome);
	if (outcome == SERVICE_REPLY && verdict == PASS) {
		if (respond->set.examines &&
		    examine(respond, request, turn, &reply, datagram) !=
			INJECT_SEND) {
			withdraw(turn, batch, datagram);
			return;
		}
		verdict = send_reply(respond, turn, &reply, datagram, batch);
		if (verdict == PASS) {
			if (turn->is_logged)
				/* Released or not, it is what it was. */
				log_reply(respond, request, PACKETS_REPLIED,
				    datagram);
			return;
		}
	}
	withdraw(turn, batch, datagram);
	if (outcome == SERVICE_QUIET) {
		stats_count(&respond->stats, STATS_SILENT, 1);
		if (turn->is_logged)
			log_packet(respond, request,
			    &(struct packets_entry){
				.outcome = PACKETS_SILENT });
	} else
		drop(respond, request, turn, verdict, reply.length);
}

/* This process checks whether the socket works. */
static void
reply_to_selfprobe(struct respond *respond, const struct mh_datagram *request,
    struct mh_batch *batch)
{
	const struct path_settings *set = &respond->set;
	struct mh_datagram *datagram = mh_batch_reserve(batch);

	stats_selfprobe(&respond->stats, &request->local);
	selfprobe_reply(datagram, request, set->worker);
	if (mh_reply_address(datagram, request, set->source) == 0)
		return;
	mh_batch_release(batch, datagram);
	stats_drop(&respond->stats, DROP_SOURCE_UNKNOWN, 1);
}

static void
respond_one(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, struct mh_batch *batch)
{
	const struct path_settings *set = &respond->set;
	struct guard_result result;

	if (request->arrived_ns != 0 && turn->longest < 0)
		turn->longest =
		    timing_longest(&respond->timing, &turn->context.now);
	stats_arrival(
	    &respond->stats, request, turn->context.now.utc_ns, turn->longest);
	if (selfprobe_is_query(set->secret, request)) {
		reply_to_selfprobe(respond, request, batch);
		return;
	}
	turn->is_logged = set->packets.format != PACKETS_NONE &&
	    packets_choose(set->memory.packets, &respond->packets,
		&set->packets, turn->context.now.monotonic_ns);
	result = admit_next(&turn->admission, request);
	if (result.verdict == PASS)
		serve(respond, request, turn, result.allowance, batch);
	else
		drop(respond, request, turn, result.verdict, 0);
}

/* What the batch shares; each clock is read at most once per batch. */
static void
begin_turn(struct respond *respond, struct turn *turn)
{
	const struct path_settings *set = &respond->set;
	struct service_context *context = &turn->context;

	turn->longest = -1;
	turn->ends_of = NULL;
	turn->room_proven = 0;
	context->now.utc_ns = (set->service->wants & SERVICE_WANTS_UTC) != 0
	    ? host_realtime_ns()
	    : 0;
	context->now.monotonic_ns = host_monotonic_ns();
	context->settings = set->settings;
	context->prepared = set->prepared;
	context->seed = set->guard.policy->seed;
	context->node = set->node;
	context->interface = "";
	context->ends = NULL;
	context->closed_ports = NULL;
	context->state = respond->state;
	context->marked = set->guard.policy->mark_replies;
	context->counts = &respond->stats.own;
	if ((set->service->wants & SERVICE_WANTS_QUALITY) != 0)
		timing_refresh(&respond->timing, context->now.monotonic_ns);
	context->quality = respond->timing.quality;
}

/* One peer of the batch, not always the first; but not this process itself. */
static __attribute__((noinline)) void
sample(struct respond *respond, const struct mh_batch *batch, int64_t now)
{
	const uint64_t received = stats_get(&respond->stats, STATS_RECEIVED);
	const struct mh_datagram *request =
	    &batch->received[received % batch->received_count];

	if (!selfprobe_is_query(respond->set.secret, request))
		top_sample(respond->set.memory.top, &respond->sampling,
		    &request->peer,
		    received - stats_get(&respond->stats, STATS_OWN), now);
}

/* Answer these, which are of the batch; returns the time, monotonic. */
static inline int64_t
answer(struct respond *respond, const struct mh_datagram *request,
    const struct mh_datagram *end, struct mh_batch *batch)
{
	struct turn turn;

	begin_turn(respond, &turn);
	admit_begin(&turn.admission, &respond->outbox, batch,
	    turn.context.now.monotonic_ns);
	for (; request < end; request++)
		respond_one(respond, request, &turn, batch);
	outbox_send(&respond->outbox, batch);
	return turn.context.now.monotonic_ns;
}

/*
 * With faults each by itself: a copy leaves right after its original, and what
 * waited for a reply right after that one, also if requests have piled up.
 */
static __attribute__((noinline)) int64_t
answer_singly(struct respond *respond, struct mh_batch *batch)
{
	const struct mh_datagram *request = batch->received;
	const struct mh_datagram *end = request + batch->received_count;
	int64_t now = 0;

	for (; request < end; request++) {
		now = answer(respond, request, request + 1, batch);
		outbox_send_held(&respond->outbox, batch, now);
		if (respond->set.ends != NULL)
			ends_send_taken(respond->set.ends, batch, now);
	}
	return now;
}

void
respond_batch(struct respond *respond, struct mh_batch *batch)
{
	int64_t now;

	if (respond->set.faults != NULL)
		now = answer_singly(respond, batch);
	else
		now = answer(respond, batch->received,
		    batch->received + batch->received_count, batch);
	if (respond->set.memory.top != NULL && now >= respond->sampling.next)
		sample(respond, batch, now);
}
