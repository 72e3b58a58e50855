/* SPDX-License-Identifier: ISC */
/*
 * platform/network.h for Linux: rtnetlink(7).  The list is read
 * as a whole once, and again only if messages were lost; else it follows from
 * the messages themselves.
 */
#include "platform/network.h"

#include "platform/linux/netlist.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* How often to read again what changed while it was read. */
#define DUMPS_MAX 4

/* The most messages per call, so that the caller's loop goes on. */
#define MESSAGES_MAX 1024

/* So that a burst of changes fits, in bytes. */
#define WATCH_BUFFER (1024 * 1024)

/* What a watch knows. */
struct watch {
	struct netlist list;
	struct netlist changes; /* since then */
	bool lost;              /* read all of it again... */
	bool unread;            /* ...once nothing of before that is queued */
};

bool
host_tracks_connections(void)
{
	FILE *file = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "re");
	unsigned int count = 0;

	if (file == NULL)
		return false;
	/* It is there when the module is; 0 as long as no rule wants it. */
	if (fscanf(file, "%u", &count) != 1)
		count = 0;
	fclose(file);
	return count > 0;
}

static int
open_socket(unsigned int groups, int flags)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK,
		.nl_groups = groups };
	int fd =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/*
 * All at once.
 */

enum dump { DUMP_MORE, DUMP_DONE, DUMP_FAILED };

/* One buffer of a dump; changed: the list changed while it was read. */
static enum dump
take_dump(struct nlmsghdr *message, ssize_t length, struct netlist *list,
    bool *changed)
{
	struct netlist_record record;

	for (; NLMSG_OK(message, length);
	     message = NLMSG_NEXT(message, length)) {
		if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
			*changed = true;
		if (message->nlmsg_type == NLMSG_DONE)
			return DUMP_DONE;
		if (message->nlmsg_type == NLMSG_ERROR ||
		    (netlist_decode(message, &record) &&
			!netlist_add(list, &record)))
			return DUMP_FAILED;
	}
	return DUMP_MORE;
}

/* Append all interfaces or all addresses. */
static bool
dump(int fd, unsigned short type, struct netlist *list, bool *changed)
{
	const struct {
		struct nlmsghdr header;
		struct rtgenmsg message;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
		    .nlmsg_type = type,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.message = { .rtgen_family = AF_UNSPEC },
	};
	_Alignas(struct nlmsghdr) uint8_t buffer[32768];
	enum dump state = DUMP_MORE;
	ssize_t n;

	if (send(fd, &request, sizeof(request), 0) != sizeof(request))
		return false;
	while (state == DUMP_MORE) {
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n > 0)
			state = take_dump((void *)buffer, n, list, changed);
		else if (n == 0 || errno != EINTR)
			return false;
	}
	return state == DUMP_DONE;
}

/*
 * Read everything, several times if it changes meanwhile: such a list may lack
 * what did not change.
 */
static bool
dump_all(struct netlist *list, bool *changed)
{
	int fd = open_socket(0, 0), i;
	bool good = fd >= 0;

	*changed = true;
	for (i = 0; good && *changed && i < DUMPS_MAX; i++) {
		*changed = false;
		list->count = 0;
		good = dump(fd, RTM_GETLINK, list, changed) &&
		    dump(fd, RTM_GETADDR, list, changed);
	}
	if (fd >= 0)
		close(fd);
	return good;
}

/* Replace *network by the list. */
static int
use_list(const struct netlist *list, struct host_network *network)
{
	struct host_network fresh;
	int error = netlist_network(list, &fresh);

	if (error != 0)
		return error;
	host_network_free(network);
	*network = fresh;
	return 0;
}

int
host_network_load(struct host_network *network)
{
	struct netlist list = { .records = NULL }, all = { .records = NULL };
	int error = MH_ESYSTEM;
	bool changed;

	if (dump_all(&all, &changed))
		error = netlist_merge(&list, &all) ? use_list(&list, network)
						   : MH_ENOMEMORY;
	netlist_clear(&all);
	netlist_clear(&list);
	return error;
}

/*
 * By and by.
 */

void
host_watch_open(struct host_watch *watch)
{
	struct watch *state = calloc(1, sizeof(*state));
	int fd = -1, size = WATCH_BUFFER;

	if (state != NULL)
		fd = open_socket(
		    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
		    SOCK_NONBLOCK);
	*watch = (struct host_watch){ .handle = fd };
	if (fd < 0) {
		free(state);
		return;
	}
	/* Beyond net.core.rmem_max with CAP_NET_ADMIN only. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	state->lost = true;
	watch->system = state;
}

/* Keep what the messages of one buffer say. */
static bool
take_changes(struct watch *state, struct nlmsghdr *message, ssize_t length)
{
	struct netlist_record record;
	bool changed = false;

	for (; NLMSG_OK(message, length);
	     message = NLMSG_NEXT(message, length)) {
		if (!netlist_decode(message, &record))
			continue;
		changed = true;
		if (state->changes.count >= NETLIST_CHANGES_MAX ||
		    !netlist_add(&state->changes, &record))
			state->lost = true;
	}
	return changed;
}

bool
host_watch_read(const struct host_watch *watch)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[32768];
	struct watch *state = watch->system;
	bool changed = false;
	unsigned int i;
	ssize_t n;

	state->unread = true;
	for (i = 0; state->unread && i < MESSAGES_MAX; i++) {
		n = recv((int)watch->handle, buffer, sizeof(buffer), MSG_TRUNC);
		if (n > (ssize_t)sizeof(buffer) || (n < 0 && errno == ENOBUFS))
			changed = state->lost = true;
		else if (n > 0)
			changed =
			    take_changes(state, (void *)buffer, n) || changed;
		else if (n == 0 || errno != EINTR)
			state->unread = false;
	}
	return changed;
}

/*
 * Begin again with all that there is.  A list that may be incomplete adds to
 * what is known instead of replacing it.
 */
static bool
reload(struct watch *state)
{
	struct netlist all = { .records = NULL };
	bool good = dump_all(&all, &state->lost);
	size_t i;

	if (good && !state->lost) {
		netlist_clear(&state->list);
		netlist_clear(&state->changes);
		state->changes = all;
		return true;
	}
	for (i = 0; good && i < all.count; i++)
		good = netlist_add(&state->changes, &all.records[i]);
	netlist_clear(&all);
	state->lost = true;
	return good;
}

int
host_watch_load(
    struct host_watch *watch, struct host_network *network, bool *again)
{
	struct watch *state = watch->system;
	bool good;

	*again = true;
	/*
	 * From the first message that is lost on, the system loses all, and
	 * does not say so again, until all that it has queued is read.
	 */
	if (state->lost && state->unread)
		host_watch_read(watch);
	watch->complete += state->lost && !state->unread;
	if (state->lost && !state->unread && !reload(state))
		return MH_ESYSTEM;
	good = netlist_merge(&state->list, &state->changes);
	netlist_clear(&state->changes);
	if (!good) {
		state->lost = true;
		return MH_ENOMEMORY;
	}
	*again = state->lost;
	return use_list(&state->list, network);
}

void
host_watch_close(struct host_watch *watch)
{
	struct watch *state = watch->system;

	if (watch->handle >= 0)
		close((int)watch->handle);
	if (state != NULL) {
		netlist_clear(&state->list);
		netlist_clear(&state->changes);
		free(state);
	}
	*watch = (struct host_watch){ .handle = -1 };
}

void
host_name(char *name, size_t size)
{
	if (gethostname(name, size) < 0 || name[0] == '\0')
		snprintf(name, size, "localhost");
	name[size - 1] = '\0';
}

bool
host_loopback_reaches(const struct mh_address *address)
{
	return address->family == MH_FAMILY_IPV4 ||
	    mh_address_class(address) != MH_CLASS_LINK_LOCAL;
}
