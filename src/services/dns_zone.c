/* SPDX-License-Identifier: ISC */
/*
 * Names as text, and their order in the tree.
 */
#include "services/dns_zone.h"

#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63

/* Letters, digits, and what stands between them in names of hosts and SRV. */
static bool
is_usual(char c)
{
	const uint8_t octet = dns_lower((uint8_t)c);

	return (octet >= 'a' && octet <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_';
}

/* Append a label; false if it is none, or makes the name too long. */
static bool
add_label(struct dns_name *name, const char *text, size_t length)
{
	size_t i;

	if (length == 0 || length > LABEL_MAX ||
	    name->size + 1 + length >= DNS_NAME_MAX)
		return false;
	name->bytes[name->size++] = (uint8_t)length;
	for (i = 0; i < length; i++) {
		if (!is_usual(text[i]))
			return false;
		name->bytes[name->size++] = dns_lower((uint8_t)text[i]);
	}
	return true;
}

static bool
read_name(struct dns_name *name, const char *text, size_t length)
{
	const char *end = text + length, *dot;

	name->size = 0;
	if (length == 1 && *text == '.')
		text = end;
	while (text < end) {
		dot = memchr(text, '.', (size_t)(end - text));
		if (dot == NULL)
			dot = end;
		if (!add_label(name, text, (size_t)(dot - text)))
			return false;
		text = dot < end ? dot + 1 : end;
	}
	name->bytes[name->size++] = 0;
	return true;
}

static bool
is_same(const struct dns_name *a, const struct dns_name *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool
add_zone(struct dns_zones *zones, const char *text, size_t length, char *why)
{
	const int shown = length < 60 ? (int)length : 60;
	struct dns_name *name;
	size_t i;

	if (zones->count == DNS_ZONES_MAX) {
		snprintf(
		    why, SERVICE_WHY, "has more than %d names", DNS_ZONES_MAX);
		return false;
	}
	name = &zones->items[zones->count];
	if (!read_name(name, text, length)) {
		snprintf(why, SERVICE_WHY,
		    "has \"%.*s\", which is not a domain name", shown, text);
		return false;
	}
	for (i = 0; i < zones->count; i++)
		if (is_same(&zones->items[i], name)) {
			snprintf(why, SERVICE_WHY, "has \"%.*s\" twice", shown,
			    text);
			return false;
		}
	zones->count++;
	return true;
}

bool
dns_zones_read(struct dns_zones *zones, const char *text, char why[SERVICE_WHY])
{
	size_t length;

	zones->count = 0;
	for (;; text += length) {
		text += strspn(text, " \t,");
		length = strcspn(text, " \t,");
		if (length == 0)
			break;
		if (!add_zone(zones, text, length, why))
			return false;
	}
	if (zones->count > 0)
		return true;
	snprintf(why, SERVICE_WHY, "is empty");
	return false;
}

/* Does a label begin there? */
static bool
is_label(const struct dns_name *name, size_t at)
{
	size_t label = 0;

	while (label < at)
		label += 1 + (size_t)name->bytes[label];
	return label == at;
}

static bool
is_in(const struct dns_name *name, const struct dns_name *zone)
{
	const size_t at = name->size - zone->size;

	return name->size >= zone->size &&
	    memcmp(name->bytes + at, zone->bytes, zone->size) == 0 &&
	    is_label(name, at);
}

const struct dns_name *
dns_zones_find(
    const struct dns_zones *zones, const struct dns_name *name, size_t *at)
{
	const struct dns_name *zone, *found = NULL;

	for (zone = zones->items; zone < zones->items + zones->count; zone++)
		if (is_in(name, zone) &&
		    (found == NULL || zone->size > found->size))
			found = zone;
	if (found != NULL)
		*at = name->size - found->size;
	return found;
}
