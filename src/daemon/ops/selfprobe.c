/* SPDX-License-Identifier: ISC */
/*
 * Queries to ourselves, and the replies to them.  The caller decides when a
 * round begins and when it has failed.
 */
#include "daemon/ops/selfprobe.h"

#include "common/bytes.h"
#include "daemon/base/log.h"
#include "platform/network.h"

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
	uint16_t sockets;    /* of this endpoint: their queries are neighbours,
			      * in the order of the workers */
	bool replied;
};

struct selfprobe {
	struct selfprobe_secret *secret;
	struct mh_socket *sockets[SELFPROBE_SOCKETS_MAX];
	unsigned int socket_count;
	bool wildcard; /* those on the wildcard are open, or cannot be */
	struct mh_batch *batch;
	const struct selfprobe_target *targets;
	size_t target_count;
	size_t target_next; /* the first without queries */
	struct query *queries;
	size_t query_count;
	size_t query_next;    /* the next to send, if it is missing */
	size_t missing;       /* queries without a reply */
	bool failed;          /* out of memory for the round, or no round yet */
	bool partly;          /* a target has no queries */
	const char **unasked; /* of each target: why it is not queried; or
			       * NULL */
};

#define LOOPBACKS 2

/* One of each family, which strangers cannot reach. */
static const struct mh_address loopback[LOOPBACKS] = {
	{ .family = MH_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } },
	{ .family = MH_FAMILY_IPV6, .ip = { [15] = 1 } },
};

/*
 * Open the sockets for an address; returns how many were opened, or an error.
 * Whoever reaches one of them cannot fill its buffer.
 */
static int
open_sockets(struct selfprobe *probe, const struct mh_address *address,
    struct mh_problem *problem)
{
	/* A segmented send would go to one socket, whatever the numbers. */
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL,
		.receive_buffer = RECEIVE_BUFFER,
		.unsegmented = true };
	struct mh_socket *opened[MH_SOCKETS_MAX];
	int i, count = mh_socket_open(opened, address, &options, problem);

	for (i = 0; i < count; i++) {
		/* Without it, read_reply() drops what strangers send. */
		(void)mh_share_restrict(opened[i], probe->secret->bytes);
		atomic_store_explicit(
		    &probe->secret->ports[probe->socket_count],
		    mh_socket_info(opened[i])->bound.port,
		    memory_order_relaxed);
		probe->sockets[probe->socket_count++] = opened[i];
	}
	return count;
}

/* At most once; false: no socket was opened, which is logged. */
static bool
open_wildcard(struct selfprobe *probe)
{
	static const struct mh_address any = { .family = MH_FAMILY_NONE };
	struct mh_problem problem;

	if (probe->wildcard)
		return false;
	probe->wildcard = true;
	if (open_sockets(probe, &any, &problem) > 0)
		return true;
	log_error("self-probe: cannot open a socket: %s", problem.text);
	return false;
}

struct selfprobe *
selfprobe_new(struct selfprobe_secret *secret)
{
	struct selfprobe *probe = calloc(1, sizeof(*probe));
	size_t i;

	if (probe == NULL) {
		log_error("self-probe: out of memory");
		return NULL;
	}
	probe->failed = true; /* nothing was queried */
	probe->secret = secret;
	probe->batch = mh_batch_new(SLOTS);
	if (probe->batch == NULL) {
		log_error("self-probe: out of memory");
		selfprobe_free(probe);
		return NULL;
	}
	/* A host may lack either family. */
	for (i = 0; i < LOOPBACKS; i++)
		(void)open_sockets(probe, &loopback[i], NULL);
	if (probe->socket_count > 0 || open_wildcard(probe))
		return probe;
	selfprobe_free(probe);
	return NULL;
}

void
selfprobe_free(struct selfprobe *probe)
{
	unsigned int i;

	if (probe == NULL)
		return;
	for (i = 0; i < probe->socket_count; i++)
		mh_socket_close(probe->sockets[i]);
	mh_batch_free(probe->batch);
	free(probe->queries);
	free(probe->unasked);
	free(probe);
}

unsigned int
selfprobe_handles(
    const struct selfprobe *probe, intptr_t handles[SELFPROBE_SOCKETS_MAX])
{
	unsigned int i;

	for (i = 0; i < probe->socket_count; i++)
		handles[i] = mh_socket_handle(probe->sockets[i]);
	return probe->socket_count;
}

/* The capability that a socket needs for this family. */
static unsigned int
can_reach(const struct mh_address *endpoint)
{
	return endpoint->family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6;
}

/*
 * Can this socket exchange datagrams with that endpoint?  A socket on loopback
 * is preferred, as no stranger can reach it; for what that cannot query, there
 * is one on the wildcard.
 */
static bool
reaches(const struct mh_socket *socket, const struct mh_address *endpoint)
{
	const struct mh_socket_info *info = mh_socket_info(socket);

	if ((info->can & can_reach(endpoint)) == 0)
		return false;
	return mh_address_class(&info->bound) != MH_CLASS_LOOPBACK ||
	    host_loopback_reaches(endpoint);
}

/* The socket to query it from; NULL: none. */
static struct mh_socket *
find_socket(struct selfprobe *probe, const struct mh_address *endpoint)
{
	unsigned int i;

	do
		for (i = 0; i < probe->socket_count; i++)
			if (reaches(probe->sockets[i], endpoint))
				return probe->sockets[i];
	while (open_wildcard(probe));
	return NULL;
}

/* A query for each socket; initially assumed to be in order. */
static void
add_queries(struct selfprobe *probe, const struct mh_address *endpoint,
    const struct selfprobe_target *target, size_t number)
{
	unsigned int i;

	for (i = 0; i < target->sockets; i++)
		probe->queries[probe->query_count++] =
		    (struct query){ *endpoint, { number, i }, i,
			    (uint16_t)target->sockets, false };
	probe->missing += target->sockets;
}

/* No queries for that target. */
static void
leave_out(struct selfprobe *probe, size_t number, const char *why)
{
	probe->unasked[number] = why;
	probe->partly = true;
}

/* Query a wildcard over loopback, in each of its families. */
static void
add_wildcard(struct selfprobe *probe, const struct selfprobe_target *target,
    size_t number)
{
	struct mh_address endpoint;
	size_t i, before = probe->query_count;

	for (i = 0; i < LOOPBACKS; i++) {
		endpoint = loopback[i];
		endpoint.port = target->bound.port;
		if ((target->can & can_reach(&endpoint)) != 0 &&
		    mh_address_is_local(&endpoint))
			add_queries(probe, &endpoint, target, number);
	}
	if (probe->query_count == before)
		leave_out(probe, number,
		    "its family has no loopback address on this host");
}

static bool
is_group(const struct mh_address *bound)
{
	enum mh_class class = mh_address_class(bound);

	return class == MH_CLASS_MULTICAST || class == MH_CLASS_BROADCAST;
}

static void
add_target(struct selfprobe *probe, const struct selfprobe_target *target,
    size_t number)
{
	if (target->on_interface)
		leave_out(probe, number,
		    "it is bound to an interface (SO_BINDTODEVICE)");
	else if (is_group(&target->bound))
		leave_out(probe, number,
		    "it is a multicast group, or broadcast: no single host");
	else if (mh_address_class(&target->bound) == MH_CLASS_UNSPECIFIED)
		add_wildcard(probe, target, number);
	else if (mh_address_is_local(&target->bound))
		add_queries(probe, &target->bound, target, number);
	else if (!target->may_be_absent)
		leave_out(probe, number, "its address is not on this host");
}

/*
 * Write a query into the batch.  From the wildcard's sockets its source is the
 * address that it is sent to, whatever the system would choose; once that
 * address has gone, it is not sent at all, let alone to another host.
 */
static void
write_query(struct selfprobe *probe, const struct mh_socket *socket,
    const struct query *query)
{
	const struct mh_socket_info *info = mh_socket_info(socket);
	struct mh_datagram *datagram = mh_batch_reserve(probe->batch);
	struct selfprobe_message message = { .number = { 0 } };

	memcpy(message.secret, probe->secret->bytes, sizeof(message.secret));
	bytes_put16(message.number, query->number);
	bytes_put32(message.query, (uint32_t)(query - probe->queries));
	datagram->peer = query->endpoint;
	datagram->local = mh_address_class(&info->bound) == MH_CLASS_LOOPBACK
	    ? info->bound
	    : query->endpoint;
	memcpy(datagram->data, &message, sizeof(message));
	datagram->length = sizeof(message);
}

/* If the system did not take it, remember why. */
static void
note_failure(struct selfprobe *probe, const struct mh_datagram *datagram)
{
	struct selfprobe_message message;
	const struct query *query;

	if (datagram->status >= MH_SENT || datagram->status == MH_EAGAIN)
		return;
	memcpy(&message, datagram->data, sizeof(message));
	query = &probe->queries[bytes_get32(message.query)];
	probe->unasked[query->socket.target] =
	    datagram->status == MH_EPERMISSION ? "a firewall refuses the query"
					       : mh_strerror(datagram->status);
}

static void
flush(struct selfprobe *probe, struct mh_socket *socket)
{
	static const struct mh_source_policy rule = { .relaxed = false };
	unsigned int i;

	if (probe->batch->outgoing_count == 0)
		return;
	mh_batch_send(probe->batch, socket, &rule);
	for (i = 0; i < probe->batch->finished_count; i++)
		note_failure(probe, &probe->batch->outgoing[i]);
}

/* Send what is missing from query_next up to end. */
static void
send_queries(struct selfprobe *probe, size_t end)
{
	struct mh_socket *socket, *last = NULL;
	const struct query *query;

	for (; probe->query_next < end; probe->query_next++) {
		query = &probe->queries[probe->query_next];
		if (query->replied)
			continue;
		socket = find_socket(probe, &query->endpoint);
		if (last != socket || probe->batch->outgoing_count == SLOTS)
			flush(probe, last);
		last = socket;
		if (socket != NULL)
			write_query(probe, socket, query);
		else
			probe->unasked[query->socket.target] =
			    "no socket of its family can be opened";
	}
	flush(probe, last);
}

bool
selfprobe_send(struct selfprobe *probe)
{
	size_t end;

	while (probe->target_next < probe->target_count &&
	    probe->query_count - probe->query_next < SELFPROBE_SLICE) {
		add_target(probe, &probe->targets[probe->target_next],
		    probe->target_next);
		probe->target_next++;
	}
	end = probe->query_next + SELFPROBE_SLICE;
	if (end > probe->query_count)
		end = probe->query_count;
	send_queries(probe, end);
	return probe->query_next < probe->query_count ||
	    probe->target_next < probe->target_count;
}

void
selfprobe_retry(struct selfprobe *probe)
{
	probe->query_next = 0;
}

void
selfprobe_begin(struct selfprobe *probe, const struct selfprobe_target *targets,
    size_t target_count)
{
	struct query *queries;
	const char **unasked;
	size_t i, count = 0;

	for (i = 0; i < target_count; i++)
		count += targets[i].sockets;
	queries =
	    realloc(probe->queries, (LOOPBACKS * count + 1) * sizeof(*queries));
	unasked = calloc(target_count + 1, sizeof(*unasked));
	probe->partly = false;
	probe->query_count = probe->query_next = probe->missing = 0;
	probe->target_count = probe->target_next = 0;
	if (queries != NULL)
		probe->queries = queries;
	free(probe->unasked);
	probe->unasked = unasked;
	probe->failed = queries == NULL || unasked == NULL;
	if (probe->failed)
		return;
	probe->targets = targets;
	probe->target_count = target_count;
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
	struct query *query, *first, *replied;
	struct selfprobe_message message;
	uint32_t index, worker;
	unsigned int i;

	if (!read_reply(probe, reply, &message))
		return;
	index = bytes_get32(message.query);
	if (index >= probe->query_count)
		return;
	query = &probe->queries[index];
	worker = query->sockets == 1 ? 0 : bytes_get16(message.worker);
	if (!is_from(query, reply) || worker >= query->sockets)
		return;
	first = query - query->socket.worker;
	replied = first + worker;
	if (replied->replied)
		return;
	for (i = 0; i < query->sockets; i++)
		if (!first[i].replied &&
		    first[i].number == bytes_get16(message.number)) {
			first[i].number = replied->number;
			break;
		}
	replied->replied = true;
	probe->unasked[query->socket.target] = NULL;
	probe->missing--;
}

/* Have all queries been sent, and a reply to each been received? */
static bool
is_complete(const struct selfprobe *probe)
{
	return !probe->failed && probe->target_next == probe->target_count &&
	    probe->missing == 0;
}

bool
selfprobe_receive(struct selfprobe *probe)
{
	bool was_complete = is_complete(probe);
	unsigned int i, j;

	for (i = 0; i < probe->socket_count; i++) {
		if (mh_batch_receive(probe->batch, probe->sockets[i]) <= 0)
			continue;
		for (j = 0; j < probe->batch->received_count; j++)
			match_reply(probe, &probe->batch->received[j]);
	}
	return !was_complete && is_complete(probe);
}

enum selfprobe_state
selfprobe_state(const struct selfprobe *probe)
{
	if (!is_complete(probe))
		return SELFPROBE_OPEN;
	return probe->partly ? SELFPROBE_PARTLY : SELFPROBE_REPLIED;
}

const char *
selfprobe_unasked(const struct selfprobe *probe, size_t target)
{
	return target < probe->target_count ? probe->unasked[target] : NULL;
}

bool
selfprobe_missing(
    const struct selfprobe *probe, size_t *at, struct selfprobe_socket *socket)
{
	while (*at < probe->query_count && probe->queries[*at].replied)
		++*at;
	if (*at >= probe->query_count)
		return false;
	*socket = probe->queries[(*at)++].socket;
	return true;
}
