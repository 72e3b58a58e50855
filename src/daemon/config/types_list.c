/* SPDX-License-Identifier: ISC */
/*
 * Configuration values that are lists: prefixes, ports, endpoints.
 */
#include "daemon/config/types.h"

#include "common/number.h"
#include "common/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All lists are a pointer to items and a count. */
struct list {
	void *items;
	size_t count;
};

static bool
list_add(void *value, const void *item, size_t size)
{
	struct list list;
	char *grown;

	memcpy(&list, value, sizeof(list));
	grown = realloc(list.items, (list.count + 1) * size);
	if (grown == NULL)
		return false;
	memcpy(grown + list.count * size, item, size);
	list.items = grown;
	list.count++;
	memcpy(value, &list, sizeof(list));
	return true;
}

static bool
list_copy(void *to, const void *from, size_t size)
{
	struct list list, copy = { NULL, 0 };

	memcpy(&list, from, sizeof(list));
	if (list.count > 0) {
		copy.items = malloc(list.count * size);
		if (copy.items == NULL)
			return false;
		memcpy(copy.items, list.items, list.count * size);
		copy.count = list.count;
	}
	memcpy(to, &copy, sizeof(copy));
	return true;
}

static void
list_clear(void *value)
{
	static const struct list empty = { NULL, 0 };
	struct list list;

	memcpy(&list, value, sizeof(list));
	free(list.items);
	memcpy(value, &empty, sizeof(empty));
}

/* words: what the item may be besides a prefix. */
static bool
add_prefix(
    void *value, const char *text, const char *words, char why[CONFIG_WHY])
{
	struct prefix prefix;

	if (prefix_parse(&prefix, text) != 0) {
		snprintf(why, CONFIG_WHY,
		    "must be %sprefixes like 192.0.2.0/24 or 2001:db8::/32 "
		    "(no host bits set), not \"%.80s\"",
		    words, text);
		return false;
	}
	return list_add(value, &prefix, sizeof(prefix)) || types_no_memory(why);
}

static bool
prefixes_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	return add_prefix(value, text, "", why);
}

static void
prefixes_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct config_prefixes *list = value;
	char prefix[PREFIX_TEXT];
	size_t i;

	(void)argument;
	for (i = 0; i < list->count; i++)
		strbuf_print(text, "%s%s", i == 0 ? "" : ", ",
		    prefix_format(&list->items[i], prefix));
}

static bool
prefixes_copy(void *to, const void *from)
{
	return list_copy(to, from, sizeof(struct prefix));
}

const struct config_type types_prefixes = {
	.is_list = true,
	.read = prefixes_read,
	.write = prefixes_write,
	.copy = prefixes_copy,
	.clear = list_clear,
};

/* The item that stands for the word. */
static const struct prefix local = { .address.family = MH_FAMILY_NONE };

static bool
trust_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	if (strcmp(text, "local") != 0)
		return add_prefix(value, text, "local or ", why);
	return list_add(value, &local, sizeof(local)) || types_no_memory(why);
}

static void
trust_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct config_prefixes *list = value;
	struct config_prefixes one = { .count = 1 };
	size_t i;

	for (i = 0; i < list->count; i++) {
		one.items = &list->items[i];
		if (i > 0)
			strbuf_print(text, ", ");
		if (one.items->address.family == MH_FAMILY_NONE)
			strbuf_print(text, "local");
		else
			prefixes_write(&one, argument, text);
	}
}

const struct config_type types_trust = {
	.is_list = true,
	.read = trust_read,
	.write = trust_write,
	.copy = prefixes_copy,
	.clear = list_clear,
};

static bool
ports_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	uint64_t number;
	uint16_t port;

	(void)argument;
	if (!number_parse(text, 0, UINT16_MAX, &number)) {
		snprintf(why, CONFIG_WHY,
		    "must be port numbers, not \"%.100s\"", text);
		return false;
	}
	port = (uint16_t)number;
	return list_add(value, &port, sizeof(port)) || types_no_memory(why);
}

static void
ports_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct config_ports *list = value;
	size_t i;

	(void)argument;
	for (i = 0; i < list->count; i++)
		strbuf_print(text, "%s%u", i == 0 ? "" : ", ", list->items[i]);
}

static bool
ports_copy(void *to, const void *from)
{
	return list_copy(to, from, sizeof(uint16_t));
}

const struct config_type types_ports = {
	.is_list = true,
	.read = ports_read,
	.write = ports_write,
	.copy = ports_copy,
	.clear = list_clear,
};

/* Always false. */
static bool
lacks_interface(const struct mh_address *endpoint, char why[CONFIG_WHY])
{
	char address[MH_ADDRESS_TEXT];

	snprintf(why, CONFIG_WHY,
	    "needs the interface of its link-local address, as in "
	    "[%s%%eth0]:%u",
	    mh_address_format(endpoint, address, sizeof(address)),
	    endpoint->port);
	return false;
}

static bool
endpoints_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	struct mh_address endpoint;
	int error = mh_endpoint_parse(&endpoint, text);

	(void)argument;
	if (error != 0) {
		snprintf(why, CONFIG_WHY,
		    error == MH_EZONE
			? "names an interface that does not exist: \"%.100s\""
			: "must be :PORT, ADDRESS:PORT or [IPV6]:PORT, not "
			  "\"%.100s\"",
		    text);
		return false;
	}
	/* A typing error: RFC 1122, section 3.2.1.3. */
	if (mh_address_class(&endpoint) == MH_CLASS_THIS_NETWORK) {
		snprintf(why, CONFIG_WHY,
		    "cannot be \"%.100s\": no host has an address in "
		    "0.0.0.0/8; 0.0.0.0 alone means every IPv4 address",
		    text);
		return false;
	}
	if (scope_is_missing(&endpoint))
		return lacks_interface(&endpoint, why);
	return list_add(value, &endpoint, sizeof(endpoint)) ||
	    types_no_memory(why);
}

static void
endpoints_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct config_endpoints *list = value;
	char endpoint[MH_ADDRESS_TEXT];
	size_t i;

	(void)argument;
	for (i = 0; i < list->count; i++)
		strbuf_print(text, "%s%s", i == 0 ? "" : ", ",
		    mh_endpoint_format(
			&list->items[i], endpoint, sizeof(endpoint)));
}

static bool
endpoints_copy(void *to, const void *from)
{
	return list_copy(to, from, sizeof(struct mh_address));
}

const struct config_type types_endpoints = {
	.is_list = true,
	.read = endpoints_read,
	.write = endpoints_write,
	.copy = endpoints_copy,
	.clear = list_clear,
};

static bool
names_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	struct config_name name;
	size_t length = strlen(text);

	(void)argument;
	if (length == 0 || length >= sizeof(name.text) ||
	    strspn(text,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._") != length) {
		snprintf(why, CONFIG_WHY,
		    "must be host names like gate.example, without a port, "
		    "not \"%.80s\"",
		    text);
		return false;
	}
	memcpy(name.text, text, length + 1);
	return list_add(value, &name, sizeof(name)) || types_no_memory(why);
}

static void
names_write(const void *value, const char *argument, struct strbuf *text)
{
	const struct config_names *list = value;
	size_t i;

	(void)argument;
	for (i = 0; i < list->count; i++)
		strbuf_print(
		    text, "%s%s", i == 0 ? "" : ", ", list->items[i].text);
}

static bool
names_copy(void *to, const void *from)
{
	return list_copy(to, from, sizeof(struct config_name));
}

const struct config_type types_names = {
	.is_list = true,
	.read = names_read,
	.write = names_write,
	.copy = names_copy,
	.clear = list_clear,
};
