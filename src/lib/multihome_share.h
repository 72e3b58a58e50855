/* SPDX-License-Identifier: ISC */
/*
 * libmultihome: sockets that share a port, mh_socket_options.share_port.  Each
 * peer always has the same one, so that a query to the port reaches only one of
 * them.  A secret lets this process reach each, to see whether its thread
 * still answers.  multihome.h, which see, has all else.
 */
#ifndef MULTIHOME_SHARE_H
#define MULTIHOME_SHARE_H

#include "multihome_address.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mh_socket;

/* Bytes of the secret: random ones, which no stranger can guess. */
#define MH_SHARE_SECRET_SIZE 16

/* Bytes of a query: exactly that many, and it begins with the secret. */
#define MH_SHARE_QUERY_SIZE 24

/*
 * Deliver each query to the socket whose number is in the two bytes after the
 * secret, in network order.  They are counted from 0, in the order of opening;
 * once one is closed, the last one has its number.  A number that none has, and
 * everything that is not a query, goes where it went before:
 * mh_socket_options.processors of the first one stays as it is.
 *
 * first: the one that was opened first; it applies to all that share its port
 * now or later.  Send queries from a socket of its own that is unsegmented:
 * several that leave as one message arrive at one socket.  Calling it again
 * replaces the secret.
 *
 * Returns 0; or MH_EUNSUPPORTED if the socket does not share its port or the
 * system cannot do that, and then nothing has changed.  Linux since 4.5,
 * SO_ATTACH_REUSEPORT_CBPF.  Windows: not supported.
 */
int mh_share_select(
    struct mh_socket *first, const uint8_t secret[MH_SHARE_SECRET_SIZE]);

/*
 * From now on this socket receives only what has the form of a query, which
 * replies to queries then must have as well: it is for the socket that queries
 * are sent from.  The system drops all else before it takes up the receive
 * buffer.  What is waiting already stays.
 *
 * Returns 0; or MH_EUNSUPPORTED, and then nothing has changed: the program must
 * drop the rest itself.  Linux: SO_ATTACH_FILTER, which replaces a filter that
 * an adopted socket had.  Windows: not supported.
 */
int mh_share_restrict(
    struct mh_socket *socket, const uint8_t secret[MH_SHARE_SECRET_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
