/* SPDX-License-Identifier: ISC */
/*
 * The way of a datagram in and its answer's way out.
 */
#include "run/preload/way.h"

#include "platform/sockaddr.h"

#include "lib/reply.h"
#include "platform/linux/control.h"
#include "platform/linux/vrf.h"
#include "run/preload/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Interfaces of VRFs, in a list that is replaced as a whole. */
struct vrf {
	int count;
	uint32_t *interfaces;
};

static struct table *table;
static bool has_vrf; /* there may be some */
static struct vrf *_Atomic vrf;

/* Does the kernel let a socket of no VRF have their datagrams? */
static bool
may_be_of_vrf(void)
{
	int fd =
	    open("/proc/sys/net/ipv4/udp_l3mdev_accept", O_RDONLY | O_CLOEXEC);
	char digit = '0';

	if (fd < 0)
		return false;
	if (read(fd, &digit, 1) != 1)
		digit = '0';
	close(fd);
	return digit != '0';
}

void
way_init(struct table *memory)
{
	table = memory;
	has_vrf = may_be_of_vrf();
}

static bool
is_same(const struct vrf *a, const struct vrf *b)
{
	return a->count == b->count &&
	    (a->count == 0 ||
		memcmp(a->interfaces, b->interfaces,
		    (size_t)a->count * sizeof(*a->interfaces)) == 0);
}

void
way_look_at_interfaces(void)
{
	struct vrf *found = has_vrf ? malloc(sizeof(*found)) : NULL;
	const struct vrf *before = atomic_load(&vrf);

	if (found == NULL)
		return;
	found->interfaces = NULL;
	found->count = mh__vrf_interfaces(&found->interfaces);
	/* The one before it stays: somebody may be reading it. */
	if (found->count >= 0 && (before == NULL || !is_same(before, found))) {
		atomic_store(&vrf, found);
		return;
	}
	free(found->interfaces);
	free(found);
}

static bool
is_of_vrf(uint32_t if_index)
{
	const struct vrf *list = atomic_load(&vrf);
	int i;

	for (i = 0; list != NULL && i < list->count; i++)
		if (list->interfaces[i] == if_index)
			return true;
	return false;
}

/* A name that may be shorter than one of IPv6, or of neither family. */
static bool
read_name(const void *name, socklen_t size, struct mh_address *peer)
{
	struct sockaddr_in6 copy = { .sin6_family = AF_UNSPEC };

	if (name == NULL || size < sizeof(struct sockaddr_in))
		return false;
	memcpy(&copy, name, size < sizeof(copy) ? size : sizeof(copy));
	/* Up to the scope, as the kernel wants it. */
	if (copy.sin6_family == AF_INET6 &&
	    size < offsetof(struct sockaddr_in6, sin6_scope_id))
		return false;
	sockaddr_get(&copy, peer);
	return peer->family != MH_FAMILY_NONE;
}

bool
way_learn(uint16_t port, const struct msghdr *header)
{
	const struct mh__udp udp = { .bound.port = port };
	struct mh_datagram request = { .flags = 0 }, reply;
	struct mh__arrival arrival;
	struct table_peer peer = { .port = port };
	struct table_route route;

	mh__control_decode(header, &arrival, &request);
	if (!arrival.has_ipv4 && !arrival.has_ipv6)
		return false;
	if (!read_name(header->msg_name, header->msg_namelen, &request.peer))
		return true;
	mh__reply_local(&request, &arrival, &udp);
	if (is_of_vrf(request.if_index))
		request.flags |= MH_VIA_VRF;
	peer.address = request.peer;
	if (mh_reply_address(&reply, &request, NULL) != 0) {
		table_forget(table, &peer);
		return true;
	}
	route.local = reply.local;
	route.if_index = reply.if_index;
	table_learn(table, &peer, &route, clock_seconds());
	return true;
}

bool
way_find(uint16_t port, const struct sockaddr *name, socklen_t size,
    struct mh_address *address, struct table_route *route)
{
	struct table_peer peer = { .port = port };

	if (!read_name(name, size, &peer.address))
		return false;
	*address = peer.address;
	return table_find(table, &peer, route, clock_seconds());
}

size_t
way_control(uint16_t port, const struct sockaddr *name, socklen_t size,
    uint8_t control[WAY_CONTROL])
{
	struct mh_address peer;
	struct table_route route;

	if (!way_find(port, name, size, &peer, &route))
		return 0;
	return mh__control_encode(
	    control, peer.family, &route.local, route.if_index);
}
