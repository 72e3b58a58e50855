/* SPDX-License-Identifier: ISC */
/*
 * TCP connections, by calls that both systems have.
 */
#include "platform/stream.h"

#include "build.h"

#include PLATFORM_SYSTEM_H

void
host_stream_limit(intptr_t handle, int bytes)
{
	(void)setsockopt(system_socket(handle), SOL_SOCKET, SO_SNDBUF,
	    (const char *)&bytes, sizeof(bytes));
}

bool
host_stream_is_dry(void)
{
	return system_error() == SYSTEM_EAGAIN;
}

void
host_stream_finish(intptr_t handle)
{
	(void)shutdown(system_socket(handle), SYSTEM_SHUT_SEND);
}

void
host_stream_abort(intptr_t handle)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(system_socket(handle), SOL_SOCKET, SO_LINGER,
	    (const char *)&none, sizeof(none));
}
