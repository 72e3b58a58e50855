/* SPDX-License-Identifier: ISC */
/*
 * What rtnetlink(7) says of queueing disciplines.  Pure: no sockets.
 */
#ifndef PLATFORM_LINUX_BACKLOG_H
#define PLATFORM_LINUX_BACKLOG_H

#include "platform/backlog.h"

#include <linux/netlink.h>
#include <stdbool.h>

/*
 * Decode one message, length verified; false: it is about no queue, or does not
 * say how much waits there.
 */
bool backlog_decode(struct nlmsghdr *message, struct host_backlog *backlog);

/*
 * Add it to the *count entries of the table, which has room for max.  Of an
 * interface with several queues the longest counts: that of a parent includes
 * its children's.
 */
void backlog_add(struct host_backlog *table, unsigned int max,
    unsigned int *count, const struct host_backlog *backlog);

#endif
