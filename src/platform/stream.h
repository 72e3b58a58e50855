/* SPDX-License-Identifier: ISC */
/*
 * What libevent does not know of a TCP connection: a socket for both families,
 * how little the system is to keep for it, and the two ways to end it.
 */
#ifndef PLATFORM_STREAM_H
#define PLATFORM_STREAM_H

#include "lib/multihome.h"

/*
 * Open a socket for an endpoint to listen on; one of every address, or ::, for
 * both families, whatever the system's default is.  Returns -1 on failure.
 */
intptr_t host_stream_open(const struct mh_address *endpoint);

/* Bind it to the endpoint; false on failure. */
bool host_stream_bind(intptr_t handle, const struct mh_address *endpoint);

/*
 * Limit what the system keeps of what the peer has not taken yet to about that
 * number of bytes (Linux: twice that).
 */
void host_stream_limit(intptr_t handle, int bytes);

/* Did the last call fail only because nothing can be read or written now? */
bool host_stream_is_dry(void);

/* Send no more; what has been written still arrives. */
void host_stream_finish(intptr_t handle);

/* When it is closed, drop what the peer has not taken yet, and reset it. */
void host_stream_abort(intptr_t handle);

#endif
