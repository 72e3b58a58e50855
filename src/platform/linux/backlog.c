/* SPDX-License-Identifier: ISC */
/*
 * platform/backlog.h for Linux: the statistics of queueing disciplines, over
 * rtnetlink(7).
 */
#include "platform/linux/backlog.h"

#include "platform/linux/rtattr.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool
backlog_decode(struct nlmsghdr *message, struct host_backlog *backlog)
{
	struct tcmsg *header = NLMSG_DATA(message);
	struct rtattr *found;
	struct tc_stats stats;

	if (message->nlmsg_type != RTM_NEWQDISC ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*header)))
		return false;
	found = rtattr_find(
	    TCA_RTA(header), (ssize_t)TCA_PAYLOAD(message), TCA_STATS);
	if (found == NULL || RTA_PAYLOAD(found) < sizeof(stats))
		return false;
	memcpy(&stats, RTA_DATA(found), sizeof(stats));
	*backlog = (struct host_backlog){ (uint32_t)header->tcm_ifindex,
		stats.backlog };
	return true;
}

void
backlog_add(struct host_backlog *table, unsigned int max, unsigned int *count,
    const struct host_backlog *backlog)
{
	unsigned int i;

	for (i = 0; i < *count; i++)
		if (table[i].if_index == backlog->if_index)
			break;
	if (i == max)
		return;
	if (i == *count)
		table[(*count)++] = *backlog;
	else if (table[i].bytes < backlog->bytes)
		table[i].bytes = backlog->bytes;
}

intptr_t
host_backlog_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

struct listing {
	uint32_t least;
	struct host_backlog *table;
	unsigned int max, count;
};

/* One buffer; 1: more to come, 0: that was all, -1: failed. */
static int
take(struct nlmsghdr *message, ssize_t length, struct listing *listing)
{
	struct host_backlog backlog;

	for (; NLMSG_OK(message, length);
	     message = NLMSG_NEXT(message, length)) {
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return -1;
		if (backlog_decode(message, &backlog) &&
		    backlog.bytes >= listing->least)
			backlog_add(listing->table, listing->max,
			    &listing->count, &backlog);
	}
	return 1;
}

int
host_backlog_read(intptr_t handle, uint32_t least, struct host_backlog *table,
    unsigned int max)
{
	const struct {
		struct nlmsghdr header;
		struct tcmsg message;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
		    .nlmsg_type = RTM_GETQDISC,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.message = { .tcm_family = AF_UNSPEC },
	};
	struct listing listing = { least, table, max, 0 };
	_Alignas(struct nlmsghdr) uint8_t buffer[16384];
	int more = 1;
	ssize_t n;

	if (send((int)handle, &request, sizeof(request), 0) != sizeof(request))
		return -1;
	while (more == 1) {
		n = recv((int)handle, buffer, sizeof(buffer), 0);
		if (n > 0)
			more = take((void *)buffer, n, &listing);
		else if (n == 0 || errno != EINTR)
			more = -1;
	}
	return more == 0 ? (int)listing.count : -1;
}

void
host_backlog_close(intptr_t handle)
{
	if (handle >= 0)
		close((int)handle);
}
