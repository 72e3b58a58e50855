/* SPDX-License-Identifier: ISC */
/*
 * Sessions and sockets: whom to ask, from which address, through which socket.
 * Each target has a socket of its own, so whatever arrives there, from
 * wherever, is about this target.
 */
#include "probe/probe.h"

#include "probe/local.h"
#include "probe/order.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Datagrams of one socket in one turn. */
#define BATCH_SLOTS 32

/* Turns of a socket in a row; then the others have theirs. */
#define TURNS_MAX 8

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
			.protocol = options->protocol,
			.count = count,
			.paths = options->sweep_ports != 0
			    ? options->sweep_ports
			    : 1,
			.interval = options->interval,
			.timeout = options->timeout,
			.sweep_from = options->sweep_from,
			.sweep_to = options->sweep_to,
			.dont_fragment = options->dont_fragment,
			.tos = (uint8_t)options->tos,
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

	for (i = 0; i < probe->session_count; i++)
		session_free(probe->sessions[i]);
	free(probe->sessions);
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
 * Sessions.
 */

static bool
keep_session(struct probe *probe, struct session *session)
{
	size_t count = probe->session_count;
	struct session **grown = probe->sessions;

	/* Room for 2, 4, 8, ... */
	if ((count & (count + 1)) == 0 || count == 0)
		grown = realloc(probe->sessions,
		    (2 * count + 2) * sizeof(struct session *));
	if (grown == NULL)
		return false;
	grown[probe->session_count++] = session;
	probe->sessions = grown;
	return true;
}

static struct session *
add_session(struct probe *probe, const struct mh_address *address)
{
	const struct options *options = probe->options;
	struct session *session = session_new(&probe->plan, address);

	if (session == NULL ||
	    !host_random(
		session->query.secret, sizeof(session->query.secret)) ||
	    !keep_session(probe, session)) {
		session_free(session);
		return NULL;
	}
	session->order[1] = probe->session_count;
	session->query.name = options->name != NULL ? options->name : ".";
	session->query.payload = options->payload;
	session->query.payload_length = options->payload_length;
	session->query.size = options->size;
	session->query.tlvs = options->tlvs;
	session->query.dscp = (uint8_t)(options->tos >> 2);
	session->query.key = options->key;
	return session;
}

static void
set_zone(const struct probe *probe, struct session *session, uint32_t if_index)
{
	const char *name = host_network_name(&probe->network, if_index);

	if (if_index == 0)
		return;
	if (*name != '\0')
		snprintf(session->zone, sizeof(session->zone), "%%%s", name);
	else
		snprintf(session->zone, sizeof(session->zone), "%%%u",
		    (unsigned int)if_index);
}

struct session *
probe_add(struct probe *probe, size_t i, const struct mh_address *address)
{
	const struct target *target = &probe->options->targets[i];
	struct session *session = add_session(probe, address);

	if (session == NULL)
		return NULL;
	session->order[0] = i;
	session->name = target->name;
	session->peer.port = session->query.peer.port = target->address.port;
	if (session->peer.family == MH_FAMILY_NONE)
		return session;
	session->if_index = target->if_index;
	set_zone(probe, session,
	    session->if_index != 0 ? session->if_index : session->peer.scope);
	return session;
}

bool
probe_has(const struct probe *probe, size_t i, const struct mh_address *address)
{
	const struct session *session;
	size_t j;

	for (j = 0; j < probe->session_count; j++) {
		session = probe->sessions[j];
		if (session->order[0] == i &&
		    mh_address_compare(&session->peer, address) == 0)
			return true;
	}
	return false;
}

bool
probe_add_local(struct probe *probe)
{
	const struct host_network *network = &probe->network;
	struct mh_address address;
	struct session *session;
	const char *why;
	size_t i;

	for (i = 0; i < network->address_count; i++) {
		address = network->addresses[i].address;
		if (!probe_wants(probe, address.family))
			continue;
		address.port = probe->options->local_port;
		session = add_session(probe, &address);
		if (session == NULL)
			return false;
		set_zone(probe, session, address.scope);
		why = local_obstacle(network, &network->addresses[i]);
		if (why != NULL)
			snprintf(session->error, sizeof(session->error),
			    "not asked: %s", why);
	}
	return true;
}

void
probe_explain_silence(struct probe *probe)
{
	struct session *session;
	size_t i;

	for (i = 0; i < probe->session_count; i++) {
		session = probe->sessions[i];
		if (session_verdict(session) == SESSION_SILENT)
			session_note(session,
			    "a firewall of this host may hide an answer from "
			    "elsewhere");
	}
}

void
probe_sort(struct probe *probe)
{
	order_by_place(probe->sessions, probe->session_count);
}

/*
 * Where to ask from.
 */

static bool
choose_source(const struct probe *probe, struct session *session)
{
	const struct options *options = probe->options;

	if (!probe_wants(probe, session->peer.family)) {
		snprintf(session->error, sizeof(session->error),
		    "only %s was asked for",
		    session->peer.family == MH_FAMILY_IPV4 ? "IPv6" : "IPv4");
		return false;
	}
	session->from = options->from;
	if (session->from.family != MH_FAMILY_NONE ||
	    !mh_address_is_local(&session->peer))
		return true;
	session->from = local_other(&probe->network, &session->peer);
	if (session->from.family == MH_FAMILY_NONE)
		session_note(
		    session, "no second address to ask from: not conclusive");
	return true;
}

/*
 * Sockets.
 */

static struct mh_socket *
open_socket(struct probe *probe, struct session *session)
{
	const struct options *options = probe->options;
	bool ipv4 = session->peer.family == MH_FAMILY_IPV4;
	const struct mh_socket_options wanted = {
		.stack = ipv4 ? MH_STACK_IPV4 : MH_STACK_IPV6,
		.want = MH_CAN_TTL | MH_CAN_TOS | MH_CAN_TIME | MH_CAN_ERRORS |
		    MH_CAN_SEND_TIME,
		.receive_buffer = RECEIVE_BUFFER,
		.dont_fragment = options->dont_fragment,
		.tos = (uint8_t)options->tos,
	};
	struct mh_address from = session->from;
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	/*
	 * Bound to it: Windows does not send from every address that it binds
	 * to, such as 127.0.0.2.
	 */
	from.port = 0;
	if (mh_socket_open(sockets, &from, &wanted, &problem) > 0)
		return sockets[0];
	/* No file, or no port, is free. */
	probe->spent = problem.code == MH_ESYSTEM || problem.code == MH_EINUSE;
	snprintf(session->error, sizeof(session->error), "%s: %s", problem.what,
	    problem.text[0] != '\0' ? problem.text : mh_strerror(problem.code));
	return NULL;
}

struct socket_group *
probe_open(struct probe *probe, struct session *session)
{
	struct socket_group *group;
	uint32_t i;

	probe->spent = false;
	if (session->error[0] != '\0' || !choose_source(probe, session))
		return NULL;
	group = calloc(
	    1, sizeof(*group) + probe->plan.paths * sizeof(struct mh_socket *));
	if (group == NULL) {
		snprintf(
		    session->error, sizeof(session->error), "out of memory");
		return NULL;
	}
	group->session = session;
	for (i = 0; i < probe->plan.paths; i++) {
		group->sockets[i] = open_socket(probe, session);
		if (group->sockets[i] == NULL) {
			probe_close(probe, group);
			return NULL;
		}
	}
	return group;
}

void
probe_close(struct probe *probe, struct socket_group *group)
{
	uint32_t i;

	for (i = 0; i < probe->plan.paths; i++)
		mh_socket_close(group->sockets[i]);
	free(group);
}

/*
 * Out and in.
 */

static void
take_reports(struct socket_group *group, uint32_t path)
{
	struct mh_report report;

	while (mh_socket_report(group->sockets[path], &report) > 0)
		if (report.kind == MH_REPORT_SENT)
			session_left(group->session, &report, path);
		else
			session_refuse(group->session, &report.icmp, path);
}

/* Why this host does not send it. */
static const char *
reason_of(const struct session *session, int status)
{
	switch (status) {
	case MH_EGONE:
		return "the source is not an address of this host";
	case MH_EPERMISSION:
		return "not permitted (by a firewall of this host?)";
	case MH_ENOBUFFERS:
		return "the system is out of buffers (is its table of "
		       "neighbours full?)";
	case MH_EINVALID:
		return shortage_is(status, session->peer.family)
		    ? "invalid argument (is the table of neighbours full?)"
		    : mh_strerror(status);
	case MH_EAGAIN:
		return "the way out stays blocked";
	default:
		return mh_strerror(status);
	}
}

static void
report_unsent(
    struct session *session, const struct mh_datagram *request, int64_t now)
{
	const int status = request->status;
	char why[sizeof(session->error)], number[40] = "";

	/* For whoever asks why, by the system's own number. */
	if (status == MH_EINVALID || status == MH_EGONE || status == MH_ESYSTEM)
		snprintf(number, sizeof(number), " (system error %d)",
		    (int)request->system_code);
	snprintf(why, sizeof(why), "cannot send %zu bytes: %s%s",
	    request->length, reason_of(session, status), number);
	session_unsent(session, why, status == MH_ETOOBIG, now);
}

/* What became of it; false: nothing yet. */
static bool
account_for(struct probe *probe, struct socket_group *group,
    const struct mh_datagram *request, int64_t now)
{
	const int status = request->status;
	struct session *session = group->session;

	if (status >= 0) {
		probe->sent_at = now;
		group->shortage = (struct shortage){ .since = 0 };
		session_sent(session, request->length, request->sent_id, now);
	} else if (shortage_is(status, session->peer.family) &&
	    shortage_wait(&group->shortage, status, probe->sent_at, now))
		return false;
	else
		report_unsent(session, request, now);
	return true;
}

/* Send the next request; false: not now, but at group->shortage.retry_at. */
static bool
send_next(struct probe *probe, struct socket_group *group, int64_t now)
{
	static const struct mh_source_policy rule = { .relaxed = false };
	struct session *session = group->session;
	uint32_t path = session_path(session);
	struct mh_batch *batch = probe->batch;
	struct mh_datagram *request;
	int length;

	request = mh_batch_reserve(batch);
	length = session_build(session, request->data);
	if (length < 0) {
		mh_batch_release(batch, request);
		session_unsent(
		    session, "a request cannot have this size", true, now);
		return true;
	}
	request->peer = session->peer;
	request->length = (size_t)length;
	request->report_sent = true;
	if (session->if_index != 0) {
		/* Systems take an interface with a source, else any source. */
		request->local = session->from;
		request->if_index = session->if_index;
		/* The user's one is not to be given up for another. */
		request->flags = MH_VIA_VRF;
	}
	take_reports(group, path);
	mh_batch_send(batch, group->sockets[path], &rule);
	return account_for(probe, group, request, now);
}

int64_t
probe_step(struct probe *probe, struct socket_group *group, int64_t now)
{
	int64_t expires;

	session_expire(group->session, now);
	while (session_is_due(group->session, now)) {
		if (group->shortage.retry_at <= now &&
		    send_next(probe, group, now))
			continue;
		expires = session_expires(group->session);
		return expires < group->shortage.retry_at
		    ? expires
		    : group->shortage.retry_at;
	}
	return session_wake(group->session);
}

/*
 * Both clocks at once.  UTC comes first: if this program has to wait between
 * the two, a datagram seems to have arrived later, never before its request.
 */
static struct session_clock
read_clocks(void)
{
	struct session_clock now;

	now.realtime = host_realtime_ns();
	now.monotonic = host_monotonic_ns();
	return now;
}

void
probe_receive(struct probe *probe, struct socket_group *group, uint32_t path)
{
	struct mh_batch *batch = probe->batch;
	struct session_clock now;
	unsigned int turn, i;
	int n;

	for (turn = 0; turn < TURNS_MAX; turn++) {
		take_reports(group, path);
		n = mh_batch_receive(batch, group->sockets[path]);
		now = read_clocks();
		/* That a request left may have come with its answer. */
		if (n > 0)
			take_reports(group, path);
		for (i = 0; i < batch->received_count; i++)
			session_receive(
			    group->session, &batch->received[i], path, &now);
		if (n >= 0 && (unsigned int)n < batch->slots)
			return;
	}
}
