/* SPDX-License-Identifier: ISC */
/*
 * Lists of addresses as people write them.
 */
#include "services/stun_settings.h"

#include <stdio.h>
#include <string.h>

/* Cut the next item of a list off; false if there is none. */
static bool
next_item(const char **list, char item[MH_ADDRESS_TEXT])
{
	size_t length;

	*list += strspn(*list, " \t,");
	length = strcspn(*list, " \t,");
	/* One that is cut short is no address either. */
	snprintf(item, MH_ADDRESS_TEXT, "%.*s",
	    (int)(length < MH_ADDRESS_TEXT ? length : MH_ADDRESS_TEXT), *list);
	*list += length;
	return length > 0;
}

static bool
read_address(struct mh_address *address, const char *text, char *why)
{
	if (mh_address_parse(address, text) != 0) {
		snprintf(why, SERVICE_WHY,
		    "has \"%.40s\", which is no IPv4 or IPv6 address", text);
		return false;
	}
	switch (mh_address_class(address)) {
	case MH_CLASS_PRIVATE:
	case MH_CLASS_UNIQUE_LOCAL:
	case MH_CLASS_GLOBAL:
		return true;
	default:
		snprintf(why, SERVICE_WHY,
		    "has %.40s, which other hosts cannot reach", text);
		return false;
	}
}

static bool
contains(const struct mh_address *list, size_t count,
    const struct mh_address *address)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (mh_address_compare(&list[i], address) == 0)
			return true;
	return false;
}

static bool
append(struct mh_address *list, size_t *count, size_t most,
    const struct mh_address *address, char *why)
{
	char text[MH_ADDRESS_TEXT];

	if (contains(list, *count, address)) {
		snprintf(why, SERVICE_WHY, "has %s twice",
		    mh_address_format(address, text, sizeof(text)));
		return false;
	}
	if (*count == most) {
		snprintf(why, SERVICE_WHY, "has more than %zu addresses", most);
		return false;
	}
	list[(*count)++] = *address;
	return true;
}

static bool
read_named(struct stun_addresses *addresses, const char *list, char *why)
{
	char item[MH_ADDRESS_TEXT];
	struct mh_address address;

	while (next_item(&list, item))
		if (!read_address(&address, item, why) ||
		    !append(addresses->named, &addresses->named_count,
			STUN_NAMED_MAX, &address, why))
			return false;
	return true;
}

static bool
read_pair(struct stun_addresses *addresses, const char *inside,
    const char *outside, char *why)
{
	struct mh_address ours, public;
	size_t count = addresses->mapped_count;

	if (!read_address(&ours, inside, why) ||
	    !read_address(&public, outside, why))
		return false;
	if (ours.family != public.family) {
		snprintf(why, SERVICE_WHY,
		    "has %.40s and %.40s, which are of two families", inside,
		    outside);
		return false;
	}
	addresses->mapped_count = count;
	if (!append(addresses->outside, &count, STUN_MAPPED_MAX, &public, why))
		return false;
	return append(addresses->inside, &addresses->mapped_count,
	    STUN_MAPPED_MAX, &ours, why);
}

static bool
read_map(struct stun_addresses *addresses, const char *list, char *why)
{
	char inside[MH_ADDRESS_TEXT], outside[MH_ADDRESS_TEXT];

	while (next_item(&list, inside)) {
		list += strspn(list, " \t");
		if (*list == ',' || !next_item(&list, outside)) {
			snprintf(why, SERVICE_WHY,
			    "lacks the public address after %.40s", inside);
			return false;
		}
		if (!read_pair(addresses, inside, outside, why))
			return false;
		list += strspn(list, " \t");
		if (*list != ',' && *list != '\0') {
			snprintf(why, SERVICE_WHY, "lacks a comma after %.40s",
			    outside);
			return false;
		}
	}
	return true;
}

const char *
stun_settings_read(struct stun_addresses *addresses,
    const struct stun_settings *settings, char why[SERVICE_WHY])
{
	*addresses = (struct stun_addresses){ .named_count = 0 };
	if (settings->other_address != NULL &&
	    !read_named(addresses, settings->other_address, why))
		return "other-address";
	if (settings->map != NULL && !read_map(addresses, settings->map, why))
		return "map";
	return NULL;
}

struct mh_address
stun_settings_outside(
    const struct stun_addresses *addresses, const struct mh_address *endpoint)
{
	struct mh_address outside = *endpoint;
	size_t i;

	for (i = 0; i < addresses->mapped_count; i++)
		if (mh_address_compare(&addresses->inside[i], endpoint) == 0) {
			outside = addresses->outside[i];
			outside.port = endpoint->port;
			break;
		}
	return outside;
}
