/* SPDX-License-Identifier: ISC */
/*
 * Step 3 of the datagram's way: may it pass?  Pure; every verdict but PASS is
 * counted under its name.
 */
#ifndef DAEMON_PATH_GUARD_H
#define DAEMON_PATH_GUARD_H

#include "daemon/path/limit.h"
#include "daemon/path/loops.h"
#include "daemon/path/neighbours.h"
#include "daemon/path/prefix.h"
#include "platform/network.h"

/*
 * What is done with a datagram, and why.  First come the checks before and
 * after the service, then what the service says, then the failures of sending.
 */
enum verdict {
	PASS,
	DROP_TRUNCATED,          /* larger than any datagram can be */
	DROP_SOURCE_PORT_0,      /* a reply could not be delivered */
	DROP_SOURCE_UNSPECIFIED, /* from 0.0.0.0/8 or :: */
	DROP_SOURCE_MULTICAST,   /* from a group */
	DROP_SOURCE_BROADCAST,   /* from a broadcast address */
	DROP_SOURCE_LOOPBACK,    /* from loopback, to another address */
	DROP_REFUSED_PORT,       /* refuse-ports, or a port that we serve */
	DROP_OWN_ENDPOINT,       /* from one of our own sockets: a loop */
	DROP_RESPONDER,          /* a reply of a multihomed: a loop, too */
	DROP_TO_BROADCAST,       /* answer-broadcast is off */
	DROP_TO_MULTICAST,       /* answer-broadcast is off */
	DROP_NOT_SERVED,         /* serve excludes the address asked */
	DROP_NOT_ALLOWED,        /* allow or deny excludes the peer */
	DROP_LOOP,               /* the same payload again and again */
	DROP_RATE,               /* more than rate from one source */
	DROP_RATE_TOTAL,         /* more than rate-total from all */
	DROP_UNRESOLVED,     /* the peer may not exist: no neighbour entry */
	DROP_CONGESTED,      /* replies to it wait in the interface's queue */
	DROP_SOURCE_UNKNOWN, /* the address asked is not known */

	/* What the service says of a request: enum service_outcome. */
	DROP_NOT_REQUEST,
	DROP_MALFORMED,
	DROP_NO_SESSION,
	DROP_NO_SPACE,
	DROP_NOT_AUTHENTIC,
	DROP_TOO_LONG, /* the reply, for what the request allows */
	DROP_FAULT,    /* on purpose: fault-drop */

	DROP_SOURCE_GONE, /* the address asked is no longer on this host */
	DROP_UNREACHABLE,
	DROP_SOURCE_REFUSED, /* it is ours, but the system rejects it */
	DROP_NOT_PERMITTED,  /* by a firewall */
	DROP_NO_BUFFERS,
	DROP_TOO_BIG,
	DROP_QUEUE_FULL,
	DROP_QUEUE_EXPIRED,
	DROP_SEND_FAILED, /* any other error of the system */
	VERDICT_COUNT
};

/* Its name in logs and counters: "source-port-0". */
const char *verdict_name(enum verdict verdict);

/*
 * The TTL or hop limit that replies leave with.  No system's datagrams start
 * with it or pass through it: those that start at 255 still have more after 63
 * hops, those that start at 128 are always below.  So a datagram that arrives
 * with a value from 129 to this is a reply of a daemon like this one, up to 62
 * hops away, which would answer ours in turn, whatever its port and address.
 */
#define GUARD_REPLY_TTL 191
#define GUARD_REPLY_TTL_LEAST 129

/*
 * What a peer may get whose address is not forged, in bytes of payload: a
 * packet of 1280 bytes, which is not fragmented on any path of IPv6.
 */
#define GUARD_PROVEN 1232

/* A set of ports. */
struct guard_ports {
	uint8_t bits[65536 / 8];
};

/* What is configured for the whole daemon.  Read-only, for all threads. */
struct guard_policy {
	bool answer_broadcast; /* and multicast */
	bool mark_replies;     /* they leave with GUARD_REPLY_TTL */
	struct guard_ports refused;
	struct limit_rate rate_total;
	struct limit *limit; /* NULL: no limits */
	/* Random, the same as long as the process runs: for services. */
	uint8_t seed[16];
};

/* What is configured for a service.  Read-only, for all threads. */
struct guard_rules {
	struct prefix_table *serve;  /* local addresses; NULL: all */
	struct prefix_table *access; /* enum guard_access; NULL: all allowed */
	int access_otherwise;        /* for peers that no rule matches */
	struct prefix_table *trust;  /* NULL: no peer by prefix */
	bool trust_local;            /* and those that no outsider can forge */
	unsigned int max_amplification; /* hundredths */
	/* Of the service's protocol: struct service. */
	bool distinct_replies;
	bool amplifies;
	unsigned int bound_ipv4, bound_ipv6; /* hundredths, on the wire */
	struct limit_rate rate;
	uint32_t number; /* of the service: keeps its rates apart */
};

enum guard_access { GUARD_DENY, GUARD_ALLOW };

/* Addresses of this host, and the broadcast addresses of its networks; both
 * sorted. */
struct guard_network {
	struct mh_address *addresses;
	size_t address_count;
	struct mh_address *broadcasts;
	size_t broadcast_count;
};

/* What is known of this host; each thread has its own. */
struct guard_own {
	/* Refused ports and those of our endpoints: rules out nearly all. */
	struct guard_ports watched;
	struct mh_address *endpoints;
	size_t endpoint_count;
	struct guard_network network; /* its tables belong to the caller */
};

/* What verdicts depend on. */
struct guard {
	const struct guard_policy *policy;
	const struct guard_rules *rules;
	const struct guard_own *own;
	struct loops *loops;           /* of the thread; NULL: not detected */
	struct neighbours *neighbours; /* NULL: all peers are resolved */
};

/*
 * The result for the last request: much of it depends only on the two
 * addresses, and consecutive requests often are from one peer.  Valid for one
 * batch, during which neither rules nor addresses change.
 */
struct guard_last {
	const struct mh_datagram *request; /* NULL: none yet */
	enum verdict verdict;
	bool trusted;
	bool unbounded; /* trusted, and the service does not amplify */
};

/* Add a port to the set. */
void guard_ports_add(struct guard_ports *ports, uint16_t port);

/* Is it in the set? */
static inline bool
guard_ports_contain(const struct guard_ports *ports, uint16_t port)
{
	return (ports->bits[port / 8] & 1u << port % 8) != 0;
}

/* Free the tables of the rules. */
void guard_rules_clear(struct guard_rules *rules);

/*
 * Set our own endpoints (copied) and the refused ports.  Returns false when out
 * of memory, with nothing changed.
 */
bool guard_own_endpoints(struct guard_own *own,
    const struct mh_address *endpoints, size_t count,
    const struct guard_ports *refused);

/* One of them, which has a scope, has another one now. */
void guard_own_rescope(
    struct guard_own *own, const struct mh_address *endpoint, uint32_t scope);

/* Set them by moving those of another one; cannot fail. */
void guard_own_move_endpoints(struct guard_own *own, struct guard_own *from);

/* Free the endpoints. */
void guard_own_clear(struct guard_own *own);

/* Make the tables of this host's addresses; false when out of memory. */
bool guard_network_make(
    struct guard_network *tables, const struct host_network *network);

/* Free the tables. */
void guard_network_clear(struct guard_network *tables);

/* Is it an address of this host?  The port does not matter. */
bool guard_is_own(
    const struct guard_own *own, const struct mh_address *address);

/* The guard's decision on a request. */
struct guard_result {
	enum verdict verdict; /* PASS, or why it is dropped */
	/*
	 * The maximum payload of the reply in bytes.  A stranger gets
	 * max-amplification times what it sent, where over IPv4 anything up to
	 * 18 bytes counts as 18: the smallest Ethernet frame is the smallest
	 * cost of a request; or what the protocol itself needs, if that is
	 * more.  SIZE_MAX for peers in trust, unless the service amplifies.
	 * Undefined unless PASS.
	 */
	size_t allowance;
	/*
	 * The same for a peer that the service finds to be proven: at least
	 * GUARD_PROVEN.
	 */
	size_t allowance_proven;
};

/*
 * May this request be answered, and how long may the reply be?  If so, it is
 * charged to its source's rate.  now: host_monotonic_ns().
 */
struct guard_result guard_check(
    const struct guard *guard, const struct mh_datagram *request, int64_t now);

/*
 * The maximum payload of a reply to a peer that is not in trust, in bytes, by
 * max-amplification alone: without what the protocol itself needs.
 */
size_t guard_allowance(
    const struct guard *guard, const struct mh_datagram *request);

/*
 * The first half of guard_next(): all but loops, rates and marks, which this
 * leaves as they are.
 */
enum verdict guard_parties(const struct guard *guard,
    const struct mh_datagram *request, struct guard_last *last);

/* The same as guard_check() for a request of a batch; its datagrams stay where
 * they are. */
struct guard_result guard_next(const struct guard *guard,
    const struct mh_datagram *request, int64_t now, struct guard_last *last);

/*
 * The verdict on a request after DROP_UNRESOLVED, once there is room for its
 * reply to wait: that of all other checks.
 */
struct guard_result guard_unresolved(const struct guard *guard,
    const struct mh_datagram *request, int64_t now,
    const struct guard_last *last);

#endif
