/* SPDX-License-Identifier: ISC */
/*
 * One question to rtnetlink(7): would a datagram to this address be delivered
 * here?  That bind() takes an address does not tell: with ip_nonlocal_bind it
 * takes any; and over IPv6 it refuses those of a prefix that is local by a
 * route alone.
 */
#include "platform/linux/route.h"

#include "platform/linux/rtattr.h"
#include "platform/sockaddr.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct question {
	struct nlmsghdr header;
	struct rtmsg route;
	uint8_t attributes[64];
};

static bool
ask(int fd, const struct mh_address *address, uint32_t if_index)
{
	bool ipv4 = address->family == MH_FAMILY_IPV4;
	const size_t size = ipv4 ? 4 : 16;
	struct question question = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(question.route)),
		    .nlmsg_type = RTM_GETROUTE,
		    .nlmsg_flags = NLM_F_REQUEST },
		.route = { .rtm_family =
			       (uint8_t)sockaddr_family(address->family),
		    .rtm_dst_len = (uint8_t)(8 * size) },
	};

	if (!ipv4 && address->scope != 0)
		if_index = address->scope;
	rtattr_add(&question.header, RTA_DST, address->ip, size);
	if (if_index != 0)
		rtattr_add(
		    &question.header, RTA_OIF, &if_index, sizeof(if_index));
	return send(fd, &question, question.header.nlmsg_len, 0) ==
	    (ssize_t)question.header.nlmsg_len;
}

/* There is no such route, or that is not what the error says. */
static enum route_owner
read_error(struct nlmsghdr *message)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(error->error)))
		return ROUTE_UNKNOWN;
	switch (-error->error) {
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EACCES: /* prohibit */
	case EINVAL: /* blackhole; an address that nobody can have */
	case EAGAIN: /* throw */
	case ENODEV: /* the interface is gone */
		return ROUTE_OTHER;
	default:
		return ROUTE_UNKNOWN;
	}
}

static enum route_owner
read_answer(struct nlmsghdr *message, size_t length)
{
	const struct rtmsg *route = NLMSG_DATA(message);

	if (!NLMSG_OK(message, length))
		return ROUTE_UNKNOWN;
	if (message->nlmsg_type == NLMSG_ERROR)
		return read_error(message);
	if (message->nlmsg_type != RTM_NEWROUTE ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*route)))
		return ROUTE_UNKNOWN;
	return route->rtm_type == RTN_LOCAL ? ROUTE_LOCAL : ROUTE_OTHER;
}

enum route_owner
route_owner(const struct mh_address *address, uint32_t if_index)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[4096];
	enum route_owner owner = ROUTE_UNKNOWN;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t n;

	if (fd < 0)
		return ROUTE_UNKNOWN;
	if (ask(fd, address, if_index)) {
		do
			n = recv(fd, buffer, sizeof(buffer), 0);
		while (n < 0 && errno == EINTR);
		if (n > 0)
			owner = read_answer((void *)buffer, (size_t)n);
	}
	close(fd);
	return owner;
}
