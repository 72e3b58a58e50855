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
 * A socket to ask from, and the secret by which our sockets know it.  NULL if
 * there cannot be one; the log says why.
 */
struct ask *ask_new(struct respond_secret *secret);
void ask_free(struct ask *ask);

/* The handles of its sockets, for an event loop; returns how many. */
unsigned int ask_handles(
    const struct ask *ask, intptr_t handles[MH_SOCKETS_MAX]);

/* Forget the round before, and ask all slots once more. */
void ask_send(struct ask *ask, const struct slots *slots);

/* Take the answers that have come. */
void ask_receive(struct ask *ask);

/* Have all answered in this round? */
bool ask_is_answered(const struct ask *ask);

#endif
