/* SPDX-License-Identifier: ISC */
/*
 * From a change of addresses to the entries of the table.  Only what was seen
 * to go is forgotten: a peer may have asked an address that is in no list, as
 * those of a whole prefix with a route of type "local", or of another network
 * namespace.
 */
#include "run/group/gone.h"

#include "run/group/bpf.h"

#include <stdlib.h>
#include <string.h>

/*
 * When an entry goes that the walk through the table stands on, it begins anew;
 * not for ever, if the table is full and new peers come all the time.
 */
#define WALK_MAX (4u << 20)

static int
compare(const void *a, const void *b)
{
	return mh_address_compare(a, b);
}

bool
gone_list_make(struct gone_list *list, const struct host_network *network)
{
	size_t i, count = network->address_count;

	*list = (struct gone_list){ .count = count };
	list->addresses = malloc((count + 1) * sizeof(*list->addresses));
	if (list->addresses == NULL)
		return false;
	for (i = 0; i < count; i++)
		list->addresses[i] = network->addresses[i].address;
	qsort(list->addresses, count, sizeof(*list->addresses), compare);
	return true;
}

void
gone_list_free(struct gone_list *list)
{
	free(list->addresses);
	*list = (struct gone_list){ .addresses = NULL };
}

static bool
has(const struct gone_list *list, const struct mh_address *address)
{
	return list->count > 0 &&
	    bsearch(address, list->addresses, list->count, sizeof(*address),
		compare) != NULL;
}

void
gone_list_subtract(struct gone_list *list, const struct gone_list *other)
{
	size_t i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (!has(other, &list->addresses[i]))
			list->addresses[kept++] = list->addresses[i];
	list->count = kept;
}

bool
gone_list_has(const struct gone_list *list, const struct group_peer *peer,
    const struct group_local *local)
{
	struct mh_address address = { .family = peer->family };

	memcpy(address.ip, local->ip, sizeof(address.ip));
	if (peer->family == GROUP_IPV6 &&
	    mh_address_class(&address) == MH_CLASS_LINK_LOCAL)
		address.scope = local->if_index;
	return has(list, &address);
}

/* Take those out of the table that asked one of these. */
static void
forget(int peers, const struct gone_list *list)
{
	struct group_peer peer, next;
	struct group_local local;
	int more = bpf_map_next(peers, NULL, &peer);
	uint32_t i;

	for (i = 0; more == 0 && i < WALK_MAX; i++) {
		/* Before that: the place of what is gone is, too. */
		more = bpf_map_next(peers, &peer, &next);
		if (bpf_map_get(peers, &peer, &local) == 0 &&
		    gone_list_has(list, &peer, &local))
			bpf_map_delete(peers, &peer);
		peer = next;
	}
}

/* Some are still here by a route of type "local". */
static void
keep_others(struct gone_list *list)
{
	size_t i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (!mh_address_is_local(&list->addresses[i]))
			list->addresses[kept++] = list->addresses[i];
	list->count = kept;
}

/* What this host has now; false, and *list as before, if that is not known. */
static bool
load(struct gone *gone, struct gone_list *list)
{
	struct host_network network = { .addresses = NULL };
	struct gone_list fresh = { .addresses = NULL };
	bool done;

	gone->again = true;
	if (host_watch_load(&gone->watch, &network, &gone->again) != 0)
		return false;
	done = gone_list_make(&fresh, &network);
	host_network_free(&network);
	if (!done) {
		gone->again = true;
		return false;
	}
	*list = fresh;
	return true;
}

void
gone_open(struct gone *gone, int peers)
{
	*gone = (struct gone){ .peers = peers };
	host_watch_open(&gone->watch);
	if (gone->watch.handle >= 0) {
		host_watch_read(&gone->watch);
		load(gone, &gone->known);
	}
}

void
gone_update(struct gone *gone)
{
	struct gone_list before = gone->known;

	host_watch_read(&gone->watch);
	if (!load(gone, &gone->known))
		return;
	gone_list_subtract(&before, &gone->known);
	keep_others(&before);
	if (before.count > 0)
		forget(gone->peers, &before);
	gone_list_free(&before);
}

void
gone_close(struct gone *gone)
{
	host_watch_close(&gone->watch);
	gone_list_free(&gone->known);
}
