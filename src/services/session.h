/* SPDX-License-Identifier: ISC */
/*
 * Sessions of a service, in memory of fixed size: a table keyed by both
 * endpoints and a number of the protocol.  Sessions that are idle for too long
 * make room for new ones; others never do, so that no stranger can end one; and
 * no network of peers has more than its share.
 */
#ifndef SERVICES_SESSION_H
#define SERVICES_SESSION_H

#include "services/service.h"

/* Who talks to which of our addresses.  No padding: it is hashed. */
struct session_key {
	uint8_t peer[16], local[16];
	uint32_t scope;
	uint16_t family, peer_port, local_port;
	uint16_t id; /* the protocol's own; or 0 */
};

/* Initialised in the state of a socket, see struct service. */
struct session_table;

/* The bytes that a table of that many sessions takes: multiples of 16. */
size_t session_table_size(uint32_t sessions, size_t value_size);

/*
 * An empty table there, aligned for any type.  value_size: bytes that each
 * session has for its service.
 */
void session_table_init(struct session_table *table, uint32_t sessions,
    size_t value_size, const uint8_t seed[SERVICE_SEED]);

/* The key of the session that a request belongs to. */
struct session_key session_key_of(
    const struct mh_datagram *request, uint16_t id);

/*
 * The values of a session that was used less than idle_ns before now, which is
 * thereby used again; NULL if there is none.  Times are monotonic and in
 * nanoseconds; a table has one idle_ns.
 */
void *session_find(struct session_table *table, const struct session_key *key,
    int64_t now, int64_t idle_ns);

/*
 * Begin a session, with values of zero; NULL if the table is full of sessions
 * that are not idle, or the peer's network (see quota.h) has as many as share
 * allows.  Only after session_find() returned NULL for that key.
 */
void *session_add(struct session_table *table, const struct session_key *key,
    uint32_t share, int64_t now, int64_t idle_ns);

/* End a session, by its values. */
void session_end(struct session_table *table, void *values);

/*
 * End some sessions that are idle, at most a few at a time so that no request
 * has to wait for many.  Returns their number.
 */
unsigned int session_expire(
    struct session_table *table, int64_t now, int64_t idle_ns);

/*
 * A ticket for a session, by its values; never 0.  Only its last one is valid,
 * until it ends.
 */
uint64_t session_ticket(struct session_table *table, void *values);

/* The values of the session with that ticket; NULL if it is not valid. */
void *session_of_ticket(struct session_table *table, uint64_t ticket);

/* A session, for those who ask. */
struct session_view {
	struct mh_address peer, local;
	int64_t used_at; /* monotonic, in nanoseconds */
};

/* The last used ones, at most room of them; how many. */
size_t session_list(
    const struct session_table *table, struct session_view *list, size_t room);

/* How many there can be. */
uint32_t session_limit(const struct session_table *table);

/* How many there are, including idle ones that have not ended. */
uint32_t session_count(const struct session_table *table);

#endif
