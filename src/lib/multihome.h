/* SPDX-License-Identifier: ISC */
/*
 * libmultihome: UDP for hosts with several addresses.
 *
 * Receive a batch of datagrams, each with the local address it was sent to;
 * send a batch of replies, each from the local address it names.  The library
 * has no event loop, no logging and no global state: wait for
 * mh_socket_handle() to become readable with any event loop.
 *
 * IPv4 is always plain IPv4 in this interface, even over a dual-stack IPv6
 * socket: v4-mapped addresses (RFC 4291, 2.5.5.2) are neither accepted nor
 * returned.
 *
 * Unless stated otherwise, functions return 0 or a count on success, a negative
 * MH_E* code on failure.  Nothing here prints or exits.
 *
 * Later versions may add members to the end of what only the library allocates,
 * struct mh_batch and mh_socket_info, and give those that are reserved a
 * meaning: 0 is what they are now.  In options and policies others than 0 are
 * refused, so that what is not known is not ignored either; in a datagram leave
 * those of mh_batch_reserve().
 *
 * Threads: a batch or a socket is used by one thread at a time; different
 * batches and sockets may be used by different threads at once.  Functions
 * that take neither may be called from any thread.
 */
#ifndef MULTIHOME_H
#define MULTIHOME_H

#include "multihome_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What failed when a socket could not be opened, for a readable message. */
struct mh_problem {
	int code;            /* MH_E* */
	int system_code;     /* errno, or WSAGetLastError() on Windows; or 0 */
	const char *what;    /* "bind", "IP_PKTINFO", ...; static storage */
	unsigned int family; /* enum mh_family of the socket; 0: none yet */
	char text[96];       /* the system's error text; may be empty */
	uint32_t reserved[4];
};

/*
 * Initialise the system's socket layer.  Call it once per process, before any
 * other function here; not thread-safe.  Linux: does nothing.  Windows: calls
 * WSAStartup() and looks up WSARecvMsg and WSASendMsg; fails if one is
 * missing.  problem: filled in on failure; may be NULL.
 */
int mh_platform_init(struct mh_problem *problem);

/* Sockets: one UDP socket of the system. */
struct mh_socket;

/* Which sockets serve an endpoint of both families. */
enum mh_stack {
	MH_STACK_DUAL, /* one IPv6 socket that serves IPv4 too */
	MH_STACK_TWO,  /* one IPv4 and one IPv6 socket on the same port */
	MH_STACK_IPV4,
	MH_STACK_IPV6
};

/* The most sockets that one endpoint can need. */
#define MH_SOCKETS_MAX 2

/* What a socket can do: mh_socket_info.can, mh_socket_options.want. */
enum mh_capability {
	MH_CAN_IPV4 = 1 << 0,          /* serves IPv4 */
	MH_CAN_IPV6 = 1 << 1,          /* serves IPv6 */
	MH_CAN_SOURCE_IPV4 = 1 << 2,   /* reports the local IPv4 address */
	MH_CAN_SOURCE_IPV6 = 1 << 3,   /* reports the local IPv6 address */
	MH_CAN_TTL = 1 << 4,           /* fills mh_datagram.ttl */
	MH_CAN_TOS = 1 << 5,           /* fills mh_datagram.tos */
	MH_CAN_TIME = 1 << 6,          /* fills mh_datagram.arrived_ns */
	MH_CAN_DROPS = 1 << 7,         /* counts what the system dropped */
	MH_CAN_ERRORS = 1 << 8,        /* reports ICMP errors */
	MH_CAN_SEND_TTL = 1 << 9,      /* sends with mh_datagram.ttl */
	MH_CAN_SEND_TOS = 1 << 10,     /* sends with mh_datagram.tos */
	MH_CAN_BURSTS = 1 << 11,       /* receives several datagrams of a peer
					* as one: multihome_burst.h */
	MH_CAN_SEND_TIME = 1 << 12,    /* reports when a datagram left */
	MH_CAN_HARDWARE_TIME = 1 << 13 /* fills mh_datagram.hardware_ns, if the
					* device has a time */
};

/*
 * The capabilities that may be requested and that a system may lack, except
 * those for which a program has to do something: MH_CAN_BURSTS, with which a
 * slot holds more than a datagram; multihome_report.h for
 * MH_CAN_SEND_TIME and MH_CAN_ERRORS, of which the latter is for clients and
 * never for servers, as one peer that is gone makes the system refuse the next
 * datagram to another; and MH_CAN_HARDWARE_TIME, for which a device has to be
 * configured.
 */
#define MH_CAN_OPTIONAL                                         \
	(MH_CAN_TTL | MH_CAN_TOS | MH_CAN_TIME | MH_CAN_DROPS | \
	    MH_CAN_SEND_TTL | MH_CAN_SEND_TOS)

/* Why a socket serves less than its endpoint: mh_socket_info.notices. */
enum mh_notice {
	MH_NOTICE_IPV4_DISABLED = 1 << 0, /* IP_PKTINFO refused, no IPv4 here */
	MH_NOTICE_IPV6_ABSENT = 1 << 1,   /* no IPv6 here */
	MH_NOTICE_NOT_DUAL = 1 << 2       /* IPV6_V6ONLY stuck: two sockets */
};

/* All zero, or NULL for all of it, is a good default. */
struct mh_socket_options {
	enum mh_stack stack;
	unsigned int want;           /* MH_CAN_TTL ... MH_CAN_HARDWARE_TIME */
	unsigned int receive_buffer; /* bytes; 0: the system's default */
	unsigned int send_buffer;    /* the same */
	bool freebind;   /* may send from addresses not (yet) on this host */
	bool share_port; /* with other sockets of this user, each of which
			  * gets a share of the peers.  Linux only */
	unsigned int processors; /* on the first of those only, their number:
				  * a datagram goes to socket (receiving
				  * processor) modulo this, in the order of
				  * opening, from 0.  0: a peer always has the
				  * same socket, whatever the processor */
	bool unsegmented;        /* send every reply by itself.  Otherwise Linux
				  * sends neighbours of equal size, TOS and TTL
				  * from one address to one peer as one message,
				  * and splits it (UDP_SEGMENT) */
	bool dont_fragment;      /* set DF, ignore the known path MTU; else: cut
				  * by routers (IPv4), to path MTU (IPv6) */
	uint8_t tos;             /* TOS or traffic class to send with */
	uint8_t ttl;          /* TTL or hop limit of unicast datagrams; 0: the
			       * system's default */
	uint32_t reserved[8]; /* for later versions: 0, else MH_EINVALID */
};

struct mh_socket_info {
	struct mh_address bound; /* with the real port; :: or 0.0.0.0: any */
	bool dual_stack;         /* IPv4 and IPv6 on this one socket */
	unsigned int can;        /* MH_CAN_* */
	unsigned int notices;    /* MH_NOTICE_* */
	unsigned int receive_buffer; /* bytes, as the system reports it */
	uint32_t device; /* SO_BINDTODEVICE of an adopted one; 0: none */
};

/*
 * Open the sockets of an endpoint: non-blocking, not inherited by child
 * processes, not shared with another process.  All options are set before
 * bind(), so the very first datagram has its local address.
 *
 *  - Every address (family none, or ::): one IPv6 socket with IPV6_V6ONLY off,
 *    or two sockets, depending on options->stack and on the system.  The
 *    return value is their number, mh_socket_info.notices has the reason.
 *  - 0.0.0.0 or one address: one socket of that family alone; MH_EADDRESS
 *    for MH_CLASS_THIS_NETWORK, to which some systems would bind; MH_EZONE if
 *    there is no interface of its scope (Windows: MH_EADDRESS).
 *
 * IP_PKTINFO and IPV6_RECVPKTINFO (Windows: IPV6_PKTINFO) are required for the
 * family that needs them.  IP_PKTINFO refused as invalid on a dual-stack
 * socket means that IPv4 is disabled if the system has no AF_INET sockets
 * (MH_NOTICE_IPV4_DISABLED); otherwise it is an error.
 *
 * sockets: filled from index 0; close each with mh_socket_close().
 * options: may be NULL.  problem: filled in on failure; may be NULL.  Returns
 * the number of sockets, 1 or 2; or an MH_E* code, with nothing left open.
 */
int mh_socket_open(struct mh_socket *sockets[MH_SOCKETS_MAX],
    const struct mh_address *endpoint, const struct mh_socket_options *options,
    struct mh_problem *problem);

/*
 * Adopt a UDP socket that was opened and bound elsewhere, such as by a service
 * manager: it becomes non-blocking and gets the options of mh_socket_open()
 * that can be set after bind().  Datagrams to an IPv4 broadcast address that
 * were queued before may lack the local address.  options->stack and
 * share_port are ignored.  Other options that it has, such as SO_MARK,
 * SO_BINDTODEVICE, IP_FREEBIND and IP_TRANSPARENT, are left as they are.
 * The library owns the handle on success, the caller keeps it on failure.
 * Returns 0; MH_EINVALID if the handle is not a bound UDP socket; or as
 * mh_socket_open().
 */
int mh_socket_adopt(struct mh_socket **socket, intptr_t handle,
    const struct mh_socket_options *options, struct mh_problem *problem);

/* Close and free; NULL is allowed. */
void mh_socket_close(struct mh_socket *socket);

/* For an event loop: a file descriptor (Windows: SOCKET); do not close it. */
intptr_t mh_socket_handle(const struct mh_socket *socket);

/* What the socket serves and can do.  Valid until the socket is closed. */
const struct mh_socket_info *mh_socket_info(const struct mh_socket *socket);

/*
 * The number of datagrams that the system dropped since the socket was opened
 * because its receive buffer was full.  Linux: SO_MEMINFO; before 4.12
 * SO_RXQ_OVFL, with MH_CAN_DROPS only, as of the last datagram delivered.
 * Windows: 0.  Any thread.
 */
uint64_t mh_socket_drops(const struct mh_socket *socket);

/*
 * Move a socket of a link-local address, or one with a device, to this index:
 * its interface was made anew.  It leaves those that it shares the port with,
 * and may lose what is waiting.  Linux 5.7.
 */
int mh_socket_move(struct mh_socket *socket, uint32_t if_index);

/* Linux: look up again which interfaces belong to a VRF, after a change. */
void mh_socket_refresh(struct mh_socket *socket);
/* The same for many sockets: set them, copied.  Returns 0 or MH_ENOMEMORY. */
int mh_socket_set_vrf(
    struct mh_socket *socket, const uint32_t *interfaces, size_t count);

/* Datagrams.  mh_datagram.flags of a received datagram: */
enum mh_datagram_flag {
	MH_TRUNCATED = 1 << 0,         /* larger than the slot: incomplete */
	MH_CONTROL_TRUNCATED = 1 << 1, /* some of what follows is unknown */
	MH_TO_BROADCAST = 1 << 2,      /* sent to an IPv4 broadcast address */
	MH_TO_MULTICAST = 1 << 3,      /* sent to a multicast group */
	MH_VIA_VRF = 1 << 4,           /* the interface is enslaved to a VRF */
	MH_BOUND = 1 << 5 /* the socket is bound to this local address */
};

/* A datagram.  Received: from peer, to local.  To send: the other way. */
struct mh_datagram {
	struct mh_address peer;  /* the other end, with port */
	struct mh_address local; /* our end.  Received: the address it was
				  * sent to, family none if unknown; for
				  * broadcast and IPv4 multicast our unicast
				  * address on that network, or 0.0.0.0 if
				  * unknown (Windows).  To send: the source;
				  * family none: the system picks one */
	uint32_t if_index;       /* received: the arrival interface, 0:
				  * unknown; to send: the outgoing one, 0:
				  * routing decides */
	uint32_t flags;          /* MH_TRUNCATED ...; to send: those that
				  * make the interface matter */
	int16_t ttl;             /* TTL or hop limit; received: -1: unknown;
				  * to send, of unicast: 1 to 255; 0 or
				  * less: the socket's, as always without
				  * MH_CAN_SEND_TTL */
	int16_t tos;             /* TOS or traffic class, DSCP and ECN; the
				  * same, 0 to 255, MH_CAN_SEND_TOS */
	uint16_t segment;        /* not 0: data is a burst of datagrams of
				  * that many bytes, the last one of the rest.
				  * Received: with MH_CAN_BURSTS only; to send:
				  * Linux at once (UDP_SEGMENT), if that fails,
				  * one by one */
	bool report_sent;        /* to send: report when it left, with
				  * MH_CAN_SEND_TIME; not of one with segments.
				  * It is never merged with others */
	uint8_t reserved8;
	int32_t status;      /* after mh_batch_send() */
	uint32_t arrival;    /* to send: the interface that the request came by,
			      * for when routing alone is refused, see
			      * mh_batch_send(); 0: none, or unknown */
	uint64_t sent_id;    /* after mh_batch_send(), with report_sent: that of
			      * its mh_report, of this socket; 0: there will
			      * be none */
	int64_t arrived_ns;  /* system receive time: nanoseconds since
			      * 1970-01-01 UTC; 0: unknown */
	int64_t hardware_ns; /* receive time by the clock of the network
			      * device, whatever that is set to; 0: none */
	void *data;
	size_t length;       /* bytes; 0 is a valid datagram */
	int32_t system_code; /* after mh_batch_send(), where status is an MH_E*
			      * code: errno or WSAGetLastError(); 0: it was not
			      * the system that refused */
	uint32_t reserved32;
	uint64_t reserved64;
};

/* mh_datagram.status after mh_batch_send(), if not an MH_E* code. */
enum mh_status {
	MH_SENT = 0,          /* as requested */
	MH_SENT_UNPINNED = 1, /* relaxed: retried, without source address */
	MH_RELEASED = 2, /* not sent: mh_batch_release() was called on it */
	MH_SENT_BY_ARRIVAL = 3 /* Windows: routing was refused, but not the
				* interface that the request came by */
};

/* Bytes of data in a slot: more than any UDP datagram carries. */
#define MH_SLOT_SIZE 65536

/*
 * Slots for datagrams in two halves, those received and those to send, be they
 * replies or not: one allocation, reused, by any number of sockets in turn.
 * Only the library makes a batch, and only it writes to these members; later
 * versions may have more of them at the end.
 */
struct mh_batch {
	struct mh_datagram *received; /* valid after mh_batch_receive() */
	unsigned int received_count;
	struct mh_datagram *outgoing;   /* filled by mh_batch_reserve() */
	unsigned int outgoing_count;    /* reserved, and not sent yet */
	unsigned int finished_count;    /* outgoing[0] on that have a status, by
					 * the last mh_batch_send() */
	unsigned int slots;             /* capacity of each half */
	size_t receive_size, send_size; /* bytes of data in their slots */
	bool wants_writable; /* the last mh_batch_send() found the socket full:
			      * some have MH_EAGAIN.  Ask the event loop */
};

/*
 * Allocate a batch.  slots: 1 to 1024; 32 is a good number.  Takes slots x 128
 * KiB of address space; each page takes memory only once it is used.  NULL if
 * out of memory, or slots is out of range.
 */
struct mh_batch *mh_batch_new(unsigned int slots);

/*
 * The same with data of other sizes, MH_SLOT_SIZE at most.  receive_size: at
 * least 1; what is longer is cut off, MH_TRUNCATED.  1500 is enough for what
 * fits Ethernet.  send_size: 0 if all is sent from memory of the caller; then
 * the data of a reserved slot is NULL.
 */
struct mh_batch *mh_batch_new_sized(
    unsigned int slots, size_t receive_size, size_t send_size);

/* Free; NULL is allowed. */
void mh_batch_free(struct mh_batch *batch);

/*
 * Receive the datagrams that are waiting, one per slot, without blocking.
 * What was received before is overwritten, so data that points there is lost;
 * and what was reserved but not sent, whose data may point there, is discarded.
 * Returns the number of datagrams, also in batch->received_count; 0 if there
 * are none now.  Fewer than batch->slots means that the socket is drained.
 * MH_EREFUSED: a pending ICMP error was cleared; try again.  Any other code: a
 * failure of the system; try again later, not at once.
 * Linux: recvmmsg().  Windows: WSARecvMsg() for each.
 */
int mh_batch_receive(struct mh_batch *batch, struct mh_socket *socket);

/*
 * Reserve the next slot to send from: data points to batch->send_size bytes of
 * its own, length is 0, ttl and tos are -1, all else is unset.  Fill it in; or
 * point data to memory of yours, or of the received datagram: it is sent from
 * there without being copied or written to, and has to stay as it is until
 * mh_batch_send() returns.  NULL if no slot is left.
 */
struct mh_datagram *mh_batch_reserve(struct mh_batch *batch);

/*
 * Give back a slot that was reserved since the last mh_batch_send(): it is not
 * sent.  The last one can be reserved again at once, and must not be used until
 * then; another one only after mh_batch_send(), which gives it MH_RELEASED.
 */
void mh_batch_release(struct mh_batch *batch, struct mh_datagram *datagram);

/* Give back all slots that were reserved since the last mh_batch_send(). */
void mh_batch_clear(struct mh_batch *batch);

/* How to choose the source of replies; NULL is the same as all zero. */
struct mh_source_policy {
	bool relaxed; /* if the address that was asked cannot be the source,
		       * let the system pick one instead of not replying */
	bool arrival; /* leave by the arrival interface, not by routing */
	uint32_t reserved[3]; /* for later versions: 0, else MH_EINVALID */
};

/*
 * Send what was reserved, each from its own local address, without blocking.
 * The slots are empty afterwards, whatever became of them: the batch can be
 * filled again.  Until the next mh_batch_reserve() or mh_batch_receive(),
 * outgoing[0] to outgoing[finished_count-1] are as they were, with a status:
 * MH_SENT, MH_SENT_UNPINNED, MH_SENT_BY_ARRIVAL, MH_RELEASED or an error:
 *
 *  MH_EAGAIN        the send buffer is full: keep a copy, and send it again
 *                   when the socket is writable: multihome_queue.h.  If some
 *                   of a burst was sent, data and length are the rest
 *  MH_EGONE         its local address is no longer on this host
 *  MH_EUNREACHABLE  no route to the peer from that address
 *  MH_EINVALID      no peer, a ttl or tos over 255, or a policy of a later
 *                   version; or that address is on this host, but the system
 *                   refuses: Windows, some paths; Linux, full IPv6 neighbour
 *                   table
 *  MH_EPERMISSION   rejected by a firewall
 *  MH_ENOBUFFERS, MH_ETOOBIG, MH_EFAMILY, MH_ESYSTEM
 *
 * A failure does not hold up the others.  If the source is refused and an
 * interface was set for an address that does not need it, the reply is retried
 * once without the interface.  On Windows, which refuses some paths to the
 * internet without one, it is retried once with that of its arrival if none was
 * set.  With policy->relaxed it is then retried once without source.
 * Returns the number sent.  Linux: sendmmsg().  Windows: WSASendMsg() for each.
 */
int mh_batch_send(struct mh_batch *batch, struct mh_socket *socket,
    const struct mh_source_policy *policy);

/*
 * Address a reply: to the request's source, from its destination.  Pure; sets
 * peer, local, if_index, arrival and flags of the reply.  The rule:
 *
 *  - one of our unicast addresses: that address, by routing (interface 0), or
 *    by the arrival interface with policy->arrival or in a VRF;
 *  - link-local peer or local IPv6 address: that address, arrival interface;
 *  - IPv4 broadcast: our address on that network;
 *  - multicast: arrival interface; IPv4: our address there, IPv6: the system
 *    picks one there (a group is never a source);
 *  - the socket is bound to the address: nothing to pin;
 *  - unknown: MH_ESOURCE, unless policy->relaxed or the peer is on loopback.
 *
 * Returns 0; MH_ESOURCE; MH_EINVALID if the peer has no port or address, or the
 * policy is of a later version; MH_EFAMILY if the two ends are of different
 * families.
 */
int mh_reply_address(struct mh_datagram *reply,
    const struct mh_datagram *request, const struct mh_source_policy *policy);

/*
 * The way back to a peer, for a reply that is sent later, or for several: plain
 * data that may be kept for any time, copied, and compared (memcmp()), also by
 * the interface of its arrival.  It is all that must be kept of a request to
 * answer it; copy what you need of its data, too, for that is overwritten by
 * the next mh_batch_receive().
 */
struct mh_return_path {
	struct mh_address peer;
	struct mh_address local;
	struct mh_socket *socket; /* to send by: the one that received; good
				   * until that is closed */
	uint32_t if_index;
	uint32_t flags;
	uint32_t arrival;
	uint32_t reserved[3];
};

/*
 * Take the way back from a request that this socket received, by the rule of
 * mh_reply_address(), with its errors; *path is unchanged on failure.  Pure.
 */
int mh_return_path_take(struct mh_return_path *path,
    const struct mh_datagram *request, struct mh_socket *socket,
    const struct mh_source_policy *policy);

/*
 * Address a datagram to go that way: sets its peer, local, if_index, arrival
 * and flags.
 * Send it by path->socket.  Pure: if the local address has left this host
 * since, mh_batch_send() says so, MH_EGONE.
 */
void mh_return_path_apply(
    struct mh_datagram *datagram, const struct mh_return_path *path);

/* Self-test: was the source of a reply verified? */
enum mh_verified {
	MH_NOT_VERIFIED, /* no second address that could be the source */
	MH_VERIFIED,
	MH_BROKEN
};

/* What happens with one family, as seen by the peer. */
struct mh_self_test_family {
	bool available;            /* the host has this family */
	bool reached;              /* a datagram to it arrives */
	bool asked;                /* and its local address is reported */
	enum mh_verified source;   /* a reply leaves from it */
	struct mh_address address; /* the source that was tried */
	struct mh_address seen;    /* what the peer saw */
	int32_t system_code;       /* of what the system refused to send, last;
				    * errno, or WSAGetLastError(); 0: nothing.  With
				    * MH_NOT_VERIFIED: from a second address */
	uint32_t reserved[3];
};

struct mh_self_test {
	struct mh_self_test_family ipv4, ipv6;
	struct mh_problem problem; /* code 0: none */
};

/*
 * Test both families on this host: is the address that a datagram was sent to
 * reported, and does the *peer* see a reply come from there?  Some systems
 * accept the source and ignore it (Wine does); only this test finds out.  The
 * peer is bound to one address and asks another: of loopback, 127.0.0.1 and
 * 127.0.0.2, or ::1 and one of addresses; and where the system does not take
 * these (Windows has no 127.0.0.2 to send from), two of addresses.  With too
 * few of them, or if one cannot ask the other, the source is MH_NOT_VERIFIED.
 *
 * addresses: those of this host, count of them, of both families and in any
 * order; port and those that are not unicast, of link-local scope or not in use
 * are ignored.  stack: the sockets to test with, as those to be opened later.
 * Where MH_STACK_DUAL fails, MH_STACK_TWO may work.
 * Takes a few milliseconds, two seconds at most.  Returns 0 if every available
 * family works as far as it could be verified, otherwise MH_ESYSTEM.
 */
int mh_self_test(struct mh_self_test *result, enum mh_stack stack,
    const struct mh_address *addresses, size_t count);

#ifdef __cplusplus
}
#endif

#endif
