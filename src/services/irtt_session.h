/* SPDX-License-Identifier: ISC */
/*
 * The sessions of irtt, in memory of fixed size, and the tokens that begin
 * them.  Sources may be forged, so what is agreed on when a client opens is
 * only in a slot, which the next open may take; a session begins when the token
 * comes back from where it was sent.  Then nobody's open ends it.
 */
#ifndef SERVICES_IRTT_SESSION_H
#define SERVICES_IRTT_SESSION_H

#include "services/irtt_message.h"
#include "services/session.h"

/* What was agreed on for a session, besides the layout of its replies. */
struct irtt_agreement {
	int64_t duration; /* nanoseconds */
	uint16_t length;
	uint8_t tos; /* of replies; 0: the socket's */
	struct irtt_fill fill;
};

/* A session.  Times are monotonic, in nanoseconds. */
struct irtt_session {
	uint64_t token;
	int64_t began;
	int64_t due;       /* when the next packet is, at full pace */
	uint32_t received; /* packets */
	uint32_t highest;  /* sequence number */
	uint64_t window;   /* bit n: highest - n came */
	struct irtt_agreement agreement;
};

/* Who asks, and when. */
struct irtt_client {
	struct session_key key;
	uint64_t token;  /* that came; its low bits are the layout */
	int64_t now;     /* monotonic */
	int64_t timeout; /* how long a session may be idle; nanoseconds */
	uint32_t share;  /* the most sessions of the client's network */
};

/* Initialised in the state of a socket, see struct service. */
struct irtt_sessions;

/* The bytes that this many sessions take, and none yet. */
size_t irtt_sessions_size(uint32_t sessions);
void irtt_sessions_init(struct irtt_sessions *table, uint32_t sessions,
    const uint8_t seed[SERVICE_SEED]);

/* For struct service: where they are. */
struct session_table *irtt_sessions_of(void *state, const void *settings);

/* How many there are. */
uint32_t irtt_sessions_count(struct irtt_sessions *table);

/* End some that are idle; their number. */
unsigned int irtt_sessions_expire(
    struct irtt_sessions *table, const struct irtt_client *client);

/*
 * A token for that client, whose low bits are the layout.  It is good for
 * timeout to twice timeout, and for one session.
 */
uint64_t irtt_sessions_agree(struct irtt_sessions *table,
    const struct irtt_client *client, unsigned int layout,
    const struct irtt_agreement *agreement);

/* The session of that client and that token, or NULL. */
struct irtt_session *irtt_sessions_find(
    struct irtt_sessions *table, const struct irtt_client *client);

/*
 * Begin the one of that token, which ends any other of the client.  otherwise:
 * what was agreed on if another open has taken its slot.  SERVICE_REPLY if
 * *session is it; SERVICE_NO_SESSION if the token is not good, or was used.
 */
enum service_outcome irtt_sessions_begin(struct irtt_sessions *table,
    const struct irtt_client *client, const struct irtt_agreement *otherwise,
    struct irtt_session **session);

/* End it, or what was agreed on for it; false if there is none. */
bool irtt_sessions_end(
    struct irtt_sessions *table, const struct irtt_client *client);

/*
 * Which packets came, as of the one of this number, which did now: it is bit 0,
 * the one before it bit 1; 0, which says nothing, if a later one came before.
 */
uint64_t irtt_session_follow(struct irtt_session *session, uint32_t sequence);

/*
 * Is a packet that arrived then no sooner than one every interval allows, but
 * for what a queue may have held back?
 */
bool irtt_session_keeps_pace(
    struct irtt_session *session, int64_t interval, int64_t arrived);

#endif
