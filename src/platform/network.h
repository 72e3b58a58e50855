/* SPDX-License-Identifier: ISC */
/*
 * This host on its networks: its name, its interfaces and their addresses, when
 * these change, and where a socket's two ends are.
 */
#ifndef PLATFORM_NETWORK_H
#define PLATFORM_NETWORK_H

#include "lib/multihome.h"

/* Is an IPv6 address in use?  RFC 4862, section 5.4; IPv4 always is. */
enum host_address_state {
	HOST_ADDRESS_USABLE,
	HOST_ADDRESS_TENTATIVE, /* not yet */
	HOST_ADDRESS_DUPLICATE  /* never: another host has it */
};

/* One address of one interface. */
struct host_address {
	struct mh_address address;   /* port 0 */
	struct mh_address broadcast; /* family none if it has none */
	uint32_t if_index;
	/* Bits of the prefix of its network, if that is one whose hosts are
	 * looked for by ARP or neighbour discovery; else 0. */
	unsigned int on_link;
	enum host_address_state state;
	/* Still usable, but no longer for anything new: RFC 4862. */
	bool is_deprecated;
};

/* Room for the name of an interface. */
#define HOST_INTERFACE_NAME 32

struct host_interface {
	uint32_t index;
	char name[HOST_INTERFACE_NAME]; /* cut if longer */
	bool in_vrf;                    /* Linux: its master is a VRF */
	bool resolves; /* Linux: by ARP or neighbour discovery */
	/* Linux: which others send by this one, or this one by; 0: none. */
	uint32_t bridge;      /* or bond, that it is a port of */
	uint32_t below;       /* as that of a VLAN or macvlan */
	bool ipv4_link_local; /* has an address in 169.254.0.0/16 */
};

/* All interfaces, sorted by index, and all addresses, in no order. */
struct host_network {
	struct host_address *addresses;
	size_t address_count;
	struct host_interface *interfaces;
	size_t interface_count;
};

/*
 * Can a socket bound to the loopback address of the same family exchange
 * datagrams with a socket on this address of this host?  Linux: with all but
 * link-local IPv6.  Windows: only loopback is known to work.
 */
bool host_loopback_reaches(const struct mh_address *address);

/*
 * Read what this host has now.  Returns 0 or MH_E*; on failure *network is as
 * before.  Replaces and frees what was in *network.
 */
int host_network_load(struct host_network *network);

/*
 * Does this host follow the datagrams that it sends, so that its firewall may
 * know an answer by where it comes from, and drop one from elsewhere?  Linux:
 * connection tracking has seen something in this network namespace.  Windows:
 * its firewall always does.
 */
bool host_tracks_connections(void);

/* Free the tables; *network may be loaded again. */
void host_network_free(struct host_network *network);

/* The interface of that index; NULL if there is none. */
const struct host_interface *host_network_interface(
    const struct host_network *network, uint32_t index);

/* Its name; "" if there is none. */
const char *host_network_name(
    const struct host_network *network, uint32_t index);

/*
 * Does a datagram that leaves by this interface wait until its next hop has
 * been resolved?  False if there is none of that index.
 */
bool host_network_resolves(const struct host_network *network, uint32_t index);

/*
 * The index that an interface has now, which may have been made anew since it
 * had this one.  name: "" at first, then its name, which counts from then on.
 * As long as none has the name, the index counts.  0: it is gone.
 */
uint32_t host_network_follow(const struct host_network *network,
    char name[HOST_INTERFACE_NAME], uint32_t index);

/*
 * Put the interfaces in the order that host_network_interface() wants, and
 * see which of them have IPv4 link-local addresses.
 */
void host_network_sort(struct host_network *network);

/*
 * Read an address of the system's, a struct sockaddr: family none if it is
 * neither IPv4 nor IPv6, or NULL.  A v4-mapped one is IPv4.
 */
void host_address_get(struct mh_address *address, const void *name);

/*
 * The last address of the subnet of an IPv4 address.  Family none where there
 * is none: RFC 3021, loopback, IPv6.
 */
void host_broadcast_get(struct mh_address *broadcast,
    const struct mh_address *address, unsigned int prefix);

/* The name of this host; "localhost" if it has none. */
void host_name(char *name, size_t size);

/*
 * Follows the changes of addresses and interfaces.  One thread, which should
 * be none that answers: with thousands of addresses a change takes a while.
 */
struct host_watch {
	intptr_t handle;       /* of a socket; -1: none */
	unsigned int complete; /* times that all there is was read */
	void *system;          /* the room's own */
};

/*
 * Open *watch: its handle becomes readable when something changes, or is -1 if
 * the system cannot tell.  Linux: rtnetlink.
 */
void host_watch_open(struct host_watch *watch);

/*
 * Receive what made the handle readable; does not wait.  True if addresses or
 * interfaces changed.
 */
bool host_watch_read(const struct host_watch *watch);

/*
 * The same as host_network_load() of an open watch, but takes only the changes
 * that were received since the last call if the system describes them.  *again:
 * something was changing at the same time, so that what is gone may still be in
 * the list: call it again soon; also on failure.  Windows: reads all of it.
 */
int host_watch_load(
    struct host_watch *watch, struct host_network *network, bool *again);

/* Close it; once more does no harm. */
void host_watch_close(struct host_watch *watch);

#endif
