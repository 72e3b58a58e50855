/* SPDX-License-Identifier: ISC */
/*
 * Sending: the failure of one reply never affects another.  How a reply was
 * made does not matter here; only the service's depart() is called just before
 * it is sent.
 */
#include "daemon/path/outbox.h"

#include "daemon/path/explain.h"
#include "platform/clock.h"
#include "platform/neighbours.h"

/* Held replies whose time has come, while others are queued: ns. */
#define HELD_AGAIN INT64_C(10000000)

/*
 * The part of the send buffer for unresolved neighbours.  It holds a batch of
 * the usual size, even of full Ethernet frames.
 */
#define SPARE_OF(size) ((size) / 8 * 3)

/*
 * What a reply takes of it.  Linux counts the memory: with the bookkeeping, and
 * rounded up to a power of 2 (SKB_TRUESIZE).
 */
#define SMALL 128
#define SMALL_COST 768
#define FRAME 1472
#define FRAME_COST 2304

size_t
outbox_cost(size_t length)
{
	if (length <= SMALL)
		return SMALL_COST;
	return length <= FRAME ? FRAME_COST : 2 * length;
}

void
outbox_init(struct outbox *outbox, struct mh_socket *socket,
    const struct path_settings *set, struct stats *stats)
{
	*outbox = (struct outbox){
		.set = set,
		.socket = socket,
		.stats = stats,
	};
}

void
outbox_clear(struct outbox *outbox)
{
	mh_queue_free(outbox->queue);
	outbox->queue = NULL;
	held_free(outbox->held);
	outbox->held = NULL;
	reports_free(outbox->reports);
	outbox->reports = NULL;
}

void
outbox_configure(struct outbox *outbox, struct mh_batch *batch,
    const struct service *service)
{
	const struct service *before = outbox->set->service;

	/* With the settings that they were made with. */
	if (service != before || before->depart != NULL)
		outbox_hurry(outbox, batch);
	if (service == before)
		return;
	outbox->foreign = mh_queue_count(outbox->queue);
	outbox_forget_reports(outbox);
}

void
outbox_want_report(
    struct outbox *outbox, struct mh_datagram *reply, uint64_t token)
{
	if ((mh_socket_info(outbox->socket)->can & MH_CAN_SEND_TIME) == 0)
		return;
	if (outbox->reports == NULL)
		outbox->reports = reports_new();
	if (outbox->reports != NULL)
		reports_request(outbox->reports, reply, token);
}

void
outbox_take_reports(struct outbox *outbox, void *state)
{
	const struct service *service = outbox->set->service;

	reports_take(outbox->reports, outbox->socket,
	    state != NULL ? service->sent : NULL, state);
}

void
outbox_forget_reports(struct outbox *outbox)
{
	if (outbox->reports != NULL)
		reports_forget(outbox->reports);
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

/* The system did not send it. */
static void
fail(struct outbox *outbox, const struct mh_datagram *reply,
    enum verdict verdict)
{
	const struct path_settings *set = outbox->set;

	stats_drop(outbox->stats, verdict, 1);
	if (set->memory.drops != NULL)
		explain_note(set->memory.drops, verdict,
		    &(struct drops_entry){ .peer = reply->peer,
			.local = reply->local,
			.service = set->service,
			.last = host_monotonic_ns(),
			.count = 1,
			.reply = (uint32_t)reply->length });
}

/*
 * Count the outcome of a reply, unless the socket could not take it now; out of
 * line, off the fast path.
 */
static __attribute__((noinline)) void
account(struct outbox *outbox, const struct mh_datagram *reply)
{
	struct stats *stats = outbox->stats;

	if (reply->status == MH_EAGAIN)
		return;
	if (reply->status < 0) {
		fail(outbox, reply, verdict_of_error(reply->status));
		return;
	}
	stats_count(stats, STATS_ANSWERED, 1);
	stats_count(stats, STATS_BYTES_OUT, reply->length);
	if (reply->status == MH_SENT_UNPINNED)
		stats_count(stats, STATS_UNPINNED, 1);
	if (reply->status == MH_SENT_BY_ARRIVAL)
		stats_count(stats, STATS_BY_ARRIVAL, 1);
}

/* The service completes a reply, or learns that it was sent. */
static void
show(const struct path_settings *set, const struct service_context *context,
    const struct mh_datagram *outgoing, bool sent)
{
	struct service_reply reply = {
		.data = outgoing->data,
		.room = outgoing->length,
		.length = outgoing->length,
		.tos = outgoing->tos,
		.ttl = outgoing->ttl,
		.note = outgoing->arrived_ns,
	};

	/* Replies to the self-probe are not the service's. */
	if (selfprobe_has_secret(set->secret, outgoing))
		return;
	if (sent)
		set->service->departed(context, &reply);
	else
		set->service->depart(context, &reply);
}

/*
 * Let the service complete the replies from first on, and send all.  Out of
 * line: most services have nothing to complete, and pay nothing.
 */
static __attribute__((noinline)) void
depart(struct outbox *outbox, struct mh_batch *batch, size_t first)
{
	const struct path_settings *set = outbox->set;
	const struct service_context context = {
		.now = { host_realtime_ns(), host_monotonic_ns() },
		.settings = set->settings,
		.prepared = set->prepared,
		.node = set->node,
		.interface = "",
		.counts = &outbox->stats->own,
	};
	const size_t count = batch->outgoing_count;
	size_t i;

	for (i = first; i < count; i++)
		show(set, &context, &batch->outgoing[i], false);
	mh_batch_send(batch, outbox->socket, set->source);
	if (set->service->departed == NULL)
		return;
	for (i = first; i < count; i++)
		if (batch->outgoing[i].status >= MH_SENT)
			show(set, &context, &batch->outgoing[i], true);
}

static inline void
send_batch(struct outbox *outbox, struct mh_batch *batch, size_t first)
{
	if (outbox->set->service->depart != NULL)
		depart(outbox, batch, first);
	else
		mh_batch_send(batch, outbox->socket, outbox->set->source);
}

/*
 * The queue for what is about to be added to it; NULL: out of memory.  Few
 * sockets are ever full, and the others do not have a queue at all.
 */
static struct mh_queue *
queue_of(struct outbox *outbox)
{
	if (outbox->queue == NULL)
		outbox->queue = mh_queue_new(OUTBOX_QUEUE_SIZE);
	return outbox->queue;
}

/* These could not be queued. */
static void
lose(struct outbox *outbox, unsigned int count)
{
	stats_drop(outbox->stats,
	    outbox->queue != NULL ? DROP_QUEUE_FULL : DROP_NO_BUFFERS, count);
}

/* Queue what the batch has not sent, as far as there is room. */
static __attribute__((noinline)) void
keep(struct outbox *outbox, struct mh_batch *batch)
{
	/* What has to wait is not reported on. */
	if (outbox->reports != NULL)
		reports_finish(outbox->reports);
	lose(outbox,
	    mh_queue_keep(
		queue_of(outbox), batch, host_monotonic_ns() + OUTBOX_TIMEOUT));
}

void
outbox_send(struct outbox *outbox, struct mh_batch *batch)
{
	const struct mh_datagram *reply = batch->outgoing;
	const struct mh_datagram *end = reply + batch->outgoing_count;
	uint64_t sent = 0, bytes = 0;

	if (reply == end)
		return;
	/* Replies do not overtake queued ones. */
	if (outbox_has_queued(outbox)) {
		keep(outbox, batch);
		return;
	}
	send_batch(outbox, batch, 0);
	for (; reply < end; reply++) {
		if (reply->status == MH_SENT) {
			sent++;
			bytes += reply->length;
		} else {
			account(outbox, reply);
		}
	}
	if (batch->wants_writable)
		keep(outbox, batch);
	else if (outbox->reports != NULL)
		reports_finish(outbox->reports);
	outbox->in_use += sent * SMALL_COST + bytes;
	/* All that were sent as intended are counted at once. */
	stats_count(outbox->stats, STATS_ANSWERED, sent);
	stats_count(outbox->stats, STATS_BYTES_OUT, bytes);
}

size_t
outbox_measure(struct outbox *outbox)
{
	size_t size, used;

	if (!host_send_buffer(mh_socket_handle(outbox->socket), &size, &used)) {
		outbox->quarter = SIZE_MAX;
		return SIZE_MAX;
	}
	outbox->in_use = used;
	outbox->quarter = size / 4;
	return used < size / 2 ? size / 2 - used : 0;
}

size_t
outbox_set_aside(
    struct outbox *outbox, size_t length, bool in_vain, int64_t now)
{
	size_t size, used, cost = outbox_cost(length);

	/* Once a batch; and what is queued is not in the system's count. */
	if (outbox->spare_at != now && !outbox_has_queued(outbox)) {
		outbox->spare_at = now;
		if (!host_send_buffer(
			mh_socket_handle(outbox->socket), &size, &used)) {
			size = SIZE_MAX;
			used = 0;
		}
		outbox->spare =
		    used < SPARE_OF(size) ? SPARE_OF(size) - used : 0;
		outbox->kept = SPARE_OF(size) / 2;
	}
	if (cost + (in_vain ? outbox->kept : 0) > outbox->spare)
		return 0;
	outbox->spare -= cost;
	return cost;
}

void
outbox_give_back(struct outbox *outbox, size_t aside)
{
	outbox->spare += aside;
}

void
outbox_charge(struct outbox *outbox, size_t aside, size_t length)
{
	size_t cost = outbox_cost(length);

	if (cost < aside)
		outbox_give_back(outbox, aside - cost);
}

void
outbox_take(struct outbox *outbox, const struct mh_datagram *reply)
{
	stats_count(outbox->stats, STATS_TAKEN_OVER, 1);
	outbox->taken = true;
	if (mh_queue_add(queue_of(outbox), reply,
		host_monotonic_ns() + OUTBOX_TIMEOUT) != 0)
		lose(outbox, 1);
}

bool
outbox_hold(struct outbox *outbox, const struct mh_datagram *reply, int64_t due,
    bool waits)
{
	if (outbox->held == NULL)
		outbox->held = held_new();
	if (!held_add(outbox->held, reply, due, waits))
		return false;
	outbox->wake(outbox->owner, held_due(outbox->held));
	return true;
}

void
outbox_release(
    struct outbox *outbox, const struct mh_address *peer, int64_t due)
{
	if (held_release(outbox->held, peer, due))
		outbox->wake(outbox->owner, held_due(outbox->held));
}

int64_t
outbox_send_held(struct outbox *outbox, struct mh_batch *batch, int64_t now)
{
	int64_t due;

	while (!outbox_has_queued(outbox) &&
	    held_take(outbox->held, batch, now) > 0)
		outbox_send(outbox, batch);
	due = held_due(outbox->held);
	return due > now ? due : now + HELD_AGAIN;
}

void
outbox_send_taken(struct outbox *outbox, struct mh_batch *batch, int64_t now)
{
	if (!outbox->taken)
		return;
	outbox->taken = !outbox_flush(outbox, batch);
	outbox_send_held(outbox, batch, now);
}

void
outbox_hurry(struct outbox *outbox, struct mh_batch *batch)
{
	while (held_take(outbox->held, batch, HELD_NEVER) > 0)
		outbox_send(outbox, batch);
}

/* The oldest has left the queue. */
static void
forget(struct outbox *outbox, size_t count)
{
	outbox->foreign -= outbox->foreign < count ? outbox->foreign : count;
}

static void
expire(struct outbox *outbox, int64_t now)
{
	unsigned int expired = mh_queue_expire(outbox->queue, now);

	stats_drop(outbox->stats, DROP_QUEUE_EXPIRED, expired);
	forget(outbox, expired);
}

bool
outbox_flush(struct outbox *outbox, struct mh_batch *batch)
{
	unsigned int i;

	outbox->taken = false;
	expire(outbox, host_monotonic_ns());
	while (mh_queue_fill(outbox->queue, batch) > 0) {
		send_batch(outbox, batch, outbox->foreign);
		for (i = 0; i < batch->finished_count; i++)
			account(outbox, &batch->outgoing[i]);
		forget(outbox, mh_queue_finish(outbox->queue, batch));
		if (batch->wants_writable)
			return false;
	}
	return true;
}

void
outbox_abandon(struct outbox *outbox)
{
	expire(outbox, INT64_MAX);
}
