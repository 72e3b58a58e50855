/* SPDX-License-Identifier: ISC */
/*
 * The self-probe: ask our own sockets over UDP, and see whether they answer.
 * A probe carries a secret that only this process knows, so that any service
 * can answer it, also one that says nothing to anybody else.
 */
#ifndef DAEMON_OPS_SELFPROBE_H
#define DAEMON_OPS_SELFPROBE_H

#include "daemon/path/selfprobe_wire.h"
#include "daemon/bindings.h"

struct selfprobe;

/*
 * Sockets to ask from; secret: by which ours know them, gets their ports and
 * must last.  Where everything listens is asked over loopback, where no
 * stranger is.  NULL if there cannot be one; the log says why.
 */
struct selfprobe *selfprobe_new(struct selfprobe_secret *secret);
void selfprobe_free(struct selfprobe *probe);

/* The handles of its sockets, for an event loop; returns how many. */
unsigned int selfprobe_handles(
    const struct selfprobe *probe, intptr_t handles[SELFPROBE_SOCKETS_MAX]);

/*
 * Begin a round: ask all bindings, and of each the sockets of all workers, as
 * far as one can choose among them.  With freebind an address that is not on
 * this host is nothing to worry about.
 */
void selfprobe_begin(
    struct selfprobe *probe, const struct bindings *bindings, bool freebind);

/* Ask those once more that have not answered: a datagram can be lost. */
void selfprobe_again(struct selfprobe *probe);

/*
 * Take answers that have come, some at a time.  Returns true if the last one
 * that was missing is among them.
 */
bool selfprobe_receive(struct selfprobe *probe);

/* How the round stands. */
enum selfprobe_state {
	SELFPROBE_OPEN,    /* answers are missing, or nothing was asked yet */
	SELFPROBE_PARTLY,  /* all who can be asked have answered; others are on
			    * no  address of this host */
	SELFPROBE_ANSWERED /* all have answered */
};
enum selfprobe_state selfprobe_state(const struct selfprobe *probe);

/* A socket: that of a worker for a binding; 0 where one cannot choose. */
struct selfprobe_socket {
	size_t binding;
	unsigned int worker;
};

/*
 * The socket of a question that was not answered; from 0 on, in any order.
 * False if there are no more; the bindings are those of selfprobe_begin().
 */
bool selfprobe_missing(const struct selfprobe *probe, size_t number,
    struct selfprobe_socket *socket);

#endif
