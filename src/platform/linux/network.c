/* SPDX-License-Identifier: ISC */
/*
 * platform/network.h for Linux: getifaddrs(3) and rtnetlink(7).
 */
#include "platform/network.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where one host is meant at the other end, there is no subnet. */
static void
load_broadcast(struct host_address *at, const struct ifaddrs *entry)
{
	struct sockaddr_in mask = { .sin_family = AF_INET };

	at->broadcast = (struct mh_address){ .family = MH_FAMILY_NONE };
	if ((entry->ifa_flags & (IFF_BROADCAST | IFF_POINTOPOINT)) !=
	    IFF_BROADCAST)
		return;
	host_address_get(&at->broadcast, entry->ifa_broadaddr);
	/* What getifaddrs() says if it was given none: routing has one. */
	if (at->address.family == MH_FAMILY_IPV4 &&
	    entry->ifa_netmask != NULL &&
	    (at->broadcast.family == MH_FAMILY_NONE ||
		mh_address_compare(&at->broadcast, &at->address) == 0)) {
		memcpy(&mask, entry->ifa_netmask, sizeof(mask));
		host_broadcast_get(&at->broadcast, &at->address,
		    (unsigned int)__builtin_popcount(mask.sin_addr.s_addr));
	}
}

/* Where hosts are looked for, and how far. */
static unsigned int
on_link_bits(const struct ifaddrs *entry)
{
	const uint8_t *mask;
	size_t i, size;
	unsigned int bits = 0;

	if ((entry->ifa_flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) !=
		0 ||
	    entry->ifa_netmask == NULL)
		return 0;
	if (entry->ifa_addr->sa_family == AF_INET) {
		mask = (const uint8_t *)entry->ifa_netmask +
		    offsetof(struct sockaddr_in, sin_addr);
		size = 4;
	} else {
		mask = (const uint8_t *)entry->ifa_netmask +
		    offsetof(struct sockaddr_in6, sin6_addr);
		size = 16;
	}
	for (i = 0; i < size; i++)
		bits += (unsigned int)__builtin_popcount(mask[i]);
	return bits;
}

/* Without asking the system again for each of thousands of addresses. */
static uint32_t
index_of(const struct if_nameindex *interfaces, const char *name)
{
	for (; interfaces->if_index != 0; interfaces++)
		if (strcmp(interfaces->if_name, name) == 0)
			return interfaces->if_index;
	/* A label of its own, as "eth0:1". */
	return if_nametoindex(name);
}

static void
load_addresses(struct host_network *network, const struct ifaddrs *list,
    const struct if_nameindex *interfaces)
{
	struct host_address *at = network->addresses;

	for (; list != NULL; list = list->ifa_next) {
		host_address_get(&at->address, list->ifa_addr);
		if (at->address.family == MH_FAMILY_NONE)
			continue;
		load_broadcast(at, list);
		at->if_index = index_of(interfaces, list->ifa_name);
		at->on_link = on_link_bits(list);
		at++;
	}
	network->address_count = (size_t)(at - network->addresses);
}

static void
load_interfaces(
    struct host_network *network, const struct if_nameindex *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		network->interfaces[i].index = list[i].if_index;
		snprintf(network->interfaces[i].name,
		    sizeof(network->interfaces[i].name), "%s", list[i].if_name);
	}
	network->interface_count = count;
	host_network_sort(network);
}

static size_t
count_addresses(const struct ifaddrs *list)
{
	size_t count = 0;

	for (; list != NULL; list = list->ifa_next)
		count++;
	return count;
}

static size_t
count_interfaces(const struct if_nameindex *list)
{
	size_t count = 0;

	while (list[count].if_index != 0)
		count++;
	return count;
}

int
host_network_load(struct host_network *network)
{
	struct host_network fresh = { .addresses = NULL };
	struct if_nameindex *interfaces = if_nameindex();
	struct ifaddrs *addresses = NULL;
	int error = MH_ESYSTEM;

	if (interfaces == NULL || getifaddrs(&addresses) < 0)
		goto done;
	error = MH_ENOMEMORY;
	/* One more: calloc(0) may be NULL. */
	fresh.addresses =
	    calloc(count_addresses(addresses) + 1, sizeof(*fresh.addresses));
	fresh.interfaces =
	    calloc(count_interfaces(interfaces) + 1, sizeof(*fresh.interfaces));
	if (fresh.addresses == NULL || fresh.interfaces == NULL) {
		host_network_free(&fresh);
		goto done;
	}
	load_addresses(&fresh, addresses, interfaces);
	load_interfaces(&fresh, interfaces, count_interfaces(interfaces));
	host_network_free(network);
	*network = fresh;
	error = 0;
done:
	if (addresses != NULL)
		freeifaddrs(addresses);
	if (interfaces != NULL)
		if_freenameindex(interfaces);
	return error;
}

void
host_watch_open(struct host_watch *watch)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK,
		.nl_groups =
		    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	*watch = (struct host_watch){ .handle = fd };
	if (fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		host_watch_close(watch);
}

void
host_watch_drain(const struct host_watch *watch)
{
	char buffer[8192];

	/* What changed does not matter; ENOBUFS says that much did. */
	while (recv((int)watch->handle, buffer, sizeof(buffer), 0) > 0 ||
	    errno == ENOBUFS || errno == EINTR)
		;
}

void
host_watch_close(struct host_watch *watch)
{
	if (watch->handle >= 0)
		close((int)watch->handle);
	watch->handle = -1;
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
