/* SPDX-License-Identifier: ISC */
/*
 * TCP connections, by calls that both systems have.
 */
#include "platform/stream.h"

#include "platform/sockaddr.h"

/* The family of the socket for it. */
static enum mh_family
family_of(const struct mh_address *endpoint)
{
	return endpoint->family == MH_FAMILY_IPV4 ? MH_FAMILY_IPV4
						  : MH_FAMILY_IPV6;
}

intptr_t
host_stream_open(const struct mh_address *endpoint)
{
	enum mh_family family = family_of(endpoint);
	intptr_t handle =
	    (intptr_t)socket(sockaddr_family(family), SOCK_STREAM, IPPROTO_TCP);
	const int off = 0;

	if (handle != -1 && family == MH_FAMILY_IPV6)
		(void)setsockopt(system_socket(handle), IPPROTO_IPV6,
		    IPV6_V6ONLY, (const char *)&off, sizeof(off));
	return handle;
}

bool
host_stream_bind(intptr_t handle, const struct mh_address *endpoint)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = sockaddr_set(&name, family_of(endpoint), endpoint);

	return bind(system_socket(handle), (struct sockaddr *)&name, length) ==
	    0;
}

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
