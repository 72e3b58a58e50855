/* SPDX-License-Identifier: ISC */
/*
 * platform/neighbours.h for Linux: rtnetlink(7) and sock_diag's view of a
 * socket's memory.
 */
#include "platform/linux/neighbours.h"

#include "platform/linux/rtattr.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* States in which the kernel sends at once: NUD_VALID in net/neighbour.h. */
#define RESOLVED                                                             \
	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | \
	    NUD_DELAY)

/* The most buffers per call, so that the caller is not kept from its work. */
#define BUFFERS_MAX 64

static void
ask_for_all(struct host_neighbours *neighbours)
{
	const struct {
		struct nlmsghdr header;
		struct ndmsg message;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
		    .nlmsg_type = RTM_GETNEIGH,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.message = { .ndm_family = AF_UNSPEC },
	};

	neighbours->listing = send((int)neighbours->handle, &request,
				  sizeof(request), 0) == sizeof(request);
	neighbours->again = !neighbours->listing;
}

void
host_neighbours_open(struct host_neighbours *neighbours)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK,
		.nl_groups = 1u << (RTNLGRP_NEIGH - 1) };
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	*neighbours = (struct host_neighbours){ .handle = fd, .routes = -1 };
	if (fd < 0)
		return;
	neighbours->routes =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		host_neighbours_close(neighbours);
	else
		ask_for_all(neighbours);
}

bool
neighbours_decode(struct nlmsghdr *message, struct host_neighbour *neighbour)
{
	const struct ndmsg *header = NLMSG_DATA(message);
	struct rtattr *destination;
	struct mh_address *address = &neighbour->address;
	size_t size;

	if ((message->nlmsg_type != RTM_NEWNEIGH &&
		message->nlmsg_type != RTM_DELNEIGH) ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*header)) ||
	    (header->ndm_family != AF_INET && header->ndm_family != AF_INET6) ||
	    (header->ndm_flags & NTF_PROXY) != 0)
		return false;
	size = header->ndm_family == AF_INET ? 4 : 16;
	destination = rtattr_find((void *)((uint8_t *)NLMSG_DATA(message) +
				      NLMSG_ALIGN(sizeof(*header))),
	    (ssize_t)NLMSG_PAYLOAD(message, NLMSG_ALIGN(sizeof(*header))),
	    NDA_DST);
	if (destination == NULL || RTA_PAYLOAD(destination) != size)
		return false;
	*address = (struct mh_address){ .family = size == 4 ? MH_FAMILY_IPV4
							    : MH_FAMILY_IPV6 };
	memcpy(address->ip, RTA_DATA(destination), size);
	neighbour->if_index = (uint32_t)header->ndm_ifindex;
	if (mh_address_class(address) == MH_CLASS_LINK_LOCAL)
		address->scope = neighbour->if_index;
	neighbour->event = message->nlmsg_type == RTM_NEWNEIGH &&
		(header->ndm_state & RESOLVED) != 0
	    ? HOST_NEIGHBOUR_RESOLVED
	    : HOST_NEIGHBOUR_ABSENT;
	return true;
}

/* Whom to notify. */
struct listener {
	void (*notify)(void *argument, const struct host_neighbour *neighbour);
	void *argument;
};

static void
notify(const struct listener *listener, enum host_neighbour_event event)
{
	const struct host_neighbour neighbour = { .event = event };

	listener->notify(listener->argument, &neighbour);
}

/* The messages of one buffer. */
static void
take(struct host_neighbours *neighbours, struct nlmsghdr *message,
    ssize_t length, const struct listener *listener)
{
	struct host_neighbour neighbour;

	for (; NLMSG_OK(message, length);
	     message = NLMSG_NEXT(message, length)) {
		if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
			neighbours->again = true;
		if (neighbours_decode(message, &neighbour)) {
			listener->notify(listener->argument, &neighbour);
			continue;
		}
		/* An incomplete list proves nobody's absence. */
		if (message->nlmsg_type == NLMSG_DONE && !neighbours->again)
			notify(listener, HOST_NEIGHBOURS_END);
		if (message->nlmsg_type == NLMSG_DONE ||
		    message->nlmsg_type == NLMSG_ERROR)
			neighbours->listing = false;
	}
}

/* Is nothing queued? */
static bool
is_read(intptr_t handle)
{
	char byte;

	return recv((int)handle, &byte, sizeof(byte), MSG_PEEK) < 0 &&
	    errno == EAGAIN;
}

void
host_neighbours_read(struct host_neighbours *neighbours,
    void (*function)(void *argument, const struct host_neighbour *neighbour),
    void *argument)
{
	const struct listener listener = { function, argument };
	_Alignas(struct nlmsghdr) uint8_t buffer[8192];
	unsigned int i;
	ssize_t n;

	for (i = 0; i < BUFFERS_MAX; i++) {
		n = recv((int)neighbours->handle, buffer, sizeof(buffer), 0);
		if (n > 0)
			take(neighbours, (void *)buffer, n, &listener);
		else if (n < 0 && errno == ENOBUFS)
			neighbours->again = true;
		else if (n == 0 || errno != EINTR)
			break;
	}
	/*
	 * Once a message is lost, the system drops all that follow, without
	 * saying so again, until everything that it has queued is read.
	 */
	if (neighbours->again && !neighbours->listing &&
	    is_read(neighbours->handle)) {
		ask_for_all(neighbours);
		notify(&listener, HOST_NEIGHBOURS_BEGIN);
	}
}

/*
 * Routes.
 */

struct route_request {
	struct nlmsghdr header;
	struct rtmsg message;
	uint8_t attributes[3 * RTA_SPACE(16)];
};

static bool
ask_for_route(
    struct host_neighbours *neighbours, const struct mh_datagram *datagram)
{
	const struct mh_address *peer = &datagram->peer;
	bool ipv4 = peer->family == MH_FAMILY_IPV4;
	size_t size = ipv4 ? 4 : 16;
	struct route_request request = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
		    .nlmsg_type = RTM_GETROUTE,
		    .nlmsg_flags = NLM_F_REQUEST,
		    .nlmsg_seq = ++neighbours->asked },
		.message = { .rtm_family = ipv4 ? AF_INET : AF_INET6,
		    .rtm_dst_len = (unsigned char)(8 * size) },
	};

	rtattr_add(&request.header, RTA_DST, peer->ip, size);
	if (datagram->local.family == peer->family) {
		request.message.rtm_src_len = (unsigned char)(8 * size);
		rtattr_add(&request.header, RTA_SRC, datagram->local.ip, size);
	}
	if (peer->scope != 0)
		rtattr_add(&request.header, RTA_OIF, &peer->scope,
		    sizeof(peer->scope));
	return send((int)neighbours->routes, &request, request.header.nlmsg_len,
		   MSG_DONTWAIT) == (ssize_t)request.header.nlmsg_len;
}

/* The router's address, of either family; false: there is none. */
static bool
get_router(struct rtattr *attributes, ssize_t length, size_t size,
    struct mh_address *router)
{
	struct rtattr *found = rtattr_find(attributes, length, RTA_GATEWAY);
	const uint8_t *ip;

	if (found != NULL && RTA_PAYLOAD(found) == size) {
		ip = RTA_DATA(found);
	} else {
		found = rtattr_find(attributes, length, RTA_VIA);
		if (found == NULL || RTA_PAYLOAD(found) != 2 + 16)
			return false;
		/* Of another family: IPv6, after the number of that. */
		ip = (const uint8_t *)RTA_DATA(found) + 2;
		size = 16;
	}
	*router = (struct mh_address){ .family = size == 4 ? MH_FAMILY_IPV4
							   : MH_FAMILY_IPV6 };
	memcpy(router->ip, ip, size);
	return true;
}

bool
neighbours_decode_route(struct nlmsghdr *message, const struct mh_address *peer,
    struct host_neighbour *hop)
{
	struct rtmsg *route = NLMSG_DATA(message);
	size_t size = peer->family == MH_FAMILY_IPV4 ? 4 : 16;
	struct rtattr *interface;
	ssize_t length;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*route)) ||
	    route->rtm_type != RTN_UNICAST)
		return false;
	length = (ssize_t)RTM_PAYLOAD(message);
	interface = rtattr_find(RTM_RTA(route), length, RTA_OIF);
	if (interface == NULL ||
	    RTA_PAYLOAD(interface) != sizeof(hop->if_index))
		return false;
	memcpy(&hop->if_index, RTA_DATA(interface), sizeof(hop->if_index));
	if (!get_router(RTM_RTA(route), length, size, &hop->address)) {
		hop->address = *peer;
		hop->address.port = 0;
	}
	if (mh_address_class(&hop->address) == MH_CLASS_LINK_LOCAL)
		hop->address.scope = hop->if_index;
	return true;
}

bool
host_next_hop(struct host_neighbours *neighbours,
    const struct mh_datagram *request, struct host_neighbour *hop)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[4096];
	struct nlmsghdr *message = (void *)buffer;
	ssize_t n;

	if (neighbours->routes < 0 || !ask_for_route(neighbours, request))
		return false;
	/* It has been answered already; anything earlier is left over. */
	do {
		n = recv((int)neighbours->routes, buffer, sizeof(buffer),
		    MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !NLMSG_OK(message, n))
			return false;
	} while (n < 0 || message->nlmsg_seq != neighbours->asked);
	return neighbours_decode_route(message, &request->peer, hop);
}

void
host_neighbours_close(struct host_neighbours *neighbours)
{
	if (neighbours->handle >= 0) {
		close((int)neighbours->handle);
		if (neighbours->routes >= 0)
			close((int)neighbours->routes);
	}
	neighbours->handle = neighbours->routes = -1;
}

bool
host_send_buffer(intptr_t handle, size_t *size, size_t *used)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t length = sizeof(info);

	if (getsockopt((int)handle, SOL_SOCKET, SO_MEMINFO, info, &length) <
		0 ||
	    length < sizeof(info))
		return false;
	*size = info[SK_MEMINFO_SNDBUF];
	*used = info[SK_MEMINFO_WMEM_ALLOC];
	return true;
}
