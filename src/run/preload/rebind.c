/* SPDX-License-Identifier: ISC */
/*
 * A program connects a socket to the peer that has asked.
 */
#include "run/preload/rebind.h"

#include "platform/sockaddr.h"

#include "run/preload/real.h"
#include "run/preload/way.h"

#include <errno.h>
#include <stdatomic.h>

/* A group that every host is in (RFC 1112): nothing is sent there. */
static const struct mh_address all_hosts = { .family = MH_FAMILY_IPV4,
	.ip = { 224, 0, 0, 1 } };

static bool
connect_to(
    int fd, bool is_ipv6, const struct mh_address *address, uint16_t port)
{
	struct sockaddr_in6 name;
	struct mh_address to = *address;
	socklen_t size;

	to.port = port;
	size =
	    sockaddr_set(&name, is_ipv6 ? MH_FAMILY_IPV6 : MH_FAMILY_IPV4, &to);
	return real()->connect(fd, (struct sockaddr *)&name, size) == 0;
}

static bool
set_group_source(int fd, const struct ip_mreqn *request)
{
	return real()->setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, request,
		   sizeof(*request)) == 0;
}

/*
 * IPv4: a socket that connects to a group has the address from which it sends
 * to groups (__ip4_datagram_connect()).  To connect to our own address would
 * give a secondary one the primary one's.
 */
static bool
rebind_ipv4(int fd, const struct sockets_known *known,
    const struct mh_address *local, uint16_t port)
{
	struct ip_mreqn before = { .imr_ifindex = atomic_load(
				       &known->entry->group_index) };
	struct ip_mreqn now = { .imr_ifindex = 0 };
	socklen_t size = sizeof(before.imr_address);
	bool done;

	memcpy(&now.imr_address, local->ip, 4);
	if (real()->getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF,
		&before.imr_address, &size) < 0 ||
	    !set_group_source(fd, &now))
		return false;
	done = connect_to(fd, known->is_ipv6, &all_hosts, port);
	set_group_source(fd, &before);
	return done;
}

/* IPv6: what a host sends to itself is from where it goes to (RFC 6724). */
static bool
rebind_ipv6(int fd, const struct mh_address *local, uint16_t port)
{
	return connect_to(fd, true, local, port);
}

/* Is that the socket's address now? */
static bool
is_rebound(int fd, const struct mh_address *local)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	struct mh_address address;
	socklen_t size = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		return false;
	sockaddr_get(&name, &address);
	return address.family == local->family &&
	    memcmp(address.ip, local->ip, 16) == 0;
}

void
rebind_undo(int fd)
{
	const struct sockaddr name = { .sa_family = AF_UNSPEC };
	int error = errno;

	real()->connect(fd, &name, sizeof(name));
	errno = error;
}

static bool
is_possible(const struct mh_address *address)
{
	switch (mh_address_class(address)) {
	case MH_CLASS_NONE:
	case MH_CLASS_THIS_NETWORK:
	case MH_CLASS_UNSPECIFIED:
	case MH_CLASS_MULTICAST:
	case MH_CLASS_BROADCAST:
		return false;
	default:
		return true;
	}
}

bool
rebind(int fd, const struct sockets_known *known, const struct sockaddr *name,
    socklen_t size)
{
	struct mh_address peer, local;
	struct table_route route;
	int error = errno;
	bool done;

	if (!way_find(known->port, name, size, &peer, &route) ||
	    !is_possible(&route.local))
		return false;
	local = route.local;
	if (mh_address_class(&local) == MH_CLASS_LINK_LOCAL)
		local.scope = route.if_index;
	done = (local.family == MH_FAMILY_IPV4
		       ? rebind_ipv4(fd, known, &local, peer.port)
		       : rebind_ipv6(fd, &local, peer.port)) &&
	    is_rebound(fd, &local);
	if (!done)
		rebind_undo(fd);
	errno = error;
	return done;
}
