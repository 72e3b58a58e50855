/* SPDX-License-Identifier: ISC */
/*
 * The guard: verdicts about requests and replies, the cheap ones first.  It
 * knows no clock, no socket and no service.
 */
#include "daemon/guard.h"

#include <stdlib.h>

/* The payload of a UDP datagram in the smallest Ethernet frame, over IPv4. */
#define SMALLEST_PAYLOAD 18

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
		[DROP_OWN_ENDPOINT] = "own-endpoint",
		[DROP_TO_BROADCAST] = "to-broadcast",
		[DROP_TO_MULTICAST] = "to-multicast",
		[DROP_SOURCE_UNKNOWN] = "source-unknown",
		[DROP_TOO_LONG] = "too-long",
		[DROP_SOURCE_GONE] = "source-gone",
		[DROP_UNREACHABLE] = "unreachable",
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

int
guard_add_endpoint(struct guard *guard, const struct mh_address *endpoint)
{
	struct mh_address *grown = realloc(
	    guard->endpoints, (guard->endpoint_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return MH_ENOMEMORY;
	grown[guard->endpoint_count++] = *endpoint;
	guard->endpoints = grown;
	guard->own_ports[endpoint->port / 8] |= 1u << endpoint->port % 8;
	return 0;
}

void
guard_set_own(struct guard *guard, struct mh_address *own, size_t count)
{
	free(guard->own);
	guard->own = own;
	guard->own_count = count;
	if (count > 0)
		qsort(own, count, sizeof(*own), compare);
}

void
guard_set_broadcasts(
    struct guard *guard, struct mh_address *broadcasts, size_t count)
{
	free(guard->broadcasts);
	guard->broadcasts = broadcasts;
	guard->broadcast_count = count;
	if (count > 0)
		qsort(broadcasts, count, sizeof(*broadcasts), compare);
}

void
guard_clear(struct guard *guard)
{
	free(guard->endpoints);
	free(guard->own);
	free(guard->broadcasts);
	*guard = (struct guard){ .endpoints = NULL };
}

/* One of our own sockets, seen from the network? */
static bool
is_own_endpoint(const struct guard *guard, const struct mh_address *peer)
{
	const struct mh_address *endpoint;
	bool own_address;
	size_t i;

	if ((guard->own_ports[peer->port / 8] & 1u << peer->port % 8) == 0)
		return false;
	own_address = mh_address_class(peer) == MH_CLASS_LOOPBACK ||
	    contains(guard->own, guard->own_count, peer);
	for (i = 0; i < guard->endpoint_count; i++) {
		endpoint = &guard->endpoints[i];
		if (endpoint->port != peer->port)
			continue;
		if (mh_address_class(endpoint) <= MH_CLASS_UNSPECIFIED
			? own_address
			: mh_address_compare(endpoint, peer) == 0)
			return true;
	}
	return false;
}

static enum verdict
check_source(const struct guard *guard, const struct mh_address *peer)
{
	if (peer->port == 0)
		return DROP_SOURCE_PORT_0;
	switch (mh_address_class(peer)) {
	case MH_CLASS_NONE:
	case MH_CLASS_UNSPECIFIED:
		return DROP_SOURCE_UNSPECIFIED;
	case MH_CLASS_MULTICAST:
		return DROP_SOURCE_MULTICAST;
	case MH_CLASS_BROADCAST:
		return DROP_SOURCE_BROADCAST;
	default:
		break;
	}
	if (peer->family == MH_FAMILY_IPV4 &&
	    contains(guard->broadcasts, guard->broadcast_count, peer))
		return DROP_SOURCE_BROADCAST;
	if (is_own_endpoint(guard, peer))
		return DROP_OWN_ENDPOINT;
	return PASS;
}

enum verdict
guard_request(const struct guard *guard, const struct mh_datagram *request)
{
	if ((request->flags & MH_TRUNCATED) != 0)
		return DROP_TRUNCATED;
	if (!guard->answer_broadcast) {
		if ((request->flags & MH_TO_BROADCAST) != 0)
			return DROP_TO_BROADCAST;
		if ((request->flags & MH_TO_MULTICAST) != 0)
			return DROP_TO_MULTICAST;
	}
	return check_source(guard, &request->peer);
}

static bool
is_trusted(const struct mh_address *peer)
{
	switch (mh_address_class(peer)) {
	case MH_CLASS_LOOPBACK:
	case MH_CLASS_LINK_LOCAL:
	case MH_CLASS_PRIVATE:
	case MH_CLASS_UNIQUE_LOCAL:
		return true;
	default:
		return false;
	}
}

enum verdict
guard_reply(const struct mh_datagram *request, size_t length)
{
	if (length <= SMALLEST_PAYLOAD || length <= request->length)
		return PASS;
	return is_trusted(&request->peer) ? PASS : DROP_TOO_LONG;
}
