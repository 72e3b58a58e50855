/* SPDX-License-Identifier: ISC */
/*
 * Queries to ourselves, and the replies to them.  The caller decides when a
 * round begins and when it has failed.
 */
#include "daemon/ops/selfprobe.h"

#include "common/bytes.h"
#include "daemon/base/log.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 32

/* Bytes for the replies of many sockets at once. */
#define RECEIVE_BUFFER (1 << 20)

/* A query, and the expected source of its reply. */
struct query {
	struct mh_address endpoint;
	struct selfprobe_socket socket;
	unsigned int number; /* which socket of its port it is for */
	bool any;            /* any of them may reply: none can be selected */
};

struct selfprobe {
	const struct selfprobe_secret *secret;
	struct mh_socket *sockets[SELFPROBE_SOCKETS_MAX];
	int socket_count;
	struct mh_batch *batch;
	struct query *pending; /* those without a reply */
	size_t pending_count;
	bool failed; /* out of memory for the round, or no round yet */
	bool gone;   /* a target's address is not on this host */
};

/* One of each family, which strangers cannot reach. */
static const struct mh_address loopback[] = {
	{ .family = MH_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } },
	{ .family = MH_FAMILY_IPV6, .ip = { [15] = 1 } },
};

/* A host may lack either family. */
static bool
open_sockets(struct selfprobe *probe)
{
	static const struct mh_address any = { .family = MH_FAMILY_NONE };
	/* A segmented send would go to one socket, whatever the numbers. */
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL,
		.receive_buffer = RECEIVE_BUFFER,
		.unsegmented = true };
	struct mh_problem problem;
	size_t i;
	int opened;

	for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		if (mh_socket_open(&probe->sockets[probe->socket_count],
			&loopback[i], &options, NULL) == 1)
			probe->socket_count++;
	opened = mh_socket_open(
	    &probe->sockets[probe->socket_count], &any, &options, &problem);
	if (opened > 0)
		probe->socket_count += opened;
	else
		log_error("self-probe: cannot open a socket: %s", problem.text);
	return opened > 0;
}

struct selfprobe *
selfprobe_new(struct selfprobe_secret *secret)
{
	struct selfprobe *probe = calloc(1, sizeof(*probe));
	int i;

	if (probe == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	probe->failed = true; /* nothing was queried */
	probe->secret = secret;
	probe->batch = mh_batch_new(SLOTS);
	if (!open_sockets(probe) || probe->batch == NULL) {
		selfprobe_free(probe);
		return NULL;
	}
	for (i = 0; i < probe->socket_count; i++)
		secret->ports[i] =
		    mh_socket_info(probe->sockets[i])->bound.port;
	return probe;
}

void
selfprobe_free(struct selfprobe *probe)
{
	int i;

	if (probe == NULL)
		return;
	for (i = 0; i < probe->socket_count; i++)
		mh_socket_close(probe->sockets[i]);
	mh_batch_free(probe->batch);
	free(probe->pending);
	free(probe);
}

unsigned int
selfprobe_handles(
    const struct selfprobe *probe, intptr_t handles[SELFPROBE_SOCKETS_MAX])
{
	int i;

	for (i = 0; i < probe->socket_count; i++)
		handles[i] = mh_socket_handle(probe->sockets[i]);
	return (unsigned int)probe->socket_count;
}

/* The capability that a socket needs for this family. */
static unsigned int
can_reach(const struct mh_address *endpoint)
{
	return endpoint->family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6;
}

/* A query for each socket; initially assumed to be in order. */
static void
add_queries(struct selfprobe *probe, const struct mh_address *endpoint,
    const struct selfprobe_target *target, size_t number)
{
	unsigned int i;

	for (i = 0; i < target->sockets; i++)
		probe->pending[probe->pending_count++] =
		    (struct query){ *endpoint, { number, i }, i,
			    target->sockets == 1 };
}

/* Query a wildcard over loopback, in each of its families. */
static void
add_target(struct selfprobe *probe, const struct selfprobe_target *target,
    size_t number)
{
	struct mh_address endpoint = target->bound;
	size_t i, before = probe->pending_count;

	if (mh_address_class(&target->bound) != MH_CLASS_UNSPECIFIED) {
		if (mh_address_is_local(&endpoint))
			add_queries(probe, &endpoint, target, number);
		else if (!target->may_be_absent)
			probe->gone = true;
		return;
	}
	for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
		endpoint = loopback[i];
		endpoint.port = target->bound.port;
		if ((target->can & can_reach(&endpoint)) != 0 &&
		    mh_address_is_local(&endpoint))
			add_queries(probe, &endpoint, target, number);
	}
	if (probe->pending_count == before)
		probe->gone = true;
}

/* Loopback is queried from loopback, all else from the wildcard's sockets. */
static bool
reaches(const struct mh_socket *socket, const struct mh_address *endpoint)
{
	const struct mh_socket_info *info = mh_socket_info(socket);

	if (mh_address_class(&info->bound) == MH_CLASS_LOOPBACK)
		return mh_address_class(endpoint) == MH_CLASS_LOOPBACK &&
		    endpoint->family == info->bound.family;
	return mh_address_class(endpoint) != MH_CLASS_LOOPBACK &&
	    (info->can & can_reach(endpoint)) != 0;
}

/*
 * Write a query into the batch.  Its source is the address that it is sent to,
 * whatever the system would choose; once that address has gone, it is not sent
 * at all, let alone to another host.
 */
static void
write_query(struct selfprobe *probe, const struct query *query)
{
	struct mh_datagram *datagram = mh_batch_reserve(probe->batch);
	struct selfprobe_message message = { .number = { 0 } };

	memcpy(message.secret, probe->secret->bytes, sizeof(message.secret));
	bytes_put16(message.number, query->number);
	datagram->peer = datagram->local = query->endpoint;
	memcpy(datagram->data, &message, sizeof(message));
	datagram->length = sizeof(message);
}

/* Send the queries that this socket can deliver. */
static void
send_by(struct selfprobe *probe, struct mh_socket *socket)
{
	static const struct mh_source_policy rule = { .relaxed = false };
	size_t i;

	probe->batch->reply_count = 0;
	for (i = 0; i < probe->pending_count; i++) {
		if (!reaches(socket, &probe->pending[i].endpoint))
			continue;
		write_query(probe, &probe->pending[i]);
		if (probe->batch->reply_count < SLOTS)
			continue;
		mh_batch_send(probe->batch, socket, &rule);
		probe->batch->reply_count = 0;
	}
	if (probe->batch->reply_count > 0)
		mh_batch_send(probe->batch, socket, &rule);
	probe->batch->reply_count = 0;
}

void
selfprobe_retry(struct selfprobe *probe)
{
	int i;

	for (i = 0; i < probe->socket_count; i++)
		send_by(probe, probe->sockets[i]);
}

void
selfprobe_begin(struct selfprobe *probe, const struct selfprobe_target *targets,
    size_t target_count)
{
	struct query *pending;
	size_t i, count = 0;

	for (i = 0; i < target_count; i++)
		count += targets[i].sockets;
	pending = realloc(probe->pending, (2 * count + 1) * sizeof(*pending));
	probe->failed = pending == NULL;
	probe->gone = false;
	probe->pending_count = 0;
	if (pending == NULL)
		return;
	probe->pending = pending;
	for (i = 0; i < target_count; i++)
		add_target(probe, &targets[i], i);
	selfprobe_retry(probe);
}

/* A reply counts only if it comes from the address that was queried. */
static bool
is_from(const struct query *query, const struct mh_datagram *reply)
{
	return query->endpoint.port == reply->peer.port &&
	    mh_address_compare(&query->endpoint, &reply->peer) == 0;
}

/* Is it a reply to one of our queries? */
static bool
read_reply(const struct selfprobe *probe, const struct mh_datagram *reply,
    struct selfprobe_message *message)
{
	if (reply->length != sizeof(*message))
		return false;
	memcpy(message, reply->data, sizeof(*message));
	return memcmp(message->secret, probe->secret->bytes,
		   sizeof(message->secret)) == 0;
}

/*
 * Sockets do not keep their numbers when others on their port are closed: the
 * reply says which worker has this one.  The worker that was assumed to have it
 * is swapped with this worker, so that only numbers without a reply are
 * retried.
 */
static void
match_reply(struct selfprobe *probe, const struct mh_datagram *reply)
{
	struct query *query, *replied = NULL, *guessed = NULL;
	struct selfprobe_message message;
	size_t i;

	if (!read_reply(probe, reply, &message))
		return;
	for (i = 0; i < probe->pending_count; i++) {
		query = &probe->pending[i];
		if (!is_from(query, reply))
			continue;
		if (query->any ||
		    query->socket.worker == bytes_get16(message.worker))
			replied = query;
		if (query->number == bytes_get16(message.number))
			guessed = query;
	}
	if (replied == NULL)
		return;
	if (guessed != NULL)
		guessed->number = replied->number;
	*replied = probe->pending[--probe->pending_count];
}

bool
selfprobe_receive(struct selfprobe *probe)
{
	bool was_pending = probe->pending_count > 0;
	unsigned int j;
	int i;

	for (i = 0; i < probe->socket_count; i++) {
		if (mh_batch_receive(probe->batch, probe->sockets[i]) <= 0)
			continue;
		for (j = 0; j < probe->batch->received_count; j++)
			match_reply(probe, &probe->batch->received[j]);
	}
	return was_pending && probe->pending_count == 0;
}

enum selfprobe_state
selfprobe_state(const struct selfprobe *probe)
{
	if (probe->failed || probe->pending_count > 0)
		return SELFPROBE_OPEN;
	return probe->gone ? SELFPROBE_PARTLY : SELFPROBE_REPLIED;
}

bool
selfprobe_missing(const struct selfprobe *probe, size_t number,
    struct selfprobe_socket *socket)
{
	if (number >= probe->pending_count)
		return false;
	*socket = probe->pending[number].socket;
	return true;
}
