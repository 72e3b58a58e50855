/* SPDX-License-Identifier: ISC */
/*
 * Where a socket of any kind is bound, and where it leads to.
 */
#include "platform/sockname.h"

#include "platform/sockaddr.h"

uint16_t
host_local_port(intptr_t handle)
{
	struct sockaddr_in6 name = { .sin6_port = 0 };
	socklen_t length = sizeof(name);

	if (getsockname(
		system_socket(handle), (struct sockaddr *)&name, &length) != 0)
		return 0;
	return ntohs(name.sin6_port); /* where sin_port is, too */
}

void
host_peer(intptr_t handle, struct mh_address *peer)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = sizeof(name);

	(void)getpeername(
	    system_socket(handle), (struct sockaddr *)&name, &length);
	sockaddr_get(&name, peer);
}
