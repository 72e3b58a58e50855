/* SPDX-License-Identifier: ISC */
/*
 * The guard: verdicts on requests, cheap checks first, and how much may be sent
 * back.  It uses no clock, no socket and no service.
 */
#include "daemon/path/guard.h"
#include "platform/network.h"

#include <stdlib.h>
#include <string.h>

/*
 * The payload of a UDP datagram in the smallest Ethernet frame, over IPv4.
 * Over IPv6 the headers alone fill that frame.
 */
#define SMALLEST_PAYLOAD 18

/* Octets of the IP and UDP headers, without options. */
#define HEADERS_IPV4 (20 + 8)
#define HEADERS_IPV6 (40 + 8)

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[PASS] = "pass",
		[DROP_TRUNCATED] = "truncated",
		[DROP_SOURCE_PORT_0] = "source-port-0",
		[DROP_SOURCE_UNSPECIFIED] = "source-unspecified",
		[DROP_SOURCE_MULTICAST] = "source-multicast",
		[DROP_SOURCE_BROADCAST] = "source-broadcast",
		[DROP_SOURCE_LOOPBACK] = "source-loopback",
		[DROP_REFUSED_PORT] = "refused-port",
		[DROP_OWN_ENDPOINT] = "own-endpoint",
		[DROP_RESPONDER] = "responder",
		[DROP_TO_BROADCAST] = "to-broadcast",
		[DROP_TO_MULTICAST] = "to-multicast",
		[DROP_NOT_SERVED] = "not-served",
		[DROP_NOT_ALLOWED] = "not-allowed",
		[DROP_LOOP] = "loop",
		[DROP_RATE] = "rate",
		[DROP_RATE_TOTAL] = "rate-total",
		[DROP_UNRESOLVED] = "neighbour-unresolved",
		[DROP_CONGESTED] = "link-congested",
		[DROP_SOURCE_UNKNOWN] = "source-unknown",
		[DROP_NOT_REQUEST] = "not-request",
		[DROP_MALFORMED] = "malformed",
		[DROP_NO_SESSION] = "no-session",
		[DROP_NO_SPACE] = "no-space",
		[DROP_NOT_AUTHENTIC] = "not-authentic",
		[DROP_TOO_LONG] = "too-long",
		[DROP_FAULT] = "fault-drop",
		[DROP_SOURCE_GONE] = "source-gone",
		[DROP_UNREACHABLE] = "unreachable",
		[DROP_SOURCE_REFUSED] = "source-refused",
		[DROP_NOT_PERMITTED] = "not-permitted",
		[DROP_NO_BUFFERS] = "no-buffers",
		[DROP_TOO_BIG] = "too-big",
		[DROP_QUEUE_FULL] = "queue-full",
		[DROP_QUEUE_EXPIRED] = "queue-expired",
		[DROP_SEND_FAILED] = "send-failed",
	};

	return names[verdict];
}

static int
compare(const void *a, const void *b)
{
	return mh_address_compare(a, b);
}

static bool
contains(const struct mh_address *table, size_t count,
    const struct mh_address *address)
{
	return count > 0 &&
	    bsearch(address, table, count, sizeof(*table), compare) != NULL;
}

void
guard_ports_add(struct guard_ports *ports, uint16_t port)
{
	ports->bits[port / 8] |= (uint8_t)(1u << port % 8);
}

void
guard_rules_clear(struct guard_rules *rules)
{
	prefix_table_free(rules->serve);
	prefix_table_free(rules->access);
	prefix_table_free(rules->trust);
	*rules = (struct guard_rules){ .serve = NULL };
}

bool
guard_own_endpoints(struct guard_own *own, const struct mh_address *endpoints,
    size_t count, const struct guard_ports *refused)
{
	struct mh_address *copy = calloc(count + 1, sizeof(*copy));
	size_t i;

	if (copy == NULL)
		return false;
	own->watched = *refused;
	for (i = 0; i < count; i++) {
		copy[i] = endpoints[i];
		guard_ports_add(&own->watched, endpoints[i].port);
	}
	free(own->endpoints);
	own->endpoints = copy;
	own->endpoint_count = count;
	return true;
}

void
guard_own_rescope(
    struct guard_own *own, const struct mh_address *endpoint, uint32_t scope)
{
	size_t i;

	for (i = 0; i < own->endpoint_count; i++)
		if (own->endpoints[i].port == endpoint->port &&
		    mh_address_compare(&own->endpoints[i], endpoint) == 0)
			own->endpoints[i].scope = scope;
}

void
guard_own_move_endpoints(struct guard_own *own, struct guard_own *from)
{
	free(own->endpoints);
	own->watched = from->watched;
	own->endpoints = from->endpoints;
	own->endpoint_count = from->endpoint_count;
	from->endpoints = NULL;
	from->endpoint_count = 0;
}

void
guard_own_clear(struct guard_own *own)
{
	free(own->endpoints);
	*own = (struct guard_own){ .endpoints = NULL };
}

bool
guard_network_make(
    struct guard_network *tables, const struct host_network *network)
{
	const struct host_address *at = network->addresses;
	const struct host_address *end = at + network->address_count;
	size_t count = network->address_count;

	*tables = (struct guard_network){
		.addresses = calloc(count + 1, sizeof(*tables->addresses)),
		.broadcasts = calloc(count + 1, sizeof(*tables->broadcasts)),
	};
	if (tables->addresses == NULL || tables->broadcasts == NULL) {
		guard_network_clear(tables);
		return false;
	}
	for (; at < end; at++) {
		tables->addresses[tables->address_count++] = at->address;
		if (at->broadcast.family != MH_FAMILY_NONE)
			tables->broadcasts[tables->broadcast_count++] =
			    at->broadcast;
	}
	qsort(tables->addresses, tables->address_count,
	    sizeof(*tables->addresses), compare);
	qsort(tables->broadcasts, tables->broadcast_count,
	    sizeof(*tables->broadcasts), compare);
	return true;
}

void
guard_network_clear(struct guard_network *tables)
{
	free(tables->addresses);
	free(tables->broadcasts);
	*tables = (struct guard_network){ .addresses = NULL };
}

bool
guard_is_own(const struct guard_own *own, const struct mh_address *address)
{
	return contains(
	    own->network.addresses, own->network.address_count, address);
}

/* One of our own sockets, seen from the network? */
static bool
is_own_endpoint(const struct guard_own *own, const struct mh_address *peer)
{
	const struct mh_address *endpoint;
	bool own_address;
	size_t i;

	own_address = mh_address_class(peer) == MH_CLASS_LOOPBACK ||
	    guard_is_own(own, peer);
	for (i = 0; i < own->endpoint_count; i++) {
		endpoint = &own->endpoints[i];
		if (endpoint->port != peer->port)
			continue;
		if (mh_address_class(endpoint) == MH_CLASS_UNSPECIFIED
			? own_address
			: mh_address_compare(endpoint, peer) == 0)
			return true;
	}
	return false;
}

/* The ports of responders, and our own ports on any host. */
static enum verdict
check_port(const struct guard *guard, const struct mh_address *peer)
{
	if (peer->port == 0)
		return DROP_SOURCE_PORT_0;
	if (!guard_ports_contain(&guard->own->watched, peer->port))
		return PASS;
	if (is_own_endpoint(guard->own, peer))
		return DROP_OWN_ENDPOINT;
	/*
	 * Another host's responder on one of our ports can loop with us as
	 * well as we can with ourselves; but not if it can distinguish our
	 * reply from a request.
	 */
	return guard->rules->distinct_replies ? PASS : DROP_REFUSED_PORT;
}

static enum verdict
check_source(const struct guard *guard, const struct mh_datagram *request,
    enum mh_class peer)
{
	const struct guard_network *network = &guard->own->network;

	switch (peer) {
	case MH_CLASS_NONE:
	case MH_CLASS_THIS_NETWORK:
	case MH_CLASS_UNSPECIFIED:
		return DROP_SOURCE_UNSPECIFIED;
	case MH_CLASS_MULTICAST:
		return DROP_SOURCE_MULTICAST;
	case MH_CLASS_BROADCAST:
		return DROP_SOURCE_BROADCAST;
	case MH_CLASS_LOOPBACK:
		if (request->local.family != MH_FAMILY_NONE &&
		    mh_address_class(&request->local) != MH_CLASS_LOOPBACK)
			return DROP_SOURCE_LOOPBACK;
		return PASS;
	default:
		break;
	}
	if (request->peer.family == MH_FAMILY_IPV4 &&
	    contains(
		network->broadcasts, network->broadcast_count, &request->peer))
		return DROP_SOURCE_BROADCAST;
	return PASS;
}

static bool
is_private(enum mh_class kind)
{
	return kind == MH_CLASS_PRIVATE || kind == MH_CLASS_UNIQUE_LOCAL;
}

/*
 * Is the peer one that nobody outside can be?  Anyone can forge a private
 * source, but only hosts inside can reach a private address of ours.
 */
static bool
is_local(const struct mh_datagram *request, enum mh_class peer)
{
	/* Routers forward neither these nor the replies to them. */
	if (peer == MH_CLASS_LOOPBACK ||
	    (peer == MH_CLASS_LINK_LOCAL &&
		request->peer.family == MH_FAMILY_IPV6))
		return true;
	if (peer == MH_CLASS_LINK_LOCAL)
		return mh_address_class(&request->local) == MH_CLASS_LINK_LOCAL;
	return is_private(peer) &&
	    is_private(mh_address_class(&request->local));
}

static bool
is_trusted(const struct guard_rules *rules, const struct mh_datagram *request,
    enum mh_class peer)
{
	if (rules->trust_local && is_local(request, peer))
		return true;
	return rules->trust != NULL &&
	    prefix_table_find(rules->trust, &request->peer, 0) != 0;
}

static enum verdict
check_rules(const struct guard *guard, const struct mh_datagram *request)
{
	const struct guard_rules *rules = guard->rules;

	if (rules->serve != NULL &&
	    prefix_table_find(rules->serve, &request->local, 0) == 0)
		return DROP_NOT_SERVED;
	if (rules->access != NULL &&
	    prefix_table_find(rules->access, &request->peer,
		rules->access_otherwise) == GUARD_DENY)
		return DROP_NOT_ALLOWED;
	return PASS;
}

static enum verdict
check_rate(const struct guard *guard, const struct mh_address *peer,
    bool trusted, int64_t now)
{
	const struct guard_policy *policy = guard->policy;
	const struct guard_rules *rules = guard->rules;

	if (trusted || policy->limit == NULL)
		return PASS;
	if (rules->rate.per_second != 0 &&
	    !limit_source(
		policy->limit, &rules->rate, peer, rules->number, now))
		return DROP_RATE;
	if (policy->rate_total.per_second != 0 &&
	    !limit_total(policy->limit, &policy->rate_total, now))
		return DROP_RATE_TOTAL;
	return PASS;
}

/*
 * All checks that depend only on the two addresses.  Not inlined, so that
 * consecutive requests of one peer do not pay for the registers it needs.
 */
static __attribute__((noinline)) void
check_parties(const struct guard *guard, const struct mh_datagram *request,
    struct guard_last *found)
{
	enum mh_class peer = mh_address_class(&request->peer);
	struct mh_address neighbour;

	found->request = request;
	found->trusted = found->unbounded = false;
	found->verdict = check_port(guard, &request->peer);
	if (found->verdict == PASS)
		found->verdict = check_source(guard, request, peer);
	if (found->verdict == PASS)
		found->verdict = check_rules(guard, request);
	if (found->verdict != PASS)
		return;
	found->trusted = is_trusted(guard->rules, request, peer);
	found->unbounded = found->trusted && !guard->rules->amplifies;
	if (!neighbours_any_on_link(guard->neighbours))
		return;
	neighbour = neighbours_peer(request);
	if (neighbours_unresolved(guard->neighbours, &neighbour))
		found->verdict = DROP_UNRESOLVED;
}

static bool
same_parties(const struct mh_datagram *a, const struct mh_datagram *b)
{
	return a->if_index == b->if_index &&
	    memcmp(&a->peer, &b->peer, sizeof(a->peer)) == 0 &&
	    memcmp(&a->local, &b->local, sizeof(a->local)) == 0;
}

/* The flags that a request must not have. */
static uint32_t
refused_flags(const struct guard_policy *policy)
{
	return policy->answer_broadcast
	    ? MH_TRUNCATED
	    : MH_TRUNCATED | MH_TO_BROADCAST | MH_TO_MULTICAST;
}

static enum verdict
verdict_of_flags(uint32_t flags)
{
	if ((flags & MH_TRUNCATED) != 0)
		return DROP_TRUNCATED;
	return (flags & MH_TO_BROADCAST) != 0 ? DROP_TO_BROADCAST
					      : DROP_TO_MULTICAST;
}

enum verdict
guard_parties(const struct guard *guard, const struct mh_datagram *request,
    struct guard_last *last)
{
	if ((request->flags & refused_flags(guard->policy)) != 0)
		return verdict_of_flags(request->flags);
	if (last->request == NULL || !same_parties(request, last->request))
		check_parties(guard, request, last);
	return last->verdict;
}

/* May it pass?  *last is then about it, or about one with the same addresses.
 */
static enum verdict
check_request(const struct guard *guard, const struct mh_datagram *request,
    int64_t now, struct guard_last *last)
{
	const struct guard_policy *policy = guard->policy;

	if ((request->flags & refused_flags(policy)) != 0)
		return verdict_of_flags(request->flags);
	if (last->request == NULL || !same_parties(request, last->request))
		check_parties(guard, request, last);
	if (last->verdict != PASS)
		return last->verdict;
	if (policy->mark_replies && request->ttl >= GUARD_REPLY_TTL_LEAST &&
	    request->ttl <= GUARD_REPLY_TTL)
		return DROP_RESPONDER;
	if (guard->loops != NULL && !guard->rules->distinct_replies &&
	    !loops_pass(guard->loops, request, now))
		return DROP_LOOP;
	return check_rate(guard, &request->peer, last->trusted, now);
}

/* What a request cost its sender, in bytes of payload. */
static size_t
cost_of(const struct mh_datagram *request)
{
	if (request->peer.family == MH_FAMILY_IPV4 &&
	    request->length < SMALLEST_PAYLOAD)
		return SMALLEST_PAYLOAD;
	return request->length;
}

/* What the protocol itself needs to send back, in bytes of payload. */
static size_t
bound_of(const struct guard_rules *rules, const struct mh_datagram *request)
{
	bool ipv4 = request->peer.family == MH_FAMILY_IPV4;
	size_t headers = ipv4 ? HEADERS_IPV4 : HEADERS_IPV6;
	size_t hundredths = ipv4 ? rules->bound_ipv4 : rules->bound_ipv6;
	size_t octets = (request->length + headers) * hundredths / 100;

	return octets > headers ? octets - headers : 0;
}

size_t
guard_allowance(const struct guard *guard, const struct mh_datagram *request)
{
	const struct guard_rules *rules = guard->rules;
	size_t cost = cost_of(request);

	return rules->max_amplification == 100
	    ? cost
	    : cost * rules->max_amplification / 100;
}

struct guard_result
guard_next(const struct guard *guard, const struct mh_datagram *request,
    int64_t now, struct guard_last *last)
{
	const struct guard_rules *rules = guard->rules;
	struct guard_result result;
	size_t bound;

	result.verdict = check_request(guard, request, now, last);
	result.allowance = result.allowance_proven = SIZE_MAX;
	if (result.verdict != PASS || last->unbounded)
		return result;
	result.allowance = guard_allowance(guard, request);
	if ((rules->bound_ipv4 | rules->bound_ipv6) != 0) {
		bound = bound_of(rules, request);
		if (bound > result.allowance)
			result.allowance = bound;
	}
	result.allowance_proven =
	    result.allowance < GUARD_PROVEN ? GUARD_PROVEN : result.allowance;
	return result;
}

struct guard_result
guard_unresolved(const struct guard *guard, const struct mh_datagram *request,
    int64_t now, const struct guard_last *last)
{
	struct guard_last resolved = *last;

	resolved.verdict = PASS;
	return guard_next(guard, request, now, &resolved);
}

struct guard_result
guard_check(
    const struct guard *guard, const struct mh_datagram *request, int64_t now)
{
	struct guard_last none = { .request = NULL };

	return guard_next(guard, request, now, &none);
}
