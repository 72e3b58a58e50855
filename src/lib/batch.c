/* SPDX-License-Identifier: ISC */
/*
 * Batches: one allocation for the slots of a thread; receive into it, send
 * from it.  Sending is where errors are told apart: the failure of one reply
 * must never cost another reply its turn.
 */
#include "lib/batch.h"

#include "lib/reply.h"
#include "lib/socket.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX 1024
#define CACHE_LINE 64

/* That many bytes on cache lines of their own. */
#define ROUND_UP(size) (((size) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE)

/* The most sources that one mh_batch_send() looks up, with system calls. */
#define LOOKUPS_MAX 32

struct memory {
	struct mh_batch batch;
	struct mh__arrival *arrivals;
	void *scratch;
	uint8_t *send_data; /* NULL: the caller has memory to send from */
	size_t send_stride;
};

static struct memory *
memory_of(struct mh_batch *batch)
{
	return (struct memory *)batch; /* its first member */
}

/* Take size bytes off the front of the free memory, on their own lines. */
static void *
carve(uint8_t **free, size_t size)
{
	void *piece = *free;

	*free += ROUND_UP(size);
	return piece;
}

/*
 * The distance between the data of slots.  The extra cache lines keep the first
 * bytes of all from competing for the same set of the processor's caches.
 */
static size_t
stride_of(size_t size)
{
	return size == 0 ? 0 : ROUND_UP(size) + 3 * CACHE_LINE;
}

struct mh_batch *
mh_batch_new(unsigned int slots)
{
	return mh_batch_new_sized(slots, MH_SLOT_SIZE, MH_SLOT_SIZE);
}

struct mh_batch *
mh_batch_new_sized(unsigned int slots, size_t receive_size, size_t send_size)
{
	const size_t stride = stride_of(receive_size);
	size_t scratch, total;
	struct memory *memory;
	struct mh_batch *batch;
	uint8_t *free, *received_data;
	unsigned int i;

	if (slots == 0 || slots > SLOTS_MAX || receive_size == 0 ||
	    receive_size > MH_SLOT_SIZE || send_size > MH_SLOT_SIZE)
		return NULL;
	scratch = mh__udp_scratch_size(slots);
	total = sizeof(*memory) + scratch +
	    slots *
		(2 * sizeof(struct mh_datagram) + stride +
		    stride_of(send_size)) +
	    slots * sizeof(struct mh__arrival) + 8 * CACHE_LINE;
	/* Zeroed pages take no memory until they are touched. */
	memory = calloc(1, total);
	if (memory == NULL)
		return NULL;
	free = (uint8_t *)memory;
	carve(&free, sizeof(*memory));
	batch = &memory->batch;
	batch->slots = slots;
	batch->receive_size = receive_size;
	batch->send_size = send_size;
	batch->received = carve(&free, slots * sizeof(*batch->received));
	batch->outgoing = carve(&free, slots * sizeof(*batch->outgoing));
	memory->arrivals = carve(&free, slots * sizeof(*memory->arrivals));
	memory->scratch = carve(&free, scratch);
	received_data = carve(&free, slots * stride);
	for (i = 0; i < slots; i++)
		batch->received[i].data = received_data + i * stride;
	memory->send_stride = stride_of(send_size);
	if (send_size > 0)
		memory->send_data = carve(&free, slots * memory->send_stride);
	mh__udp_scratch_init(
	    memory->scratch, slots, batch->received, receive_size);
	return batch;
}

void
mh_batch_free(struct mh_batch *batch)
{
	free(batch);
}

int
mh_batch_receive(struct mh_batch *batch, struct mh_socket *socket)
{
	struct memory *memory = memory_of(batch);
	int i, n;

	batch->received_count = 0;
	/* Both are neighbours, and cleared at once. */
	batch->outgoing_count = batch->finished_count = 0;
	n = mh__udp_receive(&socket->udp, memory->scratch, batch->received,
	    memory->arrivals, batch->slots);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++)
		mh__reply_local(
		    &batch->received[i], &memory->arrivals[i], &socket->udp);
	batch->received_count = (unsigned int)n;
	return n;
}

struct mh_datagram *
mh_batch_reserve(struct mh_batch *batch)
{
	const struct memory *memory = memory_of(batch);
	struct mh_datagram *reply;

	if (batch->outgoing_count == batch->slots)
		return NULL;
	reply = &batch->outgoing[batch->outgoing_count];
	/* In pieces: compilers clear a whole struct with a slow instruction. */
	memset(reply, 0, offsetof(struct mh_datagram, ttl));
	reply->ttl = reply->tos = -1;
	reply->segment = 0;
	reply->report_sent = false;
	reply->reserved8 = 0;
	memset(&reply->status, 0,
	    offsetof(struct mh_datagram, arrived_ns) -
		offsetof(struct mh_datagram, status));
	/* As numbers: to NULL not even 0 may be added. */
	reply->data = (void *)((uintptr_t)memory->send_data +
	    batch->outgoing_count * memory->send_stride);
	reply->length = 0;
	batch->outgoing_count++;
	return reply;
}

void
mh_batch_release(struct mh_batch *batch, struct mh_datagram *datagram)
{
	if (datagram + 1 == batch->outgoing + batch->outgoing_count) {
		batch->outgoing_count--;
		return;
	}
	/* The others stay where they are: refusal() keeps it back. */
	datagram->peer.family = MH_FAMILY_NONE;
	datagram->status = MH_RELEASED;
}

void
mh_batch_clear(struct mh_batch *batch)
{
	batch->outgoing_count = 0;
}

/* Out of line, off the usual path. */
static __attribute__((noinline)) int
refusal_without_peer(const struct mh_datagram *reply)
{
	return mh__batch_is_released(reply) ? MH_RELEASED : MH_EINVALID;
}

/* Why this reply must not reach the socket; 0 if it may. */
static int
refusal(const struct mh__udp *udp, const struct mh_datagram *reply)
{
	unsigned int family = reply->peer.family;

	if (family == MH_FAMILY_NONE || reply->peer.port == 0)
		return refusal_without_peer(reply);
	if (family != udp->family &&
	    !(family == MH_FAMILY_IPV4 && udp->dual_stack))
		return MH_EFAMILY;
	/* In this order, as the usual case is that they are the same. */
	if (reply->local.family != family &&
	    reply->local.family != MH_FAMILY_NONE)
		return MH_EFAMILY;
	return 0;
}

/* A source that was looked up, and the result. */
struct lookup {
	struct mh_address source;
	uint32_t if_index; /* the interface of its VRF; 0: none */
	bool local;
};

/* One mh_batch_send() in progress. */
struct sending {
	struct mh_batch *batch;
	struct mh__udp *udp;
	bool relaxed;           /* of the policy */
	unsigned int can;       /* of the socket: MH_CAN_* */
	struct lookup *lookups; /* LOOKUPS_MAX of them */
	unsigned int lookup_count;
};

/* Send this reply, possibly modified, by itself. */
static int
send_one(struct sending *sending, struct mh_datagram *reply)
{
	int n = mh__udp_send(
	    sending->udp, memory_of(sending->batch)->scratch, reply, 1);

	reply->system_code = sending->udp->system_code;
	return n;
}

/* Send it as changed. */
static int
send_changed(struct sending *sending, struct mh_datagram *reply,
    struct mh_datagram *changed)
{
	int n = send_one(sending, changed);

	reply->sent_id = changed->sent_id;
	reply->system_code = changed->system_code;
	return n;
}

/* Is that address one of ours?  Once we have asked enough, it counts as one. */
static bool
is_ours(
    struct sending *sending, const struct mh_address *source, uint32_t if_index)
{
	struct lookup *lookup = sending->lookups;
	const struct lookup *end = lookup + sending->lookup_count;

	for (; lookup < end; lookup++)
		if (lookup->if_index == if_index &&
		    mh_address_compare(&lookup->source, source) == 0)
			return lookup->local;
	if (sending->lookup_count == LOOKUPS_MAX)
		return true;
	*lookup = (struct lookup){ *source, if_index,
		mh__udp_is_local(source, if_index) };
	sending->lookup_count++;
	return lookup->local;
}

/* Is the source that was refused still one of ours? */
static bool
source_is_gone(struct sending *sending, const struct mh_datagram *reply)
{
	const struct mh_address *source = &reply->local;

	if (source->family == MH_FAMILY_NONE)
		source = &sending->udp->bound;
	switch (mh_address_class(source)) {
	case MH_CLASS_NONE:
	case MH_CLASS_THIS_NETWORK:
	case MH_CLASS_UNSPECIFIED:
		return false;
	case MH_CLASS_MULTICAST:
	case MH_CLASS_BROADCAST:
		return true;
	default:
		return !is_ours(sending, source,
		    (reply->flags & MH_VIA_VRF) != 0 ? reply->if_index : 0);
	}
}

/* The source was refused: it may be ours by a route, see lib/socket.h. */
static int
send_from_prefix(struct sending *sending, struct mh_datagram *reply)
{
	int sent;

	if (!mh__may_be_of_prefix(&reply->local) || sending->udp->freebind ||
	    source_is_gone(sending, reply) ||
	    mh__udp_set(sending->udp, MH__FREEBIND, 1) != 0)
		return MH_EADDRESS;
	sent = send_one(sending, reply);
	(void)mh__udp_set(sending->udp, MH__FREEBIND, 0);
	return sent;
}

/* Does the error mean that another source or interface might work? */
static bool
is_about_source(int error)
{
	return error == MH_EADDRESS || error == MH_EINVALID;
}

/* The system refused the source, the interface or the route. */
static int
send_elsewise(struct sending *sending, struct mh_datagram *reply, int error)
{
	struct mh_datagram changed = *reply;

	if (is_about_source(error) && send_from_prefix(sending, reply) > 0)
		return MH_SENT;
	if (changed.if_index != 0 && !mh__reply_needs_interface(&changed)) {
		changed.if_index = 0;
		error = send_changed(sending, reply, &changed);
		if (error > 0)
			return MH_SENT;
	}
	/* Not by default: routing may want another interface. */
	if (is_about_source(error) && mh__udp_wants_interface() &&
	    reply->if_index == 0 && reply->arrival != 0 &&
	    reply->local.family != MH_FAMILY_NONE) {
		changed.if_index = reply->arrival;
		error = send_changed(sending, reply, &changed);
		if (error > 0)
			return MH_SENT_BY_ARRIVAL;
		changed.if_index = 0;
	}
	if (is_about_source(error) && sending->relaxed &&
	    changed.local.family != MH_FAMILY_NONE) {
		changed.local = (struct mh_address){ .family = 0 };
		error = send_changed(sending, reply, &changed);
		if (error > 0)
			return MH_SENT_UNPINNED;
	}
	if (!is_about_source(error))
		return error;
	if (source_is_gone(sending, reply))
		return MH_EGONE;
	return error == MH_EINVALID ? MH_EINVALID : MH_EUNREACHABLE;
}

/* Systems refuse such a number in the same words as a source. */
static bool
has_invalid_mark(const struct sending *sending, const struct mh_datagram *reply)
{
	return ((sending->can & MH_CAN_SEND_TTL) != 0 &&
		   reply->ttl > UINT8_MAX) ||
	    ((sending->can & MH_CAN_SEND_TOS) != 0 && reply->tos > UINT8_MAX);
}

static int recover(
    struct sending *sending, struct mh_datagram *reply, int error);

/*
 * The system cannot cut it up, or only into fewer, or the source was refused:
 * each for itself.  Returns the status of all.  Once the socket is full, what
 * is left is a burst of its own, so that nothing is sent twice.
 */
static int
send_pieces(struct sending *sending, struct mh_datagram *whole)
{
	struct mh_datagram piece = *whole;
	size_t left = whole->length;
	int n, status = MH_SENT;

	piece.segment = 0;
	piece.report_sent = false;
	piece.length = whole->segment;
	for (; left > 0; left -= piece.length) {
		if (piece.length > left)
			piece.length = left;
		n = send_one(sending, &piece);
		if (n <= 0)
			status = recover(sending, &piece, n);
		if (status == MH_EAGAIN) {
			whole->data = piece.data;
			whole->length = left;
		}
		if (status < 0)
			return status;
		piece.data = (uint8_t *)piece.data + piece.length;
	}
	return status;
}

/* The reply failed with error: retry where that helps; returns its status. */
static int
recover(struct sending *sending, struct mh_datagram *reply, int error)
{
	if (reply->segment != 0 && reply->segment < reply->length &&
	    error != MH_EAGAIN)
		return send_pieces(sending, reply);
	if (error == MH_EREFUSED || (sending->can & MH_CAN_ERRORS) != 0) {
		/* It may be due to an earlier datagram to another peer. */
		error = send_one(sending, reply);
		if (error > 0)
			return MH_SENT;
	}
	if (!is_about_source(error))
		return error;
	return has_invalid_mark(sending, reply)
	    ? MH_EINVALID
	    : send_elsewise(sending, reply, error);
}

/*
 * Send the replies from first; returns how many are finished, at least 1, and
 * adds to *sent how many of them were sent.
 */
static unsigned int
send_run(struct sending *sending, unsigned int first, int *sent)
{
	struct mh_batch *batch = sending->batch;
	struct mh_datagram *reply = &batch->outgoing[first], *end = reply;
	unsigned int left = batch->outgoing_count - first;
	int n = 0;

	for (; left > 0; left--, end++)
		if ((n = refusal(sending->udp, end)) != 0)
			break;
	if (end == reply) {
		reply->status = n;
		reply->system_code = 0;
		return 1;
	}
	n = mh__udp_send(sending->udp, memory_of(batch)->scratch, reply,
	    (unsigned int)(end - reply));
	if (n <= 0) {
		reply->system_code = sending->udp->system_code;
		reply->status = recover(sending, reply, n);
		*sent += reply->status >= MH_SENT;
		return 1;
	}
	for (end = reply + n; reply < end; reply++)
		reply->status = MH_SENT;
	*sent += n;
	return (unsigned int)n;
}

/* Full: trying each of the others would be futile. */
static __attribute__((noinline)) void
postpone(struct mh_batch *batch, unsigned int first)
{
	unsigned int i;

	batch->wants_writable = true;
	for (i = first; i < batch->outgoing_count; i++)
		if (!mh__batch_is_released(&batch->outgoing[i]))
			batch->outgoing[i].status = MH_EAGAIN;
}

/* The policy is of a later version: nothing is sent. */
static __attribute__((noinline)) void
refuse_all(struct mh_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->outgoing_count; i++)
		if (!mh__batch_is_released(&batch->outgoing[i]))
			batch->outgoing[i].status = MH_EINVALID;
}

int
mh_batch_send(struct mh_batch *batch, struct mh_socket *socket,
    const struct mh_source_policy *policy)
{
	struct lookup lookups[LOOKUPS_MAX];
	struct sending sending = {
		.batch = batch,
		.udp = &socket->udp,
		.can = socket->info.can,
		.lookups = lookups,
	};
	unsigned int done = 0;
	int sent = 0;

	batch->wants_writable = false;
	if (!mh__policy_is_default(policy)) {
		sending.relaxed = policy->relaxed;
		if (!mh__policy_is_understood(policy)) {
			refuse_all(batch);
			done = batch->outgoing_count;
		}
	}
	while (done < batch->outgoing_count) {
		done += send_run(&sending, done, &sent);
		if (batch->outgoing[done - 1].status == MH_EAGAIN) {
			postpone(batch, done);
			break;
		}
	}
	batch->finished_count = batch->outgoing_count;
	batch->outgoing_count = 0;
	return sent;
}
