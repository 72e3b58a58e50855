/* SPDX-License-Identifier: ISC */
/*
 * Which interfaces belong to a VRF: a reply to what came in there has to name
 * the interface, or it leaves by the default table.  Asked over rtnetlink(7)
 * when interfaces change, never for a datagram.
 */
#include "platform/linux/vrf.h"

#include "platform/linux/rtattr.h"

#include <linux/if_link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct found {
	uint32_t *table;
	int count;
};

static bool
is_vrf_slave(struct nlmsghdr *message)
{
	struct rtattr *info, *kind;

	info = rtattr_find(IFLA_RTA(NLMSG_DATA(message)), IFLA_PAYLOAD(message),
	    IFLA_LINKINFO);
	if (info == NULL)
		return false;
	kind = rtattr_find(
	    RTA_DATA(info), RTA_PAYLOAD(info), IFLA_INFO_SLAVE_KIND);
	return kind != NULL &&
	    strncmp(RTA_DATA(kind), "vrf", RTA_PAYLOAD(kind)) == 0;
}

static bool
add(struct found *found, uint32_t if_index)
{
	uint32_t *table =
	    realloc(found->table, ((size_t)found->count + 1) * sizeof(*table));

	if (table == NULL)
		return false;
	table[found->count++] = if_index;
	found->table = table;
	return true;
}

/* One buffer of the dump; 1: more to come, 0: done, -1: failed. */
static int
take(struct nlmsghdr *message, ssize_t length, struct found *found)
{
	const struct ifinfomsg *link;

	for (; NLMSG_OK(message, length);
	     message = NLMSG_NEXT(message, length)) {
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return -1;
		link = NLMSG_DATA(message);
		if (message->nlmsg_type == RTM_NEWLINK &&
		    is_vrf_slave(message) &&
		    !add(found, (uint32_t)link->ifi_index))
			return -1;
	}
	return 1;
}

static int
dump(int fd, struct found *found)
{
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
		    .nlmsg_type = RTM_GETLINK,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.link = { .ifi_family = AF_UNSPEC },
	};
	_Alignas(struct nlmsghdr) uint8_t buffer[32768];
	ssize_t n;
	int more = 1;

	if (send(fd, &request, sizeof(request), 0) != sizeof(request))
		return -1;
	while (more == 1) {
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n <= 0)
			return -1;
		more = take((void *)buffer, n, found);
	}
	return more;
}

int
mh__vrf_interfaces(uint32_t **table)
{
	struct found found = { NULL, 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	if (dump(fd, &found) < 0) {
		free(found.table);
		found = (struct found){ NULL, -1 };
	}
	close(fd);
	*table = found.table;
	return found.count;
}
