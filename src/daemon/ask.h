/* SPDX-License-Identifier: ISC */
/*
 * The self-probe: ask our own sockets over UDP, and see whether they answer.
 * A probe carries a secret that only this process knows, so that any service
 * can answer it, also one that says nothing to anybody else.
 */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "daemon/respond.h"
#include "daemon/slots.h"

struct ask;

/*
 * Sockets to ask from; secret: by which ours know them, gets their ports and
 * must last.  Where everything listens is asked over loopback, where no
 * stranger is.  NULL if there cannot be one; the log says why.
 */
struct ask *ask_new(struct respond_secret *secret);
void ask_free(struct ask *ask);

/* The handles of its sockets, for an event loop; returns how many. */
unsigned int ask_handles(
    const struct ask *ask, intptr_t handles[RESPOND_ASKERS_MAX]);

/*
 * Begin a round: ask all slots, and of each the sockets of all workers, as far
 * as one can choose among them.  With freebind an address that is not on this
 * host is nothing to worry about.
 */
void ask_begin(struct ask *ask, const struct slots *slots, bool freebind);

/* Ask those once more that have not answered: a datagram can be lost. */
void ask_again(struct ask *ask);

/*
 * Take answers that have come, some at a time.  Returns true if the last one
 * that was missing is among them.
 */
bool ask_receive(struct ask *ask);

/* How the round stands. */
enum ask_state {
	ASK_OPEN,    /* answers are missing, or nothing was asked yet */
	ASK_PARTLY,  /* all who can be asked have answered; others are on no
		      * address of this host */
	ASK_ANSWERED /* all have answered */
};
enum ask_state ask_state(const struct ask *ask);

/* A socket: that of a worker for a slot; 0 where one cannot choose. */
struct ask_socket {
	size_t slot;
	unsigned int worker;
};

/*
 * The socket of a question that was not answered; from 0 on, in any order.
 * False if there are no more; the slots are those of ask_begin().
 */
bool ask_missing(
    const struct ask *ask, size_t number, struct ask_socket *socket);

#endif
