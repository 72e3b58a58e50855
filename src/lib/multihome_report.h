/* SPDX-License-Identifier: ISC */
/*
 * libmultihome: what the system reports later about datagrams that were sent,
 * on sockets with MH_CAN_SEND_TIME or MH_CAN_ERRORS: when one left, and which
 * ICMP error came back.  multihome.h, which see, has all else.
 *
 * The handle of a socket is ready while there is a report: for poll() by
 * POLLERR, which nobody has to ask for; for select(), libevent and most other
 * event loops as if there were something to receive.  So whenever it is ready,
 * take reports until there are none, and receive then.
 */
#ifndef MULTIHOME_REPORT_H
#define MULTIHOME_REPORT_H

#include "multihome_address.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mh_socket;

/* The kind of an ICMP error: mh_icmp_error.kind. */
enum mh_icmp_kind {
	MH_ICMP_PORT,       /* no listener on that port */
	MH_ICMP_HOST,       /* the host does not answer, or is unknown */
	MH_ICMP_NETWORK,    /* no route there */
	MH_ICMP_PROHIBITED, /* forbidden by an administrator or a policy */
	MH_ICMP_PROTOCOL,   /* the host has no UDP */
	MH_ICMP_TOO_BIG,    /* larger than the path MTU, see mtu */
	MH_ICMP_TTL,        /* TTL or hop limit exceeded: a routing loop */
	MH_ICMP_OTHER
};

/* An ICMP error for a datagram that was sent; RFC 792, RFC 4443. */
struct mh_icmp_error {
	struct mh_address peer;     /* the destination, with port */
	struct mh_address reporter; /* the sender of the error; or none */
	enum mh_icmp_kind kind;
	uint32_t mtu; /* MH_ICMP_TOO_BIG: bytes that would pass; 0: unknown */
	uint32_t reserved[4];
};

/* What a report says. */
enum mh_report_kind {
	MH_REPORT_ICMP, /* MH_CAN_ERRORS: an ICMP error came back */
	MH_REPORT_SENT  /* MH_CAN_SEND_TIME: a datagram left */
};

/* A report.  What is not of its kind is 0. */
struct mh_report {
	enum mh_report_kind kind;
	uint32_t reserved[3];
	uint64_t sent_id; /* MH_REPORT_SENT: mh_datagram.sent_id */
	int64_t sent_ns;  /* and when the system gave it to the network device:
			   * nanoseconds since 1970-01-01 UTC */
	struct mh_icmp_error icmp;
};

/*
 * Take the oldest report of a socket.  Returns 1; 0 if there is none now;
 * MH_EUNSUPPORTED without MH_CAN_SEND_TIME and MH_CAN_ERRORS; or another code.
 *
 * MH_REPORT_SENT: most come at once, before any answer to the datagram; those
 * of datagrams that wait, for a neighbour or for the network device, later; of
 * those that are dropped on the way, and on devices whose driver does not
 * support it, never.  A device on top of another may make it two reports: the
 * later one counts.  Memory for them is that of the receive buffer, so no more
 * than 64 datagrams are reported on from one time that a socket has no reports
 * left to the next; mh_datagram.sent_id of the others is 0.  A program that
 * ignores them loses them once mh_batch_receive() returns 0.  After a failure
 * to send, Linux before 6.13 can only tell to which datagram a report belongs
 * if that is the only one; until there has been one, sent_id of others is 0.
 *
 * MH_REPORT_ICMP: mh_batch_receive() may report the same error once more, as
 * MH_EREFUSED or another code: take reports first, then retry.
 *
 * Linux since 4.13: SO_TIMESTAMPING; IP_RECVERR, IPV6_RECVERR.  Windows: not
 * supported.
 */
int mh_socket_report(struct mh_socket *socket, struct mh_report *report);

/* A short English text: "port unreachable".  Never NULL; static storage. */
const char *mh_icmp_text(enum mh_icmp_kind kind);

#ifdef __cplusplus
}
#endif

#endif
