/* SPDX-License-Identifier: ISC */
/*
 * Access to the HTTP side door, by peer and by the name in Host.
 */
#include "daemon/ops/access.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
set_allow(struct access *access, const struct config_prefixes *allow)
{
	struct prefix_table *table = NULL;
	struct prefix *prefixes;
	size_t i;

	if (allow->count > 0) {
		prefixes = calloc(allow->count, sizeof(*prefixes));
		if (prefixes == NULL)
			return false;
		for (i = 0; i < allow->count; i++) {
			prefixes[i] = allow->items[i];
			prefixes[i].value = 1;
		}
		table = prefix_table_new(prefixes, allow->count);
		free(prefixes);
		if (table == NULL)
			return false;
	}
	prefix_table_free(access->allow);
	access->allow = table;
	return true;
}

bool
access_set(struct access *access, const struct config_prefixes *allow,
    const char *hosts)
{
	char *copy = hosts != NULL ? strdup(hosts) : NULL;

	if ((hosts != NULL && copy == NULL) || !set_allow(access, allow)) {
		free(copy);
		return false;
	}
	free(access->hosts);
	access->hosts = copy;
	return true;
}

void
access_clear(struct access *access)
{
	prefix_table_free(access->allow);
	free(access->hosts);
	*access = (struct access){ .hosts = NULL };
}

bool
access_may_ask(const struct access *access, const struct mh_address *peer)
{
	return mh_address_class(peer) == MH_CLASS_LOOPBACK ||
	    (access->allow != NULL &&
		prefix_table_find(access->allow, peer, 0) != 0);
}

static bool
is_address(const char *host, size_t length)
{
	struct mh_address address;
	char text[MH_ADDRESS_TEXT];
	bool brackets = length > 2 && host[0] == '[' && host[length - 1] == ']';

	if (length >= sizeof(text))
		return false;
	memcpy(text, host + brackets, length - 2 * (size_t)brackets);
	text[length - 2 * (size_t)brackets] = '\0';
	return mh_address_parse(&address, text) == 0 &&
	    (address.family == MH_FAMILY_IPV6) == brackets;
}

static bool
is_name(const char *name, size_t length, const char *ours)
{
	return strlen(ours) == length && strncasecmp(name, ours, length) == 0;
}

static bool
is_listed(const char *name, size_t length, const char *list)
{
	size_t item;

	for (; *list != '\0'; list += item) {
		list += strspn(list, ", \t");
		item = strcspn(list, ", \t");
		if (item == length && strncasecmp(list, name, length) == 0)
			return length > 0;
	}
	return false;
}

bool
access_is_our_name(
    const struct access *access, const char *host, const char *node)
{
	size_t length = strlen(host);

	if (is_address(host, length))
		return true;
	if (length > 0 && host[length - 1] == '.')
		length--;
	return is_name(host, length, "localhost") ||
	    is_name(host, length, node) ||
	    (access->hosts != NULL && is_listed(host, length, access->hosts));
}
