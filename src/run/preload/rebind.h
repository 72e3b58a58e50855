/* SPDX-License-Identifier: ISC */
/*
 * A program connects a socket to the peer that has asked: the system would
 * choose the socket's address then.  We choose the one that was asked, before
 * that, by connecting it to something else in a way that fixes the address.
 * Port and queue stay.
 */
#ifndef RUN_PRELOAD_REBIND_H
#define RUN_PRELOAD_REBIND_H

#include "run/preload/sockets.h"

#include <sys/socket.h>

/*
 * Give the socket the address that this peer asked; false if that is not known
 * or not possible, and the socket is as before.  Keeps errno.
 */
bool rebind(int fd, const struct sockets_known *known,
    const struct sockaddr *peer, socklen_t size);

/* The socket is bound to the wildcard address again.  Keeps errno. */
void rebind_undo(int fd);

#endif
