/* SPDX-License-Identifier: ISC */
/*
 * The contract between libmultihome and the operating system: one socket,
 * opened step by step, a batch in, a batch out.  Each platform room implements
 * all of it; tests/unit/fake_udp.c does so in memory.  No policy lives below
 * this line: which option is required, what to send from where, and what to do
 * when it fails is decided by src/lib.
 *
 * Codes are MH_E*; the room translates the system's own and keeps the last one
 * in mh__udp.system_code.
 */
#ifndef MH_PLATFORM_UDP_H
#define MH_PLATFORM_UDP_H

#include "lib/multihome.h"
#include "lib/multihome_report.h"
#include "lib/multihome_share.h"

/*
 * Which report is about which datagram.  The system numbers those that it is to
 * report on, but a failure to send may use up a number, or not.
 */
struct mh__reports {
	bool is_on;           /* MH__SEND_TIME */
	bool is_probed;       /* is_chosen is known */
	bool is_chosen;       /* we choose the numbers, so there is no doubt */
	bool has_pilot;       /* the last one will end the doubt */
	bool was_asked;       /* mh__udp_report() was called meanwhile */
	uint32_t next_number; /* of the next one; with doubt: or higher */
	uint32_t known;       /* the numbers before it, if not older */
	uint32_t doubt;       /* that many failures may have used up one */
	uint32_t unread;      /* since there was no report left */
	uint32_t requested;   /* by the present call */
	uint32_t idle;        /* times that nothing was there, none known */
	uint64_t count;       /* of all so far: the last one's sent_id */
	int64_t pilot_ns;     /* it has not left before: of UTC */
	int64_t pilot_until;  /* nor will it later: a time that never jumps */
};

/* One socket.  The room owns everything below the line. */
struct mh__udp {
	enum mh_family family; /* of the socket itself */
	bool dual_stack;       /* an IPv6 socket that carries IPv4 too */
	bool unsegmented;      /* no reply is cut from a larger datagram */
	bool freebind;         /* it may send from addresses of others */
	uint32_t device;       /* it is bound to this interface; 0: to none */
	struct mh_address bound;
	_Atomic uint64_t drops; /* lost to a full receive buffer, as known from
				 * the last datagram; read by any thread */
	int system_code;        /* of the last failure */
	/* ------------------------------------------------------------ */
	intptr_t handle;
	uint32_t *vrf; /* interfaces enslaved to a VRF, sorted */
	unsigned int vrf_count;
	bool send_ttl, send_tos;    /* MH__SEND_TTL, MH__SEND_TOS */
	uint8_t tos;                /* Windows: MH__TOS; 0: the system's */
	struct mh__reports reports; /* Linux */
	unsigned int timestamping;  /* Linux: flags of SO_TIMESTAMPING */
};

/* Options by meaning; each room has its own names for them. */
enum mh__option {
	MH__ONLY_IPV6, /* IPV6_V6ONLY */
	MH__RECV_IPV4, /* IP_PKTINFO */
	MH__RECV_IPV6, /* IPV6_RECVPKTINFO; Windows IPV6_PKTINFO */
	MH__RECV_TTL,  /* each for the families the socket carries */
	MH__RECV_TOS,
	MH__RECV_TIME,
	MH__RECV_DROPS,
	MH__RECV_ERRORS, /* IP_RECVERR, IPV6_RECVERR */
	MH__RECV_BURSTS, /* UDP_GRO */
	MH__FREEBIND,
	MH__RECEIVE_BUFFER, /* bytes; set, else forced */
	MH__SEND_BUFFER,
	MH__SHARE_PORT,    /* with other sockets of this process */
	MH__SHARE_BY_CPU,  /* this many sockets share it: a datagram is for the
			    * one whose number, counted in the order of
			    * bind(), is that of the processor that received
			    * it, modulo value */
	MH__RESPONDER,     /* what a responder wants and may go without:
			    * IPv4 without DF, IPv6 cut to the MTU of the
			    * path (Linux; the default of Windows), no port
			    * resets (Windows) */
	MH__DONT_FRAGMENT, /* DF on, and no believing in path MTUs */
	MH__TOS,           /* TOS or traffic class of what is sent */
	MH__TTL,           /* TTL or hop limit of what is sent */
	MH__SEND_TTL,      /* of a datagram, if it has one of its own */
	MH__SEND_TOS,      /* the same */
	MH__SEND_TIME,     /* when a datagram left, if it is to report that */
	MH__RECV_HARDWARE_TIME
};

/*
 * What the control messages of one datagram said.  lib/reply.c makes the
 * local address of it.
 */
struct mh__arrival {
	bool has_ipv4;           /* IP_PKTINFO was there */
	bool has_ipv6;           /* IPV6_PKTINFO was there */
	uint8_t ipv4_source[4];  /* ipi_spec_dst; 0.0.0.0: not reported */
	uint8_t ipv4_target[4];  /* ipi_addr: destination in the header */
	uint8_t ipv6_target[16]; /* ipi6_addr: as the system wrote it */
	bool to_broadcast;       /* the system says so (Windows) */
	bool has_drops;          /* drops was there (Linux) */
	uint32_t if_index;       /* 0 unknown */
	uint32_t drops;          /* the system's counter, which wraps */
};

/* The system's name of an option, for messages: "IP_PKTINFO". */
const char *mh__udp_option_name(enum mh__option option);

/* The system's words for system_code, cut to size. */
void mh__udp_error_text(int system_code, char *text, size_t size);

/*
 * Make a non-blocking socket.  Returns 0, MH_EFAMILY if this host has no such
 * family, or another code.  On failure there is nothing to close.
 */
int mh__udp_create(struct mh__udp *udp, enum mh_family family);

/*
 * Take over a bound UDP socket: fills in family, dual_stack, bound, freebind
 * and device, and makes it non-blocking.  MH_EINVALID if it is none; on failure
 * the handle stays the caller's.
 */
int mh__udp_adopt(struct mh__udp *udp, intptr_t handle);

/*
 * Set an option.  MH_EINVALID and MH_EUNSUPPORTED are kept apart: on a
 * dual-stack socket an invalid MH__RECV_IPV4 may mean "no IPv4 here".
 * MH__ONLY_IPV6 that cannot be set but already has the value is a success.
 */
int mh__udp_set(
    struct mh__udp *udp, enum mh__option option, unsigned int value);

/* The size of the receive buffer in bytes as the system reports it; 0 unknown.
 */
unsigned int mh__udp_receive_buffer(struct mh__udp *udp);

/*
 * Bind, and fill in udp->bound with the real port.  address: family none is
 * the wildcard of the socket's own family.
 */
int mh__udp_bind(struct mh__udp *udp, const struct mh_address *address);

/* Close the socket, and free what belongs to it. */
void mh__udp_close(struct mh__udp *udp);

/* Load the table of interfaces that belong to a VRF; keeps it on failure. */
void mh__udp_refresh(struct mh__udp *udp);

/* Set it, copied, in any order.  Returns 0 or MH_ENOMEMORY. */
int mh__udp_set_vrf(
    struct mh__udp *udp, const uint32_t *interfaces, size_t count);

/* udp->drops as it is now, if the system reports that, too.  Any thread. */
uint64_t mh__udp_drops(const struct mh__udp *udp);

/*
 * Bind one that is bound to an interface to that of this index instead, by its
 * scope or device.  It leaves the group that shares its port (Linux,
 * udp_lib_rehash()), and what waits in it may be lost; on failure all else is
 * as before.  Linux since 5.7; Windows: MH_EUNSUPPORTED.
 */
int mh__udp_move(struct mh__udp *udp, uint32_t if_index);

/*
 * mh_share_select(): all sockets that share the port of this one deliver by
 * number what has the secret; and the rest by processor, as MH__SHARE_BY_CPU
 * says, or 0: as without it.  0 or MH_EUNSUPPORTED.
 */
int mh__udp_select(struct mh__udp *udp,
    const uint8_t secret[MH_SHARE_SECRET_SIZE], unsigned int processors);

/* mh_share_restrict(): what does not have the secret is dropped.  The same. */
int mh__udp_restrict(
    struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE]);

/* Wait until readable: 1, 0 after the time, or an error. */
int mh__udp_wait(struct mh__udp *udp, unsigned int milliseconds);

/*
 * Is it an address of this host now, by its addresses and routes?  Linux: or
 * one of the VRF that the interface is in; 0: of none.
 */
bool mh__udp_is_local(const struct mh_address *address, uint32_t if_index);

/* Is any IPv6 address on this host now?  True if that is unknown. */
bool mh__udp_has_ipv6(void);

/*
 * Bytes of working memory for batches of that many slots, and its set-up; the
 * data of each slot of received has room for size bytes.
 */
size_t mh__udp_scratch_size(unsigned int slots);
void mh__udp_scratch_init(void *scratch, unsigned int slots,
    struct mh_datagram *received, size_t size);

/*
 * Receive into slots 0 to slots-1; their data is as at mh__udp_scratch_init().
 * Fills everything but local; arrivals[i] says what is known of that.
 * Returns the count, 0 for none, or an error as mh_batch_receive().
 */
int mh__udp_receive(struct mh__udp *udp, void *scratch,
    struct mh_datagram *received, struct mh__arrival *arrivals,
    unsigned int slots);

/*
 * Send replies[0] to replies[count-1] just as they say: local of family none
 * means no source, interface 0 no interface.  Returns how many went, from the
 * first; or, if not even the first did, its error: MH_EAGAIN, MH_EREFUSED
 * (try again at once), MH_EADDRESS (the source, the interface or the route was
 * refused: systems do not tell these apart), MH_EINVALID (the same, but the
 * system means the request itself: Windows does so on some paths, Linux over
 * IPv6 also for a full table of neighbours), or another code.
 *
 * One with a segment leaves as several datagrams; MH_EUNSUPPORTED or another
 * error if the system does not cut it up.
 *
 * Neighbours that differ in nothing but their bytes may leave as one, cut up
 * by the system, unless udp->unsegmented; the room sets that itself when it
 * finds that the system cannot do it.
 *
 * Of those with report_sent, and nothing else, sent_id is written: 0 if it was
 * not sent, or there will be no report.
 */
int mh__udp_send(struct mh__udp *udp, void *scratch,
    struct mh_datagram *replies, unsigned int count);

/*
 * Does the system refuse some ways to a datagram with a source but no
 * interface, which it takes with one?  Windows has been seen to.
 */
bool mh__udp_wants_interface(void);

/*
 * Take the oldest report off a socket with MH__RECV_ERRORS or MH__SEND_TIME:
 * 1, and all of *report that is of its kind filled in; 0 for none;
 * MH_EUNSUPPORTED where there are no such options; or another error.
 */
int mh__udp_report(struct mh__udp *udp, struct mh_report *report);

/* Numeric address text, by the system's well-tried functions. */
bool mh__ip_parse(enum mh_family family, const char *text, uint8_t ip[16]);
void mh__ip_format(
    enum mh_family family, const uint8_t ip[16], char *text, size_t size);

/* The index of an interface by name; 0 if there is none. */
uint32_t mh__interface_index(const char *name);

#endif
