/* SPDX-License-Identifier: ISC */
/*
 * An operating system in memory: all of src/platform/udp.h and nothing else, so
 * that src/lib and everything on top of it can be tested without a network.
 *
 * A test calls fake_reset(), describes the system (fields of `fake`,
 * fake_fault()), puts datagrams in (fake_deliver()) or turns the loopback on,
 * runs the code under test, and reads what happened: fake.events in their
 * order, fake.sent to the byte, fake_open_count() for leaks.  fake.misuse is
 * the code's first violation of the contract.
 *
 * One thread at a time.
 */
#ifndef UNIT_FAKE_UDP_H
#define UNIT_FAKE_UDP_H

#include "platform/udp.h"
#include "lib/multihome.h"

enum {
	FAKE_SOCKETS = 512,
	FAKE_FAULTS = 16,
	FAKE_LOCALS = 64,
	FAKE_EVENTS = 4096,
	FAKE_SENT = 4096,
	FAKE_REPORTS = 8,
	FAKE_HANDLE = 1000, /* of the first socket, then counting up */
	FAKE_PORT = 40000   /* the first one given for port 0 */
};

enum fake_call {
	FAKE_CREATE,
	FAKE_SET,
	FAKE_BIND,
	FAKE_ADOPT,
	FAKE_CLOSE,
	FAKE_WAIT,
	FAKE_MOVE,
	FAKE_SELECT,
	FAKE_RESTRICT,
	FAKE_RECEIVE,
	FAKE_SEND
};

/* What a fault requires of an option's value or a datagram's ends. */
enum fake_condition {
	FAKE_ALWAYS,
	FAKE_OFF,            /* FAKE_SET: to 0 */
	FAKE_ON,             /* FAKE_SET: to anything else */
	FAKE_WITH_SOURCE,    /* FAKE_SEND: local is not of family none */
	FAKE_WITH_INTERFACE, /* FAKE_SEND: interface is not 0 */
	FAKE_BY_ROUTING,     /* FAKE_SEND: interface is 0 */
	FAKE_STRICTLY        /* FAKE_BIND, FAKE_SEND: without MH__FREEBIND */
};

/*
 * A call that fails, always or a number of times.  Fields that are 0 match
 * anything.  FAKE_SEND is matched for each datagram separately.
 */
struct fake_fault {
	enum fake_call call;
	enum mh_family family;  /* of the socket */
	enum mh__option option; /* FAKE_SET: this one (0 is MH__ONLY_IPV6) */
	enum fake_condition condition;
	uint16_t port;  /* FAKE_BIND: asked for; FAKE_SEND: of the peer */
	unsigned skip;  /* this many succeed first */
	unsigned times; /* then this many fail; 0: all */
	int code;       /* MH_E* to return; 0: no fault, ends a list */
	int system_code;
	unsigned struck; /* how often it struck; a test may read it */
};

/* A datagram that waits in a socket, or an error in its queue. */
struct fake_incoming {
	struct mh_address peer;
	struct mh__arrival arrival; /* arrival.if_index is the interface */
	uint32_t flags;             /* MH_TRUNCATED, MH_VIA_VRF, ... */
	int16_t ttl;
	int16_t tos;
	uint32_t segment;
	int64_t arrived_ns;
	unsigned int drops; /* that the system tells with this one */
	const void *data;   /* copied; NULL: length times 'x' */
	size_t length;
	int code;        /* not 0: no datagram but this MH_E* */
	int system_code; /* with it */
};

/* What the code under test did, in order, except sending and receiving. */
struct fake_event {
	enum fake_call call;
	intptr_t handle;
	enum mh_family family; /* of the socket */
	enum mh__option option;
	unsigned int value;        /* of the option; milliseconds to wait; the
				    * index to move to; processors */
	struct mh_address address; /* FAKE_BIND: asked for */
	int code;                  /* what was returned */
};

/* A datagram that went out, exactly as it was given. */
struct fake_sent {
	intptr_t handle;
	struct mh_address peer;
	struct mh_address local;
	uint32_t if_index;
	int16_t tos, ttl; /* -1: the socket's */
	uint32_t segment;
	uint64_t sent_id; /* if its report was wanted */
	size_t length;
	uint8_t *data; /* a copy */
};

/* A socket of the fake system. */
struct fake_socket {
	intptr_t handle;
	enum mh_family family;
	struct mh_address bound;
	bool is_open;
	bool is_bound;
	bool is_foreign; /* opened by somebody else */
	bool only_ipv6;
	bool shares_port;
	bool tells_ipv4;
	bool tells_ipv6;
	bool tells_errors;
	bool tells_sent;
	uint64_t sent_ids; /* given so far */
	bool freebind;
	uint32_t device; /* that its owner has bound it to */
	unsigned int receive_buffer;
	struct fake_queued *queue; /* what waits, oldest first */
};

struct fake {
	/* What the system is like; fake_reset() sets the values in []. */
	unsigned int receive_buffer; /* of a new socket [212992] */
	unsigned int receive_most;   /* the most that it grants [0: any] */
	unsigned int send_most;      /* datagrams in one call [0: any] */
	bool loopback;               /* to sockets by port [false] */
	bool ignores_source;         /* the loopback does, as Wine [false] */
	bool tells_nothing;          /* no control messages there [false] */
	bool wants_interface;        /* it says so, as Windows [false] */
	bool strangers;              /* others send there, too [false] */
	bool only_dual;              /* the first two only on sockets for
				      * both families [false] */
	struct mh_address locals[FAKE_LOCALS]; /* ours [lo: 127.0.0.1,
						* 127.0.0.2, ::1] */
	unsigned int local_count;
	intptr_t (*handle)(unsigned int number); /* for an event loop that
						  * wants real ones [NULL] */
	struct fake_fault faults[FAKE_FAULTS];
	unsigned int fault_count;
	struct mh_report reports[FAKE_REPORTS]; /* the next ones, of all
						 * sockets that have such */
	unsigned int report_count;
	unsigned int reports_held; /* of those, until something is received */

	/* What happened. */
	struct fake_event events[FAKE_EVENTS];
	unsigned int event_count;
	struct fake_sent sent[FAKE_SENT];
	unsigned int sent_count;
	unsigned int send_calls;
	unsigned int receive_calls;
	unsigned int is_local_calls;
	unsigned int refresh_calls;
	unsigned int vrf_calls; /* mh__udp_set_vrf(), and the last one's */
	size_t vrf_count;
	uint32_t vrf_first;
	const char *misuse; /* the first breach of the contract; NULL: none */

	struct fake_socket *sockets[FAKE_SOCKETS];
	unsigned int socket_count;
};

/* The system.  Interfaces are lo (1), eth0 (2) and eth1 (3). */
extern struct fake fake;

/* A new system as above: no sockets, no faults, nothing happened. */
void fake_reset(void);

/* Add a fault; the first that matches a call and is not used up strikes. */
void fake_fault(const struct fake_fault *fault);

/* Forget all faults, as if the cause had gone away. */
void fake_heal(void);

/* Add, or take away, an address of this host. */
void fake_local_add(const struct mh_address *address);
void fake_local_remove(const struct mh_address *address);

/* Put a datagram or an error into the queue of an open socket. */
void fake_deliver(intptr_t handle, const struct fake_incoming *incoming);

/*
 * A socket that somebody else has opened and bound, for mh_socket_adopt().  It
 * counts as open until it is adopted and closed, or its is_open is cleared.
 */
struct fake_socket *fake_foreign(
    const struct mh_address *bound, bool only_ipv6);

/* The socket with that handle, even if closed; NULL if there is none. */
struct fake_socket *fake_socket(intptr_t handle);

/* How many sockets are open. */
unsigned int fake_open_count(void);

/*
 * The first event from number `from` on of that call and socket family, and
 * (FAKE_SET) option; -1: none.
 */
int fake_event_find(unsigned int from, enum fake_call call,
    enum mh_family family, enum mh__option option);

#endif
