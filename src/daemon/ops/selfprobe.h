/* SPDX-License-Identifier: ISC */
/*
 * The self-probe: query our own sockets over UDP, and see whether they reply.
 * A query carries a secret that only this process knows, so that a socket can
 * reply whatever its service, even one that never replies otherwise.
 */
#ifndef DAEMON_OPS_SELFPROBE_H
#define DAEMON_OPS_SELFPROBE_H

#include "daemon/path/selfprobe_wire.h"

struct selfprobe;

/* An endpoint to query: all the self-probe knows of the daemon's sockets. */
struct selfprobe_target {
	struct mh_address bound; /* a wildcard is queried over loopback... */
	unsigned int can;        /* ...in these families: MH_CAN_IPV4 and
				  * MH_CAN_IPV6 */
	unsigned int sockets;    /* selectable ones on that port, one for each
				  * worker; 1: any one replies for all */
	bool may_be_absent;      /* not queried while not on this host */
	bool on_interface;       /* bound to one (SO_BINDTODEVICE): it does not
				  * receive what this host sends to itself */
};

/*
 * Open the sockets that queries are sent from.  secret: what identifies queries
 * to our sockets; their ports are added to it, and it must outlive the probe.
 * Queries are sent from loopback, which no stranger can reach.  A socket that
 * one can reach is opened only for targets that loopback does not reach: see
 * host_loopback_reaches().  NULL on failure, which is logged.
 */
struct selfprobe *selfprobe_new(struct selfprobe_secret *secret);

/* Close the sockets and free; NULL is allowed. */
void selfprobe_free(struct selfprobe *probe);

/*
 * The handles of its sockets, for an event loop; returns their number.  Others
 * may follow them after selfprobe_send().
 */
unsigned int selfprobe_handles(
    const struct selfprobe *probe, intptr_t handles[SELFPROBE_SOCKETS_MAX]);

/*
 * Begin a round: selfprobe_send() queries all targets, and for each the sockets
 * of all workers if they can be selected.  Queries still open from a previous
 * round are dropped.  The targets must last until the next round or
 * selfprobe_free().
 */
void selfprobe_begin(struct selfprobe *probe,
    const struct selfprobe_target *targets, size_t target_count);

/* The most queries that one call of selfprobe_send() sends. */
#define SELFPROBE_SLICE 64

/*
 * Send the next queries, so that a worker that answers datagrams as well is not
 * kept from it.  Returns true if there are more.
 */
bool selfprobe_send(struct selfprobe *probe);

/*
 * Let selfprobe_send() retry the queries without a reply, from the first on: a
 * datagram can be lost.
 */
void selfprobe_retry(struct selfprobe *probe);

/*
 * Receive the replies, up to a batch from each socket.  Returns true if the
 * last missing one is among them.
 */
bool selfprobe_receive(struct selfprobe *probe);

/* The state of the round. */
enum selfprobe_state {
	SELFPROBE_OPEN,   /* replies are missing, or nothing was queried */
	SELFPROBE_PARTLY, /* all that could be queried have replied */
	SELFPROBE_REPLIED /* all have replied */
};
enum selfprobe_state selfprobe_state(const struct selfprobe *probe);

/*
 * Why that target cannot be queried: a clause for the log, static storage;
 * NULL: it can, or it may be absent and is.
 */
const char *selfprobe_unasked(const struct selfprobe *probe, size_t target);

/* A worker's socket for a target; worker 0 if it cannot be selected. */
struct selfprobe_socket {
	size_t target; /* its index in those of selfprobe_begin() */
	unsigned int worker;
};

/*
 * The next socket that was queried and has not replied.  *at: initially 0, then
 * as it was left.  False if there are no more.
 */
bool selfprobe_missing(
    const struct selfprobe *probe, size_t *at, struct selfprobe_socket *socket);

#endif
