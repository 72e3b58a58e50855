/* SPDX-License-Identifier: ISC */
/*
 * Rows and sockets: whom to ask, from which address, through which socket.
 * Each target has a socket of its own, so whatever arrives there, from
 * wherever, is about this target.
 */
#include "probe/probe.h"

#include "platform/clock.h"
#include "platform/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Datagrams of one socket in one turn. */
#define BATCH_SLOTS 32

/* Turns of a socket in a row; then the others have theirs. */
#define TURNS_MAX 8

/* A socket that takes nothing now is tried again after this. */
#define RETRY_NS INT64_C(1000000)

/* For answers to bursts of requests. */
#define RECEIVE_BUFFER (1u << 18)

int
probe_init(struct probe *probe, const struct options *options)
{
	unsigned int count = options->count;

	if (count == 0 && !options->watch)
		count = options->sweep_ports != 0 ? 1 : 3;
	*probe = (struct probe){
		.options = options,
		.plan = {
			.ask = options->ask,
			.count = count,
			.paths = options->sweep_ports != 0
			    ? options->sweep_ports
			    : 1,
			.interval = options->interval,
			.timeout = options->timeout,
			.sweep_from = options->sweep_from,
			.sweep_to = options->sweep_to,
		},
	};
	probe->batch = mh_batch_new(BATCH_SLOTS);
	if (probe->batch == NULL)
		return MH_ENOMEMORY;
	return host_network_load(&probe->network);
}

void
probe_clear(struct probe *probe)
{
	size_t i;

	for (i = 0; i < probe->row_count; i++)
		row_free(probe->rows[i]);
	free(probe->rows);
	mh_batch_free(probe->batch);
	host_network_free(&probe->network);
}

bool
probe_wants(const struct probe *probe, unsigned int family)
{
	const struct options *options = probe->options;

	if (family == MH_FAMILY_IPV4 ? options->only_ipv6 : options->only_ipv4)
		return false;
	return options->from.family == MH_FAMILY_NONE ||
	    options->from.family == family;
}

/*
 * Rows.
 */

static bool
keep_row(struct probe *probe, struct row *row)
{
	size_t count = probe->row_count;
	struct row **grown = probe->rows;

	/* Room for 2, 4, 8, ... */
	if ((count & (count + 1)) == 0 || count == 0)
		grown = realloc(
		    probe->rows, (2 * count + 2) * sizeof(struct row *));
	if (grown == NULL)
		return false;
	grown[probe->row_count++] = row;
	probe->rows = grown;
	return true;
}

static struct row *
add_row(struct probe *probe, const struct mh_address *address)
{
	const struct options *options = probe->options;
	struct row *row = row_new(&probe->plan, address);

	if (row == NULL ||
	    !host_random(row->question.secret, sizeof(row->question.secret)) ||
	    !keep_row(probe, row)) {
		row_free(row);
		return NULL;
	}
	row->order[1] = probe->row_count;
	row->question.name = options->name != NULL ? options->name : ".";
	row->question.payload = options->payload;
	row->question.payload_length = options->payload_length;
	row->question.size = options->size;
	return row;
}

static void
set_zone(const struct probe *probe, struct row *row, uint32_t if_index)
{
	const char *name = host_network_name(&probe->network, if_index);

	if (if_index == 0)
		return;
	if (*name != '\0')
		snprintf(row->zone, sizeof(row->zone), "%%%s", name);
	else
		snprintf(row->zone, sizeof(row->zone), "%%%u",
		    (unsigned int)if_index);
}

struct row *
probe_add(struct probe *probe, size_t i, const struct mh_address *address)
{
	const struct target *target = &probe->options->targets[i];
	struct row *row = add_row(probe, address);

	if (row == NULL)
		return NULL;
	row->order[0] = i;
	row->name = target->name;
	row->peer.port = row->question.peer.port = target->address.port;
	if (row->peer.family == MH_FAMILY_NONE)
		return row;
	row->if_index = target->if_index;
	set_zone(
	    probe, row, row->if_index != 0 ? row->if_index : row->peer.scope);
	return row;
}

bool
probe_has(const struct probe *probe, size_t i, const struct mh_address *address)
{
	const struct row *row;
	size_t j;

	for (j = 0; j < probe->row_count; j++) {
		row = probe->rows[j];
		if (row->order[0] == i &&
		    mh_address_compare(&row->peer, address) == 0)
			return true;
	}
	return false;
}

bool
probe_add_local(struct probe *probe)
{
	const struct host_network *network = &probe->network;
	struct mh_address address;
	struct row *row;
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		address = network->addresses[i].address;
		/* One that cannot be bound yet is tentative, RFC 4862. */
		if (!probe_wants(probe, address.family) ||
		    !mh_address_is_local(&address))
			continue;
		address.port = probe->options->local_port;
		row = add_row(probe, &address);
		if (row == NULL)
			return false;
		set_zone(probe, row, address.scope);
	}
	return true;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *one = *(struct row *const *)a;
	const struct row *other = *(struct row *const *)b;
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (one->order[i] != other->order[i])
			return one->order[i] < other->order[i] ? -1 : 1;
	return 0;
}

void
probe_sort(struct probe *probe)
{
	if (probe->row_count > 0)
		qsort(probe->rows, probe->row_count, sizeof(struct row *),
		    compare_rows);
}

/*
 * Where to ask from.
 */

/*
 * Another address of this host, to ask one of its own from.  Asked from the
 * very same address, a server that lets the system pick the source of its
 * answer would be right by chance.  Loopback asks loopback only: servers drop
 * what else comes from there, as a forgery.  Family none: there is no other.
 */
static struct mh_address
other_address(const struct probe *probe, const struct mh_address *peer)
{
	struct mh_address other = { .family = MH_FAMILY_NONE };
	const struct mh_address *address;
	size_t i;

	if (peer->family == MH_FAMILY_IPV4 &&
	    mh_address_class(peer) == MH_CLASS_LOOPBACK) {
		other = (struct mh_address){ .family = MH_FAMILY_IPV4,
			.ip = { 127, 0, 0, 1 } };
		if (memcmp(peer->ip, other.ip, 4) == 0)
			other.ip[3] = 2;
		return other;
	}
	for (i = 0; i < probe->network.address_count; i++) {
		address = &probe->network.addresses[i].address;
		if (address->family == peer->family &&
		    mh_address_class(address) != MH_CLASS_LINK_LOCAL &&
		    mh_address_class(address) != MH_CLASS_LOOPBACK &&
		    memcmp(address->ip, peer->ip, 16) != 0 &&
		    mh_address_is_local(address))
			return *address;
	}
	return other;
}

static bool
choose_source(const struct probe *probe, struct row *row)
{
	const struct options *options = probe->options;

	if (!probe_wants(probe, row->peer.family)) {
		snprintf(row->error, sizeof(row->error),
		    "the options say %s only",
		    row->peer.family == MH_FAMILY_IPV4 ? "IPv6" : "IPv4");
		return false;
	}
	row->from = options->from;
	if (row->from.family != MH_FAMILY_NONE ||
	    !mh_address_is_local(&row->peer))
		return true;
	row->from = other_address(probe, &row->peer);
	if (row->from.family == MH_FAMILY_NONE)
		snprintf(row->note, sizeof(row->note),
		    "no second address to ask from: proves little");
	return true;
}

/*
 * Sockets.
 */

static struct mh_socket *
open_socket(struct probe *probe, struct row *row)
{
	const struct options *options = probe->options;
	bool ipv4 = row->peer.family == MH_FAMILY_IPV4;
	const struct mh_socket_options wanted = {
		.stack = ipv4 ? MH_STACK_IPV4 : MH_STACK_IPV6,
		.want = MH_CAN_TTL | MH_CAN_TIME | MH_CAN_ERRORS,
		.receive_buffer = RECEIVE_BUFFER,
		.dont_fragment = options->dont_fragment,
		.tos = (uint8_t)(options->dscp << 2),
	};
	const struct mh_address any = { .family = MH_FAMILY_NONE };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	if (mh_socket_open(sockets, &any, &wanted, &problem) > 0)
		return sockets[0];
	probe->spent = problem.code == MH_ESYSTEM;
	snprintf(row->error, sizeof(row->error), "%s: %s", problem.what,
	    problem.text[0] != '\0' ? problem.text : mh_strerror(problem.code));
	return NULL;
}

struct lane *
probe_open(struct probe *probe, struct row *row)
{
	struct lane *lane;
	uint32_t i;

	probe->spent = false;
	if (row->error[0] != '\0' || !choose_source(probe, row))
		return NULL;
	lane = calloc(
	    1, sizeof(*lane) + probe->plan.paths * sizeof(struct mh_socket *));
	if (lane == NULL) {
		snprintf(row->error, sizeof(row->error), "out of memory");
		return NULL;
	}
	lane->row = row;
	for (i = 0; i < probe->plan.paths; i++) {
		lane->sockets[i] = open_socket(probe, row);
		if (lane->sockets[i] == NULL) {
			probe_close(probe, lane);
			return NULL;
		}
	}
	return lane;
}

void
probe_close(struct probe *probe, struct lane *lane)
{
	uint32_t i;

	for (i = 0; i < probe->plan.paths; i++)
		mh_socket_close(lane->sockets[i]);
	free(lane);
}

/*
 * Out and in.
 */

static void
take_errors(struct lane *lane, uint32_t path)
{
	struct mh_icmp_error error;

	while (mh_socket_error(lane->sockets[path], &error) > 0)
		row_refuse(lane->row, &error, path);
}

static void
report_unsent(struct row *row, int status, size_t length, int64_t now)
{
	char why[sizeof(row->error)];
	const char *text = mh_strerror(status);

	if (status == MH_EGONE)
		text = "the source is not an address of this host";
	snprintf(why, sizeof(why), "cannot send %zu bytes: %s", length, text);
	row_unsent(row, why, status == MH_ETOOBIG, now);
}

/* Send the next request; false: not now. */
static bool
send_next(struct probe *probe, struct lane *lane, int64_t now)
{
	static const struct mh_source_policy rule = { .relaxed = false };
	struct row *row = lane->row;
	uint32_t path = row_path(row);
	struct mh_batch *batch = probe->batch;
	struct mh_datagram *request;
	int length;

	batch->reply_count = 0;
	request = mh_batch_reserve(batch);
	length = row_build(row, request->data);
	if (length < 0) {
		row_unsent(row, "a request cannot have this size", true, now);
		return true;
	}
	request->peer = row->peer;
	request->local = row->from;
	request->length = (size_t)length;
	request->if_index = row->if_index;
	/* The user's interface is not to be given up for another. */
	if (row->if_index != 0)
		request->flags = MH_VIA_VRF;
	take_errors(lane, path);
	mh_batch_send(batch, lane->sockets[path], &rule);
	if (request->status == MH_EAGAIN)
		return false;
	if (request->status < 0)
		report_unsent(row, request->status, request->length, now);
	else
		row_sent(row, request->length, now);
	return true;
}

int64_t
probe_step(struct probe *probe, struct lane *lane, int64_t now)
{
	row_expire(lane->row, now);
	while (row_is_due(lane->row, now))
		if (!send_next(probe, lane, now))
			return now + RETRY_NS;
	return row_wake(lane->row);
}

/*
 * When the datagram arrived, in host_monotonic_ns(): now, less the time that it
 * lay in the socket.  A clock that was set meanwhile does no harm.
 */
static int64_t
arrival(const struct probe *probe, const struct mh_datagram *datagram)
{
	int64_t now = host_monotonic_ns(), age;

	if (datagram->arrived_ns == 0)
		return now;
	age = host_realtime_ns() - datagram->arrived_ns;
	return age > 0 && age < probe->plan.timeout ? now - age : now;
}

void
probe_receive(struct probe *probe, struct lane *lane, uint32_t path)
{
	struct mh_batch *batch = probe->batch;
	unsigned int turn, i;
	int n;

	for (turn = 0; turn < TURNS_MAX; turn++) {
		take_errors(lane, path);
		n = mh_batch_receive(batch, lane->sockets[path]);
		for (i = 0; i < batch->received_count; i++)
			row_receive(lane->row, &batch->received[i], path,
			    arrival(probe, &batch->received[i]));
		if (n >= 0 && (unsigned int)n < batch->slots)
			return;
	}
}
