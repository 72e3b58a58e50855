/* SPDX-License-Identifier: ISC */
/*
 * Access to the HTTP side door, by peer and by the name in Host.  The port does
 * not matter there, only who owns the name.
 */
#include "daemon/ops/access.h"

#include "platform/network.h"

#include <stdlib.h>
#include <string.h>

/* The names that this host goes by. */
static bool
copy_names(const struct access_rules *rules, struct config_names *names)
{
	const struct config_names *more = rules->hosts;

	names->items = calloc(more->count + 2, sizeof(*names->items));
	if (names->items == NULL)
		return false;
	if (more->count > 0)
		memcpy(names->items, more->items,
		    more->count * sizeof(*names->items));
	names->count = more->count;
	host_name(names->items[names->count++].text, CONFIG_NAME_SIZE);
	/* A longer one is no name of a host. */
	if (rules->node != NULL && strlen(rules->node) < CONFIG_NAME_SIZE)
		strcpy(names->items[names->count++].text, rules->node);
	return true;
}

static bool
copy_allow(const struct config_prefixes *allow, struct prefix_table **table)
{
	struct prefix *prefixes;
	size_t i;

	*table = NULL;
	if (allow->count == 0)
		return true;
	prefixes = calloc(allow->count, sizeof(*prefixes));
	if (prefixes == NULL)
		return false;
	for (i = 0; i < allow->count; i++) {
		prefixes[i] = allow->items[i];
		prefixes[i].value = 1;
	}
	*table = prefix_table_new(prefixes, allow->count);
	free(prefixes);
	return *table != NULL;
}

bool
access_set(struct access *access, const struct access_rules *rules)
{
	struct config_names names = { .count = 0 };
	struct prefix_table *table;

	if (!copy_allow(rules->allow, &table))
		return false;
	if (!copy_names(rules, &names)) {
		prefix_table_free(table);
		return false;
	}
	access_clear(access);
	*access = (struct access){ table, names };
	return true;
}

void
access_clear(struct access *access)
{
	prefix_table_free(access->allow);
	free(access->names.items);
	*access = (struct access){ .allow = NULL };
}

bool
access_may_ask(const struct access *access, const struct mh_address *peer)
{
	return mh_address_class(peer) == MH_CLASS_LOOPBACK ||
	    (access->allow != NULL &&
		prefix_table_find(access->allow, peer, 0) != 0);
}

static bool
is_port(const char *text)
{
	return strspn(text, "0123456789") == strlen(text);
}

static bool
is_address(const char *text)
{
	struct mh_address address;

	return mh_address_parse(&address, text) == 0;
}

/* "[2001:db8::1]" or "[2001:db8::1]:80". */
static bool
is_bracketed(char *text)
{
	char *end = strchr(text, ']');

	if (end == NULL || (end[1] != '\0' && end[1] != ':') ||
	    (end[1] == ':' && !is_port(end + 2)))
		return false;
	*end = '\0';
	/* The zone does not matter, either. */
	text[strcspn(text, "%")] = '\0';
	return strchr(text, ':') != NULL && is_address(text + 1);
}

static bool
is_name(const char *text, const struct config_names *names)
{
	const struct httprequest_span span = { text, strlen(text) };
	size_t i;

	if (httprequest_is_name(&span, "localhost"))
		return true;
	for (i = 0; i < names->count; i++)
		if (httprequest_is_name(&span, names->items[i].text))
			return true;
	return false;
}

bool
access_is_our_name(
    const struct access *access, const struct httprequest_span *host)
{
	char text[CONFIG_NAME_SIZE + sizeof(".:65535")], *colon;
	size_t length = host->length;

	if (host->text == NULL)
		return true;
	if (length == 0 || length >= sizeof(text) ||
	    memchr(host->text, '\0', length) != NULL)
		return false;
	memcpy(text, host->text, length);
	text[length] = '\0';
	if (*text == '[')
		return is_bracketed(text);
	colon = strchr(text, ':');
	if (colon != NULL) {
		if (!is_port(colon + 1))
			return false;
		*colon = '\0';
	}
	length = strlen(text);
	/* The root of all domains may be written. */
	if (length > 1 && text[length - 1] == '.')
		text[length - 1] = '\0';
	return is_name(text, &access->names) ||
	    (strchr(text, '%') == NULL && is_address(text));
}
