/* SPDX-License-Identifier: ISC */
/*
 * platform/group.h by RFC 3678, which both systems have.
 */
#include "platform/group.h"

#include "platform/sockaddr.h"

static int
level_of(const struct mh_address *group)
{
	return group->family == MH_FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6;
}

int
host_group_join(
    intptr_t handle, const struct mh_address *group, uint32_t if_index)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	struct group_req request = { .gr_interface = if_index };
	socklen_t length =
	    sockaddr_set(&name, (enum mh_family)group->family, group);

	memcpy(&request.gr_group, &name, (size_t)length);
	if (setsockopt(system_socket(handle), level_of(group), MCAST_JOIN_GROUP,
		(const void *)&request, sizeof(request)) == 0)
		return 0;
	switch (system_error()) {
	case SYSTEM_EADDRINUSE:
		return 0;
	case SYSTEM_ENOBUFS:
		return MH_ENOBUFFERS;
	default:
		return MH_EUNSUPPORTED;
	}
}

void
host_group_keep_out(intptr_t handle, const struct mh_address *group)
{
#ifdef IP_MULTICAST_ALL
	const bool ipv4 = group->family == MH_FAMILY_IPV4;
	int off = 0;

	(void)setsockopt(system_socket(handle), level_of(group),
	    ipv4 ? IP_MULTICAST_ALL : IPV6_MULTICAST_ALL, &off, sizeof(off));
#else
	(void)handle;
	(void)group;
#endif
}
