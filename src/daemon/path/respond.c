/* SPDX-License-Identifier: ISC */
/*
 * The datagram's way.  Only the order of the steps is decided here: what may
 * pass is guard.c's, what to say the service's, from where to say it and how
 * to send it the library's.
 */
#include "daemon/path/respond.h"

#include "platform/clock.h"

#include <string.h>

static void
drop(struct respond *respond, enum verdict verdict)
{
	stats_drop(&respond->stats, verdict, 1);
}

/* Why a reply could not be sent. */
static enum verdict
verdict_of_error(int error)
{
	switch (error) {
	case MH_EGONE:
	case MH_EADDRESS:
		return DROP_SOURCE_GONE;
	case MH_EUNREACHABLE:
		return DROP_UNREACHABLE;
	case MH_EINVALID:
		return DROP_SOURCE_REFUSED;
	case MH_EPERMISSION:
		return DROP_NOT_PERMITTED;
	case MH_ENOBUFFERS:
	case MH_ENOMEMORY:
		return DROP_NO_BUFFERS;
	case MH_ETOOBIG:
		return DROP_TOO_BIG;
	default:
		return DROP_SEND_FAILED;
	}
}

/* Address a reply of that length; PASS if it is to be sent. */
static enum verdict
fill_reply(struct respond *respond, const struct mh_datagram *request,
    struct mh_datagram *reply, int length, bool own)
{
	enum verdict verdict = PASS;

	reply->length = (size_t)length;
	if (!own)
		verdict = guard_reply(&respond->guard, request, reply->length);
	if (verdict != PASS)
		return verdict;
	if (mh_reply_address(reply, request, respond->rule) != 0)
		return DROP_SOURCE_UNKNOWN;
	return PASS;
}

/* What the service may need to know of this request. */
static void
fill_context(const struct respond *respond, const struct mh_datagram *request,
    struct service_context *context)
{
	unsigned int flags = respond->service->flags;

	if ((flags & SERVICE_ARRIVAL) != 0)
		context->interface =
		    host_network_name(respond->network, request->if_index);
	if ((flags & SERVICE_FLEXIBLE) != 0)
		context->allowed = guard_allowance(&respond->guard, request);
}

static bool
asks(const struct respond_secret *secret, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < RESPOND_ASKERS_MAX; i++)
		if (port == secret->ports[i])
			return port != 0;
	return false;
}

/*
 * Is it this process that asks, to see whether its sockets work?  Then no rule
 * about who may ask counts.
 */
static bool
is_own_question(
    const struct respond *respond, const struct mh_datagram *request)
{
	const struct respond_secret *secret = respond->secret;

	return request->length == sizeof(struct respond_probe) &&
	    secret->asked &&
	    memcmp(request->data, secret->bytes, sizeof(secret->bytes)) == 0 &&
	    asks(secret, request->peer.port) &&
	    (mh_address_class(&request->peer) == MH_CLASS_LOOPBACK ||
		mh_address_compare(&request->peer, &request->local) == 0);
}

/* Say which worker got it. */
static int
answer_own(const struct respond *respond, const struct mh_datagram *request,
    struct mh_datagram *reply)
{
	struct respond_probe probe;

	memcpy(&probe, request->data, sizeof(probe));
	respond_number_set(probe.worker, respond->worker);
	memcpy(reply->data, &probe, sizeof(probe));
	return sizeof(probe);
}

/* The answer's length, or SERVICE_SILENT. */
static int
ask_service(struct respond *respond, const struct mh_datagram *request,
    struct service_context *context, struct mh_datagram *reply)
{
	if (respond->service->flags != 0)
		fill_context(respond, request, context);
	return respond->service->answer(request, context, reply);
}

/* What all datagrams of a batch share. */
struct turn {
	struct service_context context;
	int64_t ticks;
	struct guard_last last;
};

static void
respond_one(struct respond *respond, const struct mh_datagram *request,
    struct turn *turn, struct mh_batch *batch)
{
	bool own = is_own_question(respond, request);
	enum verdict verdict = PASS;
	struct mh_datagram *reply;
	int length;

	if (!own)
		verdict = guard_next(
		    &respond->guard, request, turn->ticks, &turn->last);
	stats_arrival(&respond->stats, request, turn->context.now_ns);
	if (verdict != PASS) {
		drop(respond, verdict);
		return;
	}
	stats_count(&respond->stats, STATS_OWN, own);
	/* There are as many slots for replies as for requests. */
	reply = mh_batch_reserve(batch);
	if (own)
		length = answer_own(respond, request, reply);
	else
		length = ask_service(respond, request, &turn->context, reply);
	if (length < 0) {
		stats_count(&respond->stats, STATS_SILENT, 1);
		batch->reply_count--;
		return;
	}
	verdict = fill_reply(respond, request, reply, length, own);
	if (verdict != PASS) {
		drop(respond, verdict);
		batch->reply_count--;
	}
}

/* Count what became of a reply; false if the socket could not take it now. */
static bool
account(struct respond *respond, const struct mh_datagram *reply)
{
	if (reply->status == MH_EAGAIN)
		return false;
	if (reply->status < 0) {
		drop(respond, verdict_of_error(reply->status));
		return true;
	}
	stats_count(&respond->stats, STATS_ANSWERED, 1);
	stats_count(&respond->stats, STATS_BYTES_OUT, reply->length);
	if (reply->status == MH_SENT_UNPINNED)
		stats_count(&respond->stats, STATS_UNPINNED, 1);
	return true;
}

static void
send_replies(
    struct respond *respond, struct mh_batch *batch, struct mh_socket *socket)
{
	bool behind = !queue_is_empty(respond->queue);
	const struct mh_datagram *reply;
	unsigned int i;

	if (batch->reply_count == 0)
		return;
	/* Replies do not overtake those that wait. */
	if (!behind)
		mh_batch_send(batch, socket, respond->rule);
	for (i = 0; i < batch->reply_count; i++) {
		reply = &batch->replies[i];
		if (!behind && account(respond, reply))
			continue;
		if (!queue_add(respond->queue, reply,
			host_monotonic_ns() + RESPOND_PATIENCE))
			drop(respond, DROP_QUEUE_FULL);
	}
}

void
respond_batch(
    struct respond *respond, struct mh_batch *batch, struct mh_socket *socket)
{
	/* The clocks are read once for all of them. */
	struct turn turn = {
		.context = { .now_ns = host_realtime_ns(),
		    .node = respond->node,
		    .interface = "",
		    .settings = respond->settings },
		.ticks = host_monotonic_ns(),
	};
	unsigned int i;

	for (i = 0; i < batch->received_count; i++)
		respond_one(respond, &batch->received[i], &turn, batch);
	send_replies(respond, batch, socket);
}

bool
respond_flush(
    struct respond *respond, struct mh_batch *batch, struct mh_socket *socket)
{
	struct queue *queue = respond->queue;
	unsigned int i;

	stats_drop(&respond->stats, DROP_QUEUE_EXPIRED,
	    queue_expire(queue, host_monotonic_ns()));
	while (!queue_is_empty(queue)) {
		batch->reply_count = 0;
		queue_fill(queue, batch);
		mh_batch_send(batch, socket, respond->rule);
		for (i = 0; i < batch->reply_count; i++) {
			if (!account(respond, &batch->replies[i]))
				return false;
			queue_pop(queue);
		}
	}
	return true;
}

void
respond_abandon(struct respond *respond)
{
	stats_drop(&respond->stats, DROP_QUEUE_EXPIRED,
	    queue_expire(respond->queue, INT64_MAX));
}
