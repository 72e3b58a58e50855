/* SPDX-License-Identifier: ISC */
/*
 * What rtnetlink(7) says of interfaces and addresses: a sorted list, and
 * changes that are merged into it.  Pure: no sockets.
 */
#ifndef PLATFORM_LINUX_NETLIST_H
#define PLATFORM_LINUX_NETLIST_H

#include "platform/network.h"

#include <linux/netlink.h>

/* What identifies an interface or an address, without padding. */
struct netlist_key {
	uint32_t family; /* of an address; AF_UNSPEC: an interface */
	uint32_t if_index;
	uint32_t bits; /* of the address's prefix */
	uint8_t local[16];
	uint8_t remote[16]; /* the other end; else the same */
};

/* An interface or address as one message describes it. */
struct netlist_record {
	struct netlist_key key;
	uint32_t number; /* of the change: later ones count */
	bool removed;
	bool has_broadcast; /* of an IPv4 address: it was given one */
	bool in_vrf;        /* of an interface: its master is a VRF */
	uint32_t bridge;    /* of an interface: see struct host_interface */
	uint32_t below;
	unsigned int flags;   /* of an interface: IFF_*; address: IFA_F_* */
	uint8_t broadcast[4]; /* if it has one */
	char name[32];        /* of an interface; cut if longer */
};

/* Initially all zero. */
struct netlist {
	struct netlist_record *records;
	size_t count, room;
};

/*
 * The most changes that are kept until they are merged: beyond that, reading
 * everything again costs less.
 */
#define NETLIST_CHANGES_MAX 65536

/* Decode one message, length verified; false: it says nothing of interest. */
bool netlist_decode(struct nlmsghdr *message, struct netlist_record *record);

/* Append.  False when out of memory. */
bool netlist_add(struct netlist *list, const struct netlist_record *record);

/*
 * Merge the changes, which are sorted by this, into *list.  Addresses without
 * their interface are left out.  False when out of memory; *list is as before
 * then.
 */
bool netlist_merge(struct netlist *list, struct netlist *changes);

/* Make the tables that others use.  Returns 0 or MH_ENOMEMORY. */
int netlist_network(const struct netlist *list, struct host_network *fresh);

/* Free it; it is empty then. */
void netlist_clear(struct netlist *list);

#endif
