/* SPDX-License-Identifier: ISC */
/*
 * Step 4 of the datagram's way: the contract of a service.  A service is a
 * constant descriptor and pure functions of request, context and state: no
 * clock, no I/O, no allocation, no log.  It never names an address to reply
 * from but chooses among our own endpoints, so it cannot forge a source.
 */
#ifndef SERVICES_SERVICE_H
#define SERVICES_SERVICE_H

#include "lib/multihome.h"

#include <stdatomic.h>

/*
 * Which of our own endpoints a reply leaves from.  The ports are the two of the
 * endpoint that was asked: where another address has the first of them but not
 * the second, there is SERVICE_OTHER_ADDRESS and no SERVICE_OTHER_BOTH.
 */
enum service_end {
	SERVICE_ASKED,         /* the one the request was sent to */
	SERVICE_OTHER_PORT,    /* the same address, the service's other port */
	SERVICE_OTHER_ADDRESS, /* another address of this host, the same port */
	SERVICE_OTHER_BOTH,    /* that address, that port */
	SERVICE_ENDS           /* their number */
};

/* The outcome of a request; each is counted under its name. */
enum service_outcome {
	SERVICE_REPLY,
	SERVICE_QUIET,         /* no reply, on purpose: "silent" */
	SERVICE_NOT_REQUEST,   /* a reply, or another protocol's message */
	SERVICE_MALFORMED,     /* a request that violates its protocol */
	SERVICE_NO_SESSION,    /* its session does not exist (any more) */
	SERVICE_NO_SPACE,      /* the session table is full */
	SERVICE_NOT_AUTHENTIC, /* not signed with the key that it needs */
	SERVICE_NO_ROOM /* the reply, of reply->length bytes if that is known,
			 * is longer than reply->room: "too-long" */
};

/* One reading of the clocks. */
struct service_clock {
	int64_t utc_ns;       /* nanoseconds since 1970-01-01 UTC; only in
			       * depart() and with SERVICE_WANTS_UTC */
	int64_t monotonic_ns; /* never jumps; its zero means nothing */
};

/* How accurate this host's clock is, according to the system. */
struct service_quality {
	bool synchronised;      /* false if the system does not know, too */
	int8_t leap;            /* leap second to come: +1, -1, 0 none */
	int8_t precision;       /* of a reading: 2^precision seconds */
	uint32_t dispersion_us; /* the most that utc_ns can be off, in
				 * microseconds; UINT32_MAX if unknown */
};

/*
 * What a reply may depend on besides the request.  All of it belongs to the
 * caller, and is read-only except *state.
 */
struct service_context {
	struct service_clock now;       /* one reading a batch */
	struct service_quality quality; /* SERVICE_WANTS_QUALITY; else all 0 */
	bool marked; /* the socket's TTL marks replies (mark-replies) */
	const void *settings; /* the service's own struct */
	const void *prepared; /* what prepare() made of them; NULL: nothing */
	/*
	 * SERVICE_SEED random bytes, the same for all sockets and threads of
	 * this process, and after a reload.
	 */
	const uint8_t *seed;
	const char *node;      /* this host's name, for people */
	const char *interface; /* arrival interface; "" if unknown, or without
				* SERVICE_WANTS_INTERFACE */
	/*
	 * SERVICE_ENDS addresses with port, by enum service_end, in the
	 * request's family; family none if there is no such end.  NULL
	 * without SERVICE_WANTS_ENDS.
	 */
	const struct mh_address *ends;
	/*
	 * Ports that no reply is redirected to: refuse-ports, and those of our
	 * own sockets.  The bit port % 8 of the byte port / 8.  NULL without
	 * SERVICE_WANTS_ENDS.
	 */
	const uint8_t *closed_ports;
	void *state; /* this socket's; NULL without state_size(), and in
		      * depart() */
	struct service_counts *counts; /* for service_event() and the like */
};

/* A reply being made. */
struct service_reply {
	void *data;  /* room bytes; may be pointed at request->data instead, to
		      * send that back */
	size_t room; /* its maximum length in bytes: the least of the slot, what
		      * this peer may be sent, and what the protocol carries */
	/*
	 * SERVICE_WANTS_ROOM_PROVEN: the same for a peer that is proven: its
	 * request has something that only who gets what is sent there can have,
	 * such as a DNS cookie, so that its address is not forged.  At least
	 * room; may be used if proven is set, which stays false without.
	 */
	size_t room_proven;
	bool proven;           /* initially false */
	size_t length;         /* bytes; initially 0 */
	enum service_end from; /* initially SERVICE_ASKED */
	/*
	 * TOS or traffic class, 0 to 255, and TTL or hop limit, 1 to 255; -1,
	 * like any other value: the socket's.  A TTL of its own takes the place
	 * of the one that marks replies (mark-replies).
	 */
	int16_t tos;
	int16_t ttl;
	/*
	 * The peer's port to send to instead of the one that asked; 0, as
	 * initially: that one.  At least SERVICE_PORT_LEAST, and none of
	 * context->closed_ports.
	 */
	uint16_t to_port;
	/*
	 * Not 0: a token of the service's own, for which sent() is to say when
	 * this reply left; one from SERVICE_ASKED only.
	 */
	uint64_t report;
	int64_t note; /* whatever depart() is to know of the request, too */
};

/* Below are the ports of servers. */
#define SERVICE_PORT_LEAST 1024

/* Optional information that a service needs: service.wants. */
enum service_wants {
	SERVICE_WANTS_TTL = 1 << 0,        /* request->ttl */
	SERVICE_WANTS_TOS = 1 << 1,        /* request->tos */
	SERVICE_WANTS_TIME = 1 << 2,       /* request->arrived_ns */
	SERVICE_WANTS_INTERFACE = 1 << 3,  /* context->interface */
	SERVICE_WANTS_ENDS = 1 << 4,       /* context->ends */
	SERVICE_WANTS_QUALITY = 1 << 5,    /* context->quality */
	SERVICE_WANTS_UTC = 1 << 6,        /* context->now.utc_ns */
	SERVICE_WANTS_ROOM_PROVEN = 1 << 7 /* reply->room_proven */
};

/*
 * What the operator says of this host's addresses, for the choice of
 * SERVICE_OTHER_ADDRESS.  Otherwise it is one that other hosts can reach.
 */
struct service_others {
	/*
	 * If there are any of a family, only these are chosen from, the first
	 * first; except for requests to one of them.
	 */
	const struct mh_address *named;
	size_t named_count;
	/* Reached from outside by another address: as good as a global one. */
	const struct mh_address *mapped;
	size_t mapped_count;
};

/* The longest pattern, in bytes. */
#define SERVICE_PATTERN_MAX 512

/* Bytes to compare a request with, some of which may be anything. */
struct service_pattern {
	uint8_t bytes[SERVICE_PATTERN_MAX];
	uint8_t mask[SERVICE_PATTERN_MAX]; /* 0xff: must match; 0: any */
	size_t length;
};

/* A file named by a key; it is read before check() is called. */
struct service_file {
	char *path; /* NULL: not set */
	char *text; /* its contents; NULL: not read (yet) */
	size_t length;
};

/* The type of a key's value, and of its member in the settings. */
enum service_type {
	SERVICE_BOOL,     /* bool: "yes" or "no" */
	SERVICE_CHOICE,   /* unsigned int: which word of argument, "a|b|c" */
	SERVICE_NUMBER,   /* unsigned int: within argument, "1-65535" */
	SERVICE_SECONDS,  /* unsigned int: "10s", "2m" */
	SERVICE_TEXT,     /* char *; NULL: not set */
	SERVICE_FILE,     /* struct service_file */
	SERVICE_PATTERN,  /* struct service_pattern *; NULL: not set */
	SERVICE_WILDCARDS /* the same, where ? matches any byte */
};

/*
 * A key of a service's own: set in the service's section of the file, or by an
 * option --SERVICE-NAME.
 */
struct service_key {
	const char *name; /* as in the file: "request" */
	enum service_type type;
	size_t offset;        /* in the service's settings */
	const char *argument; /* the value in the help: "FILE" */
	const char *initial;  /* as text; NULL: not set */
	const char *help;     /* one line */
};

/* The most keys of its own that a service can have. */
#define SERVICE_KEYS_MAX 32

/* The most events of its own that a service can count. */
#define SERVICE_EVENTS_MAX 12

/* The most modes that the sessions of a service can have. */
#define SERVICE_MODES_MAX 2

/* How long requests were here: a histogram. */
#define SERVICE_RESIDENCES 13

/* Up to which residence each is counted, in nanoseconds; the last: any. */
extern const int64_t service_residence_bounds[SERVICE_RESIDENCES];

/* What is counted of the sessions of one mode. */
struct service_mode {
	_Atomic uint64_t packets;
	_Atomic uint64_t lost; /* on their way here */
	_Atomic uint64_t residences[SERVICE_RESIDENCES];
	_Atomic uint64_t residence_sum; /* ns */
};

/* What a service itself counts, of one socket; the caller's, initially 0. */
struct service_counts {
	_Atomic uint64_t events[SERVICE_EVENTS_MAX];
	struct service_mode modes[SERVICE_MODES_MAX];
};

/* Bytes that hold the reason of check(). */
#define SERVICE_WHY 256

/* Bytes of the random seed of a state. */
#define SERVICE_SEED 16

struct session_table;

struct service {
	const char *name;    /* as on the command line */
	const char *summary; /* one line for the usage message */
	uint16_t port;       /* registered port; 0: must be configured */
	unsigned int wants;  /* SERVICE_WANTS_* */

	/*
	 * For the guard.  distinct_replies: no message of the protocol can be
	 * both a request and a reply, so that two responders cannot keep each
	 * other busy, and refuse-ports is no reason to drop.  bound_ipv4,
	 * bound_ipv6: what the protocol itself needs to send to a stranger,
	 * in hundredths of the request on the wire, including IP and UDP
	 * headers; 0: nothing beyond max-amplification.  amplifies: replies
	 * are long however short the request is, so max-amplification applies
	 * to trusted peers, too.
	 */
	bool distinct_replies;
	bool amplifies;
	unsigned int bound_ipv4, bound_ipv6;

	/* Its own keys, ended by a NULL name; NULL: none. */
	const struct service_key *keys;
	size_t settings_size; /* of the struct that they fill */

	/*
	 * What it counts by service_event(): names for the metrics, in the
	 * order of their numbers, ended by NULL.  NULL: nothing.
	 */
	const char *const *events;

	/*
	 * The modes that its sessions have, of which it counts packets, losses
	 * and residence: names for the metrics, in the order of their numbers,
	 * ended by NULL.  NULL: it does not.
	 */
	const char *const *modes;

	/*
	 * The service's second port when it listens on the given one; it is
	 * opened along with each endpoint.  0: none with these settings.
	 * NULL: the service never has one.
	 */
	uint16_t (*other_port)(const void *settings, uint16_t port);

	/*
	 * What its settings say of this host's addresses, with
	 * SERVICE_WANTS_ENDS; part of what prepare() made.  NULL: nothing.
	 */
	const struct service_others *(*others)(const void *prepared);

	/*
	 * Are the settings complete and sensible?  Returns NULL if they are;
	 * otherwise the name of the offending key, with a reason in why that
	 * reads well after it: "is missing".  NULL: nothing to check.
	 */
	const char *(*check)(const void *settings, char why[SERVICE_WHY]);

	/*
	 * Work that no request should have to wait for: fills size bytes of
	 * memory, aligned for any type, and returns how many it needs.  Called
	 * with size 0 and NULL first, then with the size that it returned.
	 * NULL: nothing to prepare.
	 */
	size_t (*prepare)(const void *settings, void *prepared, size_t size);

	/*
	 * The state of one socket: its size in bytes, and its initial value.
	 * It belongs to one thread, lives as long as the socket serves this
	 * service with the same size, across reloads too, and never grows:
	 * when it is full, requests get SERVICE_NO_SPACE.  Entries expire by
	 * the time in the context.  NULL: no state.
	 */
	size_t (*state_size)(const void *settings);
	void (*state_init)(void *state, const void *settings,
	    const uint8_t seed[SERVICE_SEED]);

	/*
	 * The sessions in a state, for those who ask; NULL: the service has
	 * none, or not with these settings.  NULL: it never has any.
	 */
	struct session_table *(*sessions)(void *state, const void *settings);

	/*
	 * Answer a request with at most one reply, of at most reply->room
	 * bytes.
	 */
	enum service_outcome (*answer)(const struct mh_datagram *request,
	    struct service_context *context, struct service_reply *reply);

	/*
	 * Called just before every attempt to send a reply, not only the
	 * first, except when the system's refusal of a batch is followed by
	 * another try at once: fills in what must be correct when it leaves,
	 * such as the time (context->now has just been read) and what is
	 * computed from it.  Takes the same time for any reply, and changes
	 * neither its length nor its end.  The reply may be shorter than it was
	 * made, or made before a reload.  NULL: nothing to fill in.
	 */
	void (*depart)(
	    const struct service_context *context, struct service_reply *reply);

	/*
	 * Called after depart(), with the same context and reply->note, for a
	 * reply that the system took: once, however often that was tried.
	 * NULL, or without depart(): the service does not want to know.
	 */
	void (*departed)(const struct service_context *context,
	    const struct service_reply *reply);

	/*
	 * When a reply with reply->report left: given by the system to the
	 * network device, in nanoseconds since 1970-01-01 UTC.  Of the last 64
	 * such replies of a socket; called between requests, perhaps twice, of
	 * which the later one counts.  Never called for a reply that waited for
	 * a full socket, or that the system or the device does not report on.
	 * state: that of answer(); with another one its tokens are forgotten.
	 * NULL, or without a state: the service cannot ask.
	 */
	void (*sent)(void *state, uint64_t report, int64_t utc_ns);
};

/*
 * Read a pattern: text in double quotes, where \n \r \t \0 \\ \" and \xNN
 * mean what they do in C; or pairs of hexadecimal digits, with blanks between
 * them or not.  wildcards: an unquoted ? (in hexadecimal ??) matches any byte.
 * False on failure, with a reason in why; *pattern is unchanged then.
 */
bool service_pattern_parse(struct service_pattern *pattern, const char *text,
    bool wildcards, char why[SERVICE_WHY]);

/* When the request arrived: the system's receive time, if there is one. */
static inline int64_t
service_arrival(
    const struct mh_datagram *request, const struct service_context *context)
{
	return request->arrived_ns != 0 ? request->arrived_ns
					: context->now.utc_ns;
}

/* The one thread of the socket counts, any may read. */
static inline void
service_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter,
	    atomic_load_explicit(counter, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

/* An event of that number, n times; for answer(). */
static inline void
service_event(
    const struct service_context *context, unsigned int event, uint64_t n)
{
	if (n != 0 && context->counts != NULL)
		service_add(&context->counts->events[event], n);
}

/* A packet of a session of that mode; for answer(). */
static inline void
service_packet(const struct service_context *context, unsigned int mode)
{
	if (context->counts != NULL)
		service_add(&context->counts->modes[mode].packets, 1);
}

/* That many packets to that session did not arrive; for answer(). */
static inline void
service_lost(
    const struct service_context *context, unsigned int mode, uint64_t n)
{
	if (n != 0 && context->counts != NULL)
		service_add(&context->counts->modes[mode].lost, n);
}

/*
 * That many nanoseconds after a request arrived, the reply left; for
 * departed().  Negative, as the clock was set, counts as 0.
 */
void service_residence(const struct service_context *context, unsigned int mode,
    int64_t residence);

/* All services, in the order of the usage message; ended by NULL. */
extern const struct service *const service_table[];

/* The service of that name, or NULL. */
const struct service *service_find(const char *name);

/* Its own key of that name, or NULL. */
const struct service_key *service_key_find(
    const struct service *service, const char *name);

/* How many keys of its own it has. */
size_t service_key_count(const struct service *service);

#endif
