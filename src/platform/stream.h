/* SPDX-License-Identifier: ISC */
/*
 * What libevent does not know of a TCP connection: how little the system is to
 * keep for it, and the two ways to end it.
 */
#ifndef PLATFORM_STREAM_H
#define PLATFORM_STREAM_H

#include <stdbool.h>
#include <stdint.h>

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
