/* SPDX-License-Identifier: ISC */
/*
 * The connections of those who ask, by HTTP or over the control socket: a table
 * of fixed size in which nobody holds a place for long, and no peer all of
 * them.  They share the thread and the descriptors of the datagrams.
 */
#ifndef DAEMON_OPS_CONNECTIONS_H
#define DAEMON_OPS_CONNECTIONS_H

#include "daemon/ops/snapshot.h"

/* Places, and how many of them one peer may have. */
#define CONNECTIONS_MAX 32
#define CONNECTIONS_OF_PEER_MAX 16

struct event;
struct event_base;
struct evbuffer;
struct connections;

enum connection_state {
	CONNECTION_FREE,
	CONNECTION_READING, /* no whole request yet */
	CONNECTION_WAITING, /* for its answer to be made */
	CONNECTION_WRITING,
	CONNECTION_LINGERING /* the peer has yet to take the last of it */
};

struct connection {
	enum connection_state state;
	struct connections *table;
	struct mh_address peer; /* who shares its places: IPv6 by /64 */
	intptr_t handle;
	struct event *readable;
	struct event *writable;
	struct evbuffer *input;
	struct evbuffer *output;
	size_t drained;   /* bytes, while lingering */
	uint64_t serial;  /* in the order of coming */
	int64_t accepted; /* host_monotonic_ns() */
	int64_t progress; /* the last, since it has a whole request */
	bool is_refused;  /* the answer is an error */
	/* The owner's. */
	bool is_head;
	unsigned int wanted;
	bool is_claimed;
	void *page;
};

/* Whose connections they are. */
struct connections_owner {
	const char *name;   /* for the log */
	size_t request_max; /* bytes of a request */
	bool is_patient;    /* an answer may take any time to be made */
	/* May the peer, with its real address, ask at all? */
	bool (*may_ask)(void *argument, const struct mh_address *peer);
	/* Is what has come a whole request, or certainly wrong? */
	bool (*is_whole)(const char *text, size_t length);
	/*
	 * It is; to be answered with connections_send(), now or later, once.
	 * text is valid until then or the return; NULL: out of memory.
	 */
	void (*request)(void *argument, struct connection *connection,
	    const char *text, size_t length);
	/* It is over, and what the owner keeps in it with it. */
	void (*closed)(void *argument, struct connection *connection);
	void *argument;
};

/* NULL when out of memory. */
struct connections *connections_new(
    struct event_base *base, const struct connections_owner *owner);

/*
 * Take over a non-blocking socket that was accepted, or close it if the peer
 * may not ask.  If there is no room, another one is closed: preferably one that
 * has no whole request, the oldest of the peer that has the most; the newest of
 * these stay for a second, if there is one that takes no answer.
 */
void connections_add(struct connections *connections, intptr_t handle);

/*
 * No socket can be accepted, with the reason: count that, close one that does
 * not wait for its answer, and for some seconds keep fewer open, so that there
 * is a descriptor for the next.
 */
void connections_add_failed(struct connections *connections, const char *why);

/* Send the answer, all that is in output, and close. */
void connections_send(struct connection *connection, bool is_refused);

/* Close it at once, for another one. */
void connections_evict(struct connection *connection);

/* The n-th place, of CONNECTIONS_MAX, free or not. */
struct connection *connections_at(struct connections *connections, size_t n);

/* How those that are over have ended. */
const uint64_t *connections_counters(const struct connections *connections);

/* Close all; NULL is allowed. */
void connections_free(struct connections *connections);

#endif
