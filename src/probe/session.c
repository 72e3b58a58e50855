/* SPDX-License-Identifier: ISC */
/*
 * One target: which request an answer belongs to, and whether it came from the
 * address that was asked, in time, in order, once.  It knows neither sockets
 * nor clocks.
 */
#include "probe/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many requests there are to send; UINT32_MAX: no end. */
static uint32_t
total(const struct session_plan *plan)
{
	uint64_t requests = (uint64_t)plan->count * plan->paths;

	if (plan->count == 0 || plan->sweep_to != 0 || requests > UINT32_MAX)
		return UINT32_MAX;
	return (uint32_t)requests;
}

/* How many requests to remember: all that may wait, and as many late. */
static uint32_t
window(const struct session_plan *plan)
{
	int64_t many = 2 * (plan->timeout / plan->interval + 1);
	uint32_t requests = SESSION_WINDOW;

	if (plan->sweep_to == 0 && many > requests)
		requests = many < SESSION_WINDOW_MAX ? (uint32_t)many
						     : SESSION_WINDOW_MAX;
	return total(plan) < requests ? total(plan) : requests;
}

struct session *
session_new(const struct session_plan *plan, const struct mh_address *peer)
{
	uint32_t requests = window(plan);
	struct session *session = calloc(
	    1, sizeof(*session) + requests * sizeof(struct session_request));

	if (session == NULL)
		return NULL;
	session->path_answered = calloc(plan->paths, sizeof(bool));
	if (session->path_answered == NULL) {
		free(session);
		return NULL;
	}
	session->name = "";
	session->peer = *peer;
	session->plan = plan;
	session->query.peer = *peer;
	session->query.size = -1;
	session->marks = marks_none;
	session->request_count = requests;
	if (plan->sweep_to != 0)
		sweep_start(&session->sweep, plan->sweep_from, plan->sweep_to);
	return session;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	rtt_clear(&session->rtt);
	free(session->path_answered);
	free(session);
}

static struct session_request *
request_of(struct session *session, uint32_t sequence)
{
	return &session->requests[sequence % session->request_count];
}

/* All that is to be sent was sent. */
static bool
all_sent(const struct session *session)
{
	if (session->plan->sweep_to != 0)
		return !sweep_goes_on(&session->sweep);
	return session->next == total(session->plan);
}

bool
session_is_done(const struct session *session)
{
	return all_sent(session) && session->waiting == 0;
}

bool
session_is_due(const struct session *session, int64_t now)
{
	/* One size after the other. */
	if (session->plan->sweep_to != 0 && session->waiting > 0)
		return false;
	return !all_sent(session) && session->next_at <= now;
}

int64_t
session_expires(const struct session *session)
{
	const struct session_request *oldest =
	    &session->requests[session->oldest % session->request_count];

	return session->waiting > 0 ? oldest->sent_at + session->plan->timeout
				    : INT64_MAX;
}

int64_t
session_wake(const struct session *session)
{
	int64_t wake = session_expires(session);

	if (!all_sent(session) && session->next_at < wake &&
	    !(session->plan->sweep_to != 0 && session->waiting > 0))
		wake = session->next_at;
	return wake;
}

uint32_t
session_path(const struct session *session)
{
	return session->next % session->plan->paths;
}

/*
 * Requests.
 */

int
session_build(struct session *session, uint8_t *request)
{
	if (session->plan->sweep_to != 0)
		session->query.size = (int)session->sweep.size;
	return session->plan->protocol->build(
	    &session->query, session->next, request);
}

/* No more replies are expected to this request. */
static void
close_request(struct session *session, struct session_request *request,
    enum session_outcome outcome)
{
	if (request->outcome == SESSION_WAITING)
		session->waiting--;
	request->outcome = outcome;
	while (session->oldest < session->next &&
	    request_of(session, session->oldest)->outcome != SESSION_WAITING)
		session->oldest++;
}

static void
lose(struct session *session, struct session_request *request)
{
	session->lost++;
	close_request(session, request, SESSION_LOST);
	if (session->plan->sweep_to != 0)
		sweep_fail(&session->sweep, session->plan->count);
}

void
session_sent(struct session *session, size_t length, uint64_t id, int64_t now)
{
	struct session_request *request = request_of(session, session->next);

	/* The ring is full of requests: the oldest has had its time. */
	if (session->next - session->oldest == session->request_count)
		lose(session, request);
	*request = (struct session_request){ now, (uint32_t)length,
		SESSION_WAITING, id, 0 };
	session->next++;
	session->sent++;
	session->waiting++;
	session->next_at =
	    session->plan->sweep_to != 0 ? now : now + session->plan->interval;
}

void
session_unsent(
    struct session *session, const char *why, bool too_big, int64_t now)
{
	struct session_request *request = request_of(session, session->next);

	if (session->next - session->oldest == session->request_count)
		lose(session, request);
	session->next_at = now + session->plan->interval;
	*request = (struct session_request){ now, 0, SESSION_LOST, 0, 0 };
	session->next++;
	if (session->waiting == 0)
		session->oldest = session->next;
	if (session->plan->sweep_to != 0) {
		session->next_at = now;
		sweep_fail(&session->sweep, too_big ? 0 : session->plan->count);
		if (too_big)
			return;
	}
	snprintf(session->error, sizeof(session->error), "%s", why);
}

void
session_left(
    struct session *session, const struct mh_report *report, uint32_t path)
{
	struct session_request *request;
	uint32_t at = session->next, left = session->request_count;

	while (at-- > 0 && left-- > 0) {
		request = request_of(session, at);
		if (request->sent_id == report->sent_id &&
		    at % session->plan->paths == path) {
			request->left_ns = report->sent_ns;
			return;
		}
	}
}

void
session_expire(struct session *session, int64_t now)
{
	struct session_request *request;

	while (session->waiting > 0) {
		request = request_of(session, session->oldest);
		if (request->sent_at + session->plan->timeout > now)
			return;
		lose(session, request);
	}
}

/*
 * Answers.
 */

/*
 * The request of this path that an answer without a number is for: the newest
 * that waits, else the last.  The oldest would be wrong ever after one is lost.
 * false: there was none.
 */
static bool
guess(struct session *session, uint32_t path, uint32_t *sequence)
{
	uint32_t paths = session->plan->paths, at;

	if (session->next <= path)
		return false;
	*sequence = session->next - 1 - (session->next - 1 - path) % paths;
	for (at = *sequence; at >= session->oldest; at -= paths) {
		if (request_of(session, at)->outcome == SESSION_WAITING) {
			*sequence = at;
			break;
		}
		if (at < paths)
			break;
	}
	return true;
}

/* The number of the request that the answer names; false: there is none. */
static bool
look_back(const struct session *session, const struct protocol_answer *answer,
    uint32_t *sequence)
{
	uint32_t last = session->next - 1, back = last - answer->sequence;

	if (answer->bits < 32)
		back &= ((uint32_t)1 << answer->bits) - 1;
	*sequence = last - back;
	return session->next > 0 && back <= last &&
	    back < session->request_count;
}

/*
 * The request that the answer belongs to; NULL if there was none by the path
 * that it came.
 */
static struct session_request *
find_request(struct session *session, const struct protocol_answer *answer,
    uint32_t path, uint32_t *sequence)
{
	struct session_request *request;

	if (answer->bits == 0 ? !guess(session, path, sequence)
			      : !look_back(session, answer, sequence))
		return NULL;
	if (*sequence % session->plan->paths != path)
		return NULL;
	request = request_of(session, *sequence);
	if (answer->request_size != 0 && answer->request_size != request->size)
		return NULL;
	return request;
}

/*
 * The scope does not count: this host's own link-local addresses answer by way
 * of the loopback interface.
 */
bool
session_is_peer(const struct session *session, const struct mh_address *address)
{
	struct mh_address scoped = *address;

	scoped.scope = session->peer.scope;
	return mh_address_compare(&scoped, &session->peer) == 0;
}

static void
check_source(struct session *session, const struct mh_address *source)
{
	if (!session_is_peer(session, source)) {
		/* The first one stays, but an address is worse than a port. */
		if (session->wrong++ == 0)
			session->wrong_from = *source;
	} else if (source->port != session->peer.port) {
		if (session->wrong_port++ == 0 && session->wrong == 0)
			session->wrong_from = *source;
	}
}

static void
check_order(struct session *session, uint32_t sequence)
{
	if (sequence < session->highest)
		session->reordered++;
	else
		session->highest = sequence + 1;
}

/* The first answer to this request, in time. */
static void
take_answer(struct session *session, struct session_request *request,
    uint32_t sequence, const struct mh_datagram *datagram)
{
	uint32_t path = sequence % session->plan->paths;

	session->received++;
	close_request(session, request, SESSION_ANSWERED);
	if (!session->path_answered[path])
		session->paths_answered++;
	session->path_answered[path] = true;
	if (request->size > session->largest_request)
		session->largest_request = request->size;
	if (datagram->length > session->largest_answer)
		session->largest_answer = (uint32_t)datagram->length;
	if (session->plan->sweep_to != 0)
		sweep_pass(&session->sweep, request->size);
}

void
session_receive(struct session *session, const struct mh_datagram *datagram,
    uint32_t path, const struct session_clock *now)
{
	struct protocol_answer answer = { .bits = 0 };
	struct session_request *request = NULL;
	struct oneway_times times;
	struct rtt_trip trip;
	uint32_t sequence = 0;

	if (session->plan->protocol->match(
		&session->query, datagram->data, datagram->length, &answer))
		request = find_request(session, &answer, path, &sequence);
	if (request == NULL) {
		session->stray++;
		return;
	}
	check_source(session, &datagram->peer);
	marks_take(&session->marks, datagram);
	memcpy(session->detail, answer.detail, sizeof(session->detail));
	switch (request->outcome) {
	case SESSION_ANSWERED:
		session->duplicates++;
		break;
	case SESSION_LOST:
		session->late++;
		request->outcome = SESSION_ANSWERED;
		break;
	case SESSION_WAITING:
	case SESSION_REFUSED:
		/* Without a number the order is unknown. */
		if (answer.bits > 0)
			check_order(session, sequence);
		take_answer(session, request, sequence, datagram);
		trip = (struct rtt_trip){ request->sent_at, request->left_ns,
			datagram->arrived_ns, now->monotonic, now->realtime };
		times = oneway_times(&trip, rtt_add_trip(&session->rtt, &trip));
		oneway_add(
		    &session->oneway, &answer.reflection, sequence, &times);
		break;
	}
}

/*
 * IPv6: what was longer than the path was lost, and told this host how long it
 * may be; the same again would go in fragments.  So that request was never
 * sent, if it was the last.  Each time the path must have become narrower:
 * there is an end to it, whoever sends the errors.
 */
static bool
send_again(
    struct session *session, const struct mh_icmp_error *error, uint32_t path)
{
	uint32_t last = session->next - 1;

	if (error->kind != MH_ICMP_TOO_BIG || session->plan->dont_fragment ||
	    session->peer.family != MH_FAMILY_IPV6 || error->mtu == 0 ||
	    (session->path_mtu != 0 && error->mtu >= session->path_mtu))
		return false;
	session->path_mtu = error->mtu;
	if (session->next == 0 || last % session->plan->paths != path ||
	    request_of(session, last)->outcome != SESSION_WAITING)
		return false;
	session->next_at = request_of(session, last)->sent_at;
	session->next--;
	session->sent--;
	session->waiting--;
	return true;
}

void
session_refuse(
    struct session *session, const struct mh_icmp_error *error, uint32_t path)
{
	struct session_request *request;
	uint32_t at;

	session->icmp[error->kind]++;
	session->reporter = error->reporter;
	if (send_again(session, error, path))
		return;
	/* It does not say for which one: for the path's first, most likely. */
	for (at = session->oldest; at < session->next; at++) {
		request = request_of(session, at);
		if (at % session->plan->paths != path ||
		    request->outcome != SESSION_WAITING)
			continue;
		close_request(session, request, SESSION_REFUSED);
		if (session->plan->sweep_to != 0)
			sweep_fail(&session->sweep, 0);
		return;
	}
}

void
session_note(struct session *session, const char *note)
{
	size_t length = strlen(session->note);

	snprintf(session->note + length, sizeof(session->note) - length, "%s%s",
	    length > 0 ? ", " : "", note);
}

void
session_interrupt(struct session *session)
{
	const struct session_plan *plan = session->plan;
	char text[80];

	if (session->error[0] != '\0' || all_sent(session))
		return;
	if (session->next == 0)
		snprintf(session->error, sizeof(session->error),
		    "interrupted before it was asked");
	else if (plan->sweep_to != 0)
		snprintf(session->error, sizeof(session->error),
		    "interrupted before the largest size was found");
	else if (plan->count != 0) {
		snprintf(text, sizeof(text),
		    "interrupted after %u of %u requests",
		    (unsigned int)session->next, (unsigned int)total(plan));
		session_note(session, text);
	}
}

/*
 * The verdict.
 */

enum session_verdict
session_verdict(const struct session *session)
{
	unsigned int i;

	if (session->wrong > 0)
		return SESSION_WRONG;
	if (session->wrong_port > 0)
		return SESSION_WRONG_PORT;
	if (session->received > 0 &&
	    session->paths_answered == session->plan->paths &&
	    /* A search that skipped sizes has no result. */
	    (session->plan->sweep_to == 0 || session->error[0] == '\0'))
		return SESSION_OK;
	if (session->received == 0)
		for (i = 0; i < SESSION_ICMP_KINDS; i++)
			if (session->icmp[i] > 0)
				return SESSION_UNREACHABLE;
	return session->error[0] != '\0' ? SESSION_ERROR : SESSION_SILENT;
}
