/* SPDX-License-Identifier: ISC */
/*
 * The endpoints of a configuration, to find out whether another one conflicts
 * with one of them: two wildcards on a port, or the same address twice.
 */
#ifndef DAEMON_CONFIG_OVERLAP_H
#define DAEMON_CONFIG_OVERLAP_H

#include "common/hashindex.h"
#include "daemon/config/config.h"

/* Initially all zero, except the first one. */
struct overlap {
	unsigned int stack; /* enum mh_stack: for wildcard endpoints */
	struct overlap_entry {
		const struct config_service *service;
		const struct mh_address *endpoint;
	} * entries;
	size_t count, room;
	struct hashindex by_port;    /* all of them */
	struct hashindex by_address; /* the same, by address as well */
	bool lost;                   /* out of memory: nothing is found */
};

/*
 * Add an endpoint of a service; both must outlive the table.  False when out of
 * memory.
 */
bool overlap_add(struct overlap *overlap, const struct config_service *service,
    const struct mh_address *endpoint);

/*
 * The first one added that conflicts with this one; NULL: there is none.  Valid
 * until the next overlap_add().
 */
const struct overlap_entry *overlap_find(
    const struct overlap *overlap, const struct mh_address *endpoint);

/* Remove all endpoints, and free the memory. */
void overlap_clear(struct overlap *overlap);

#endif
