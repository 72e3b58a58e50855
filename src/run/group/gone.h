/* SPDX-License-Identifier: ISC */
/*
 * The BPF programs cannot ask which addresses this host has, so somebody else
 * follows them, and takes the peers out of the table that asked one which has
 * gone since: for these the system picks the source, as without us.
 *
 * It knows the addresses of the network namespace that it was opened in, and
 * of these alone can it tell that they have gone.
 */
#ifndef RUN_GROUP_GONE_H
#define RUN_GROUP_GONE_H

#include "platform/network.h"
#include "run/group/table.h"

/* Addresses, sorted.  Initially all zero. */
struct gone_list {
	struct mh_address *addresses;
	size_t count;
};

struct gone {
	struct host_watch watch; /* its handle becomes readable; -1: none */
	struct gone_list known;  /* what this host had last */
	int peers;               /* the table, GROUP_MAP_PEERS; the caller's */
	bool again;              /* call gone_update() again soon */
};

/* What it does not get to know, or has no memory for, stays in the table. */
void gone_open(struct gone *gone, int peers);

/* The handle is readable: read what has changed, and forget. */
void gone_update(struct gone *gone);

void gone_close(struct gone *gone);

/* The addresses of a network.  False when out of memory.  Pure. */
bool gone_list_make(struct gone_list *list, const struct host_network *network);

/* Leave only what is not in the other one.  Pure. */
void gone_list_subtract(struct gone_list *list, const struct gone_list *other);

/* Is the address that the peer asked in the list?  Pure. */
bool gone_list_has(const struct gone_list *list, const struct group_peer *peer,
    const struct group_local *local);

void gone_list_free(struct gone_list *list);

#endif
