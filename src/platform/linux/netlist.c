/* SPDX-License-Identifier: ISC */
/*
 * Interfaces and addresses are records in one list, sorted by their key.  A
 * merge takes time linear in the list, so that thousands of changes cost little
 * more than one.
 */
#include "platform/linux/netlist.h"

#include "platform/linux/rtattr.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ROOM_LEAST 64

/*
 * Messages.
 */

/* The attribute of that type with at least that much payload; or NULL. */
static const void *
find(void *attributes, size_t length, unsigned short type, size_t size)
{
	struct rtattr *found = rtattr_find(attributes, (ssize_t)length, type);

	return found != NULL && RTA_PAYLOAD(found) >= size ? RTA_DATA(found)
							   : NULL;
}

/* Is that its kind, or its master's?  IFLA_INFO_KIND, IFLA_INFO_SLAVE_KIND. */
static bool
is_kind(void *attributes, size_t length, unsigned short type, const char *name)
{
	struct rtattr *info =
	    rtattr_find(attributes, (ssize_t)length, IFLA_LINKINFO);
	const size_t size = strlen(name) + 1;
	const char *kind = info == NULL
	    ? NULL
	    : find(RTA_DATA(info), RTA_PAYLOAD(info), type, size);

	return kind != NULL && memcmp(kind, name, size) == 0;
}

static uint32_t
get_index(void *attributes, size_t length, unsigned short type)
{
	const void *found = find(attributes, length, type, sizeof(uint32_t));
	uint32_t index = 0;

	if (found != NULL)
		memcpy(&index, found, sizeof(index));
	return index;
}

/*
 * A VRF sends by each of its interfaces, which routing chooses.  The link of a
 * veth is its other end, and one in another namespace is no index of ours.
 */
static void
get_stack(struct netlist_record *record, void *attributes, size_t length)
{
	record->in_vrf =
	    is_kind(attributes, length, IFLA_INFO_SLAVE_KIND, "vrf");
	if (!record->in_vrf)
		record->bridge = get_index(attributes, length, IFLA_MASTER);
	if (!is_kind(attributes, length, IFLA_INFO_KIND, "veth") &&
	    find(attributes, length, IFLA_LINK_NETNSID, 4) == NULL)
		record->below = get_index(attributes, length, IFLA_LINK);
}

/* The name, up to its NUL or the end of its attribute. */
static void
get_name(struct netlist_record *record, void *attributes, size_t length)
{
	struct rtattr *found =
	    rtattr_find(attributes, (ssize_t)length, IFLA_IFNAME);
	size_t size;

	if (found == NULL)
		return;
	size = RTA_PAYLOAD(found);
	if (size >= sizeof(record->name))
		size = sizeof(record->name) - 1;
	memcpy(record->name, RTA_DATA(found), size);
}

static bool
decode_link(struct nlmsghdr *message, struct netlist_record *record)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	void *attributes =
	    (uint8_t *)NLMSG_DATA(message) + NLMSG_ALIGN(sizeof(*link));
	size_t length;

	/*
	 * A bridge reports its ports in a family of its own: a port that leaves
	 * it is not an interface that is gone.
	 */
	if (message->nlmsg_len < NLMSG_SPACE(sizeof(*link)) ||
	    link->ifi_family != AF_UNSPEC)
		return false;
	length = message->nlmsg_len - NLMSG_SPACE(sizeof(*link));
	record->key.if_index = (uint32_t)link->ifi_index;
	record->flags = link->ifi_flags;
	get_stack(record, attributes, length);
	get_name(record, attributes, length);
	return true;
}

/* IFA_LOCAL is missing from IPv6, unless there is another end. */
static bool
get_ends(struct netlist_key *key, void *attributes, size_t length, size_t size)
{
	const void *local = find(attributes, length, IFA_LOCAL, size);
	const void *remote = find(attributes, length, IFA_ADDRESS, size);

	if (local == NULL)
		local = remote;
	if (remote == NULL)
		remote = local;
	if (local == NULL)
		return false;
	memcpy(key->local, local, size);
	memcpy(key->remote, remote, size);
	return true;
}

static bool
decode_address(struct nlmsghdr *message, struct netlist_record *record)
{
	const struct ifaddrmsg *header = NLMSG_DATA(message);
	void *attributes =
	    (uint8_t *)NLMSG_DATA(message) + NLMSG_ALIGN(sizeof(*header));
	const void *broadcast;
	size_t length, size;

	if (message->nlmsg_len < NLMSG_SPACE(sizeof(*header)) ||
	    (header->ifa_family != AF_INET && header->ifa_family != AF_INET6))
		return false;
	length = message->nlmsg_len - NLMSG_SPACE(sizeof(*header));
	size = header->ifa_family == AF_INET ? 4 : 16;
	if (header->ifa_prefixlen > 8 * size)
		return false;
	record->key.family = header->ifa_family;
	record->key.if_index = header->ifa_index;
	record->key.bits = header->ifa_prefixlen;
	record->flags = header->ifa_flags;
	broadcast = find(attributes, length, IFA_BROADCAST, 4);
	record->has_broadcast =
	    header->ifa_family == AF_INET && broadcast != NULL;
	if (record->has_broadcast)
		memcpy(record->broadcast, broadcast, 4);
	return get_ends(&record->key, attributes, length, size);
}

bool
netlist_decode(struct nlmsghdr *message, struct netlist_record *record)
{
	*record = (struct netlist_record){ .number = 0 };
	record->removed = message->nlmsg_type == RTM_DELLINK ||
	    message->nlmsg_type == RTM_DELADDR;
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return decode_link(message, record);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return decode_address(message, record);
	default:
		return false;
	}
}

/*
 * Lists.
 */

void
netlist_clear(struct netlist *list)
{
	free(list->records);
	*list = (struct netlist){ .records = NULL };
}

static bool
make_room(struct netlist *list, size_t room)
{
	struct netlist_record *records =
	    realloc(list->records, room * sizeof(*records));

	if (records == NULL)
		return false;
	list->records = records;
	list->room = room;
	return true;
}

bool
netlist_add(struct netlist *list, const struct netlist_record *record)
{
	if (list->count == list->room &&
	    !make_room(list, list->room == 0 ? ROOM_LEAST : 2 * list->room))
		return false;
	list->records[list->count] = *record;
	list->records[list->count].number = (uint32_t)list->count;
	list->count++;
	return true;
}

/* Interfaces before addresses: AF_UNSPEC is 0. */
static int
compare_keys(const void *a, const void *b)
{
	const struct netlist_key *one = a, *other = b;

	if (one->family != other->family)
		return one->family < other->family ? -1 : 1;
	if (one->if_index != other->if_index)
		return one->if_index < other->if_index ? -1 : 1;
	return memcmp(one, other, sizeof(*one));
}

static int
compare_records(const void *a, const void *b)
{
	const struct netlist_record *one = a, *other = b;
	int order = compare_keys(&one->key, &other->key);

	if (order != 0)
		return order;
	return one->number < other->number ? -1 : 1;
}

/* Sort, and keep the last change of each key. */
static void
sort(struct netlist *changes)
{
	struct netlist_record *records = changes->records;
	size_t i, kept = 0;

	if (changes->count == 0)
		return;
	qsort(records, changes->count, sizeof(*records), compare_records);
	for (i = 0; i < changes->count; i++)
		if (i + 1 == changes->count ||
		    compare_keys(&records[i].key, &records[i + 1].key) != 0)
			records[kept++] = records[i];
	changes->count = kept;
}

static const struct netlist_record *
find_interface(const struct netlist *list, uint32_t index)
{
	const struct netlist_key key = { .family = AF_UNSPEC,
		.if_index = index };

	return list->count == 0 ? NULL
				: bsearch(&key, list->records, list->count,
				      sizeof(*list->records), compare_keys);
}

/* Append to a merged list, which has room. */
static void
put(struct netlist *merged, const struct netlist_record *record)
{
	const struct netlist_record *last = NULL;

	if (merged->count > 0)
		last = &merged->records[merged->count - 1];
	if (record->removed)
		return;
	/* Most have the same as the previous one. */
	if (record->key.family != AF_UNSPEC &&
	    (last == NULL || last->key.if_index != record->key.if_index) &&
	    find_interface(merged, record->key.if_index) == NULL)
		return;
	merged->records[merged->count++] = *record;
}

/* After the last one; of none, there may be no array to add a number to. */
static const struct netlist_record *
end_of(const struct netlist *list)
{
	return list->count == 0 ? list->records : list->records + list->count;
}

bool
netlist_merge(struct netlist *list, struct netlist *changes)
{
	const struct netlist_record *old = list->records;
	const struct netlist_record *old_end = end_of(list);
	const struct netlist_record *fresh, *fresh_end;
	struct netlist merged = { .records = NULL };
	int order;

	sort(changes);
	fresh = changes->records;
	fresh_end = end_of(changes);
	if (!make_room(&merged, list->count + changes->count + 1))
		return false;
	while (old < old_end || fresh < fresh_end) {
		order = fresh == fresh_end ? -1
		    : old == old_end       ? 1
				     : compare_keys(&old->key, &fresh->key);
		put(&merged, order < 0 ? old : fresh);
		if (order <= 0)
			old++;
		if (order >= 0)
			fresh++;
	}
	netlist_clear(list);
	*list = merged;
	return true;
}

/*
 * The tables that others use.
 */

static void
get_address(struct mh_address *address, const struct netlist_key *key)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6 };

	if (key->family == AF_INET) {
		memcpy(&ipv4.sin_addr, key->local, sizeof(ipv4.sin_addr));
		host_address_get(address, &ipv4);
		return;
	}
	memcpy(&ipv6.sin6_addr, key->local, sizeof(ipv6.sin6_addr));
	host_address_get(address, &ipv6);
	if (mh_address_class(address) == MH_CLASS_LINK_LOCAL &&
	    address->family == MH_FAMILY_IPV6)
		address->scope = key->if_index;
}

/* With a single host at the other end there is no subnet. */
static void
get_broadcast(struct host_address *at, const struct netlist_record *record,
    unsigned int flags)
{
	at->broadcast = (struct mh_address){ .family = MH_FAMILY_NONE };
	if (record->key.family != AF_INET ||
	    (flags & (IFF_BROADCAST | IFF_POINTOPOINT)) != IFF_BROADCAST)
		return;
	/* If it has none, or is its own, routing still has one. */
	if (!record->has_broadcast ||
	    memcmp(record->broadcast, record->key.local, 4) == 0) {
		host_broadcast_get(
		    &at->broadcast, &at->address, record->key.bits);
		return;
	}
	at->broadcast.family = MH_FAMILY_IPV4;
	memcpy(at->broadcast.ip, record->broadcast, 4);
}

/* An optimistic address is in use while it is tentative, RFC 4429. */
static enum host_address_state
state_of(unsigned int flags)
{
	if ((flags & IFA_F_DADFAILED) != 0)
		return HOST_ADDRESS_DUPLICATE;
	return (flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) == IFA_F_TENTATIVE
	    ? HOST_ADDRESS_TENTATIVE
	    : HOST_ADDRESS_USABLE;
}

static bool
resolves(unsigned int flags)
{
	return (flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) == 0;
}

static void
put_address(struct host_network *network, const struct netlist_record *record,
    unsigned int flags)
{
	struct host_address *at = &network->addresses[network->address_count++];

	get_address(&at->address, &record->key);
	get_broadcast(at, record, flags);
	at->if_index = record->key.if_index;
	at->state = state_of(record->flags);
	at->is_deprecated = (record->flags & IFA_F_DEPRECATED) != 0;
	at->on_link = resolves(flags) ? record->key.bits : 0;
}

static void
put_interface(struct host_network *network, const struct netlist_record *record)
{
	struct host_interface *at =
	    &network->interfaces[network->interface_count++];

	at->index = record->key.if_index;
	memcpy(at->name, record->name, sizeof(at->name));
	at->in_vrf = record->in_vrf;
	at->bridge = record->bridge;
	at->below = record->below;
	at->resolves = resolves(record->flags);
}

static bool
make_tables(const struct netlist *list, struct host_network *fresh)
{
	size_t interfaces = 0;

	while (interfaces < list->count &&
	    list->records[interfaces].key.family == AF_UNSPEC)
		interfaces++;
	*fresh = (struct host_network){ .addresses = NULL };
	/* One more: calloc(0) may be NULL. */
	fresh->addresses =
	    calloc(list->count - interfaces + 1, sizeof(*fresh->addresses));
	fresh->interfaces = calloc(interfaces + 1, sizeof(*fresh->interfaces));
	if (fresh->addresses != NULL && fresh->interfaces != NULL)
		return true;
	host_network_free(fresh);
	return false;
}

int
netlist_network(const struct netlist *list, struct host_network *fresh)
{
	const struct netlist_record *at = list->records, *interface = NULL;
	const struct netlist_record *end = at + list->count;

	if (!make_tables(list, fresh))
		return MH_ENOMEMORY;
	for (; at < end; at++) {
		if (at->key.family == AF_UNSPEC) {
			put_interface(fresh, at);
			continue;
		}
		if (interface == NULL ||
		    interface->key.if_index != at->key.if_index)
			interface = find_interface(list, at->key.if_index);
		if (interface != NULL)
			put_address(fresh, at, interface->flags);
	}
	host_network_sort(fresh);
	return 0;
}
