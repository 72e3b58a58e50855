/* SPDX-License-Identifier: ISC */
/*
 * Messages as no kernel would write them, merged into a list of addresses.
 * Whatever they say, the list is sorted, its addresses are ones that an
 * interface can have, and merging the same again changes nothing.
 */
#include "fuzz.h"

#include "platform/linux/backlog.h"
#include "platform/linux/neighbours.h"
#include "platform/linux/netlist.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

static void
take(struct nlmsghdr *message, size_t length, struct netlist *changes)
{
	struct netlist_record record;
	struct host_neighbour neighbour = { .if_index = 0 };
	struct host_backlog backlog;
	static const struct mh_address peer = { .family = MH_FAMILY_IPV4 };
	ssize_t left = (ssize_t)length;

	for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
		if (netlist_decode(message, &record))
			REQUIRE(netlist_add(changes, &record));
		/* Of queues; nothing is read beyond the message. */
		backlog_decode(message, &backlog);
		/* Of neighbours, and of routes to them. */
		if (neighbours_decode(message, &neighbour) ||
		    neighbours_decode_route(message, &peer, &neighbour))
			REQUIRE(neighbour.address.family != MH_FAMILY_NONE);
	}
}

static void
verify(const struct netlist *list)
{
	struct host_network network;
	size_t i;

	REQUIRE(netlist_network(list, &network) == 0);
	REQUIRE(network.address_count + network.interface_count == list->count);
	for (i = 0; i < network.address_count; i++) {
		REQUIRE(network.addresses[i].address.family == MH_FAMILY_IPV4 ||
		    network.addresses[i].address.family == MH_FAMILY_IPV6);
		REQUIRE(network.addresses[i].on_link <= 128);
	}
	for (i = 0; i < network.interface_count; i++)
		REQUIRE(memchr(network.interfaces[i].name, '\0',
			    sizeof(network.interfaces[i].name)) != NULL);
	for (i = 1; i < network.interface_count; i++)
		REQUIRE(network.interfaces[i - 1].index <
		    network.interfaces[i].index);
	host_network_free(&network);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlist list = { .records = NULL }, changes = list, same = list;
	/* Not a byte more, for ASan. */
	void *messages = malloc(size);
	size_t count, i;

	if (messages == NULL)
		return 0;
	memcpy(messages, data, size);
	/* Two halves: the second changes what the first made. */
	take(messages, size / 2 / 4 * 4, &changes);
	REQUIRE(netlist_merge(&list, &changes));
	changes.count = 0;
	take(messages, size, &changes);
	REQUIRE(netlist_merge(&list, &changes));
	verify(&list);
	count = list.count;
	for (i = 0; i < count; i++)
		REQUIRE(netlist_add(&same, &list.records[i]));
	REQUIRE(netlist_merge(&list, &same));
	REQUIRE(list.count == count);
	netlist_clear(&same);
	netlist_clear(&changes);
	netlist_clear(&list);
	free(messages);
	return 0;
}
