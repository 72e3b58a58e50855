/* SPDX-License-Identifier: ISC */
/*
 * What the BPF programs and mhrun share: the maps' keys and values.  Compiled
 * for both, so fixed sizes, no holes, and no other header than the kernel's.
 */
#ifndef RUN_GROUP_TABLE_H
#define RUN_GROUP_TABLE_H

#include <linux/types.h>

/* The maps, by the number that the programs' instructions have for them. */
enum group_map {
	GROUP_MAP_SETTINGS,
	GROUP_MAP_COUNTERS,
	GROUP_MAP_PEERS,
	GROUP_MAPS
};

enum group_family { GROUP_IPV4 = 4, GROUP_IPV6 = 6 };

/*
 * Who asked which socket.  The cookie is unique on the host, so that neither
 * another network namespace nor another program on the port gets into it.
 */
struct group_peer {
	__u64 cookie;
	__u8 ip[16] __attribute__((aligned(8)));  /* IPv4: the first four */
	__u8 port[2] __attribute__((aligned(2))); /* as in the datagram */
	__u16 family;
	__u32 unused;
};

/* The address of ours that it asked. */
struct group_local {
	__u8 ip[16] __attribute__((aligned(8)));
	__u32 if_index;   /* where its datagrams arrive */
	__u32 is_unclear; /* a link-local peer, of two links: leave it alone */
	__u64 seen;       /* ns, as bpf_ktime_get_ns() */
};

#define GROUP_PORT_WORDS (65536 / 64)

/* The one entry of the settings. */
struct group_settings {
	__u64 idle;                    /* ns */
	__u64 ports[GROUP_PORT_WORDS]; /* a bit for each that is repaired */
};

/* The one entry of the counters, for each processor. */
struct group_counters {
	__u64 learned; /* peers new, or that asked another address */
	__u64 ignored; /* datagrams to no unicast address, or not understood */
	__u64 sourced; /* datagrams that were given their source */
	__u64 chosen;  /* whose source the program chose itself */
	__u64 unasked; /* to a peer that is not in the table */
	__u64 expired; /* to one that was silent for too long */
	__u64 unclear; /* to one that is on two links */
};

#endif
