/* SPDX-License-Identifier: ISC */
/*
 * The self-probe: query our own sockets over UDP, and see whether they reply.
 * A query carries a secret that only this process knows, so that any service
 * can reply, even one that says nothing to anybody else.
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
	unsigned int sockets;    /* of that port that can be selected, one for
				  * each worker; 1: any replies for all */
	bool may_be_absent;      /* from this host: then it is not queried */
};

/*
 * Open the sockets that queries are sent from.  secret: by which ours know
 * them; gets their ports, and must outlive it.  A wildcard is queried over
 * loopback, where no stranger can listen.  NULL if that is not possible; the
 * log says why.
 */
struct selfprobe *selfprobe_new(struct selfprobe_secret *secret);

/* Close the sockets and free; NULL is allowed. */
void selfprobe_free(struct selfprobe *probe);

/* The handles of its sockets, for an event loop; returns their number. */
unsigned int selfprobe_handles(
    const struct selfprobe *probe, intptr_t handles[SELFPROBE_SOCKETS_MAX]);

/*
 * Begin a round: query all targets, and of each the sockets of all workers as
 * far as they can be selected.  What the round before left open is forgotten.
 */
void selfprobe_begin(struct selfprobe *probe,
    const struct selfprobe_target *targets, size_t target_count);

/* Query once more what has not replied: a datagram can be lost. */
void selfprobe_retry(struct selfprobe *probe);

/*
 * Take the replies that have come, a batch of each socket.  Returns true if
 * the last one that was missing is among them.
 */
bool selfprobe_receive(struct selfprobe *probe);

/* How the round stands. */
enum selfprobe_state {
	SELFPROBE_OPEN,    /* replies are missing, or nothing was queried */
	SELFPROBE_PARTLY,  /* all that could be queried have replied; others
			    * are on no address of this host */
	SELFPROBE_ANSWERED /* all have replied */
};
enum selfprobe_state selfprobe_state(const struct selfprobe *probe);

/* A socket: of a worker for a target; worker 0 where none can be selected. */
struct selfprobe_socket {
	size_t target; /* its number in those of selfprobe_begin() */
	unsigned int worker;
};

/*
 * A socket that has not replied: number 0, 1, ..., in no order.  False if
 * there are no more.
 */
bool selfprobe_missing(const struct selfprobe *probe, size_t number,
    struct selfprobe_socket *socket);

#endif
