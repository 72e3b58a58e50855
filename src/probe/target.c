/* SPDX-License-Identifier: ISC */
/*
 * Targets: text to addresses.
 */
#include "probe/target.h"

#include "common/number.h"
#include "common/scope.h"

#include <stdio.h>
#include <string.h>

/* The text of a target, taken apart. */
struct parts {
	char host[300];
	const char *interface; /* in host; NULL if there is none */
	const char *bits;
	const char *port;
	bool brackets;
};

/* Cut the text off at the character; returns what follows it, or NULL. */
static const char *
cut(char *text, char character)
{
	char *at = strrchr(text, character);

	if (at != NULL)
		*at++ = '\0';
	return at;
}

/* [HOST]:PORT, HOST:PORT with no colon in HOST, or HOST. */
static bool
split(struct parts *parts, const char *text)
{
	char *host = parts->host, *close;

	if (strlen(text) >= sizeof(parts->host))
		return false;
	parts->brackets = *text == '[';
	strcpy(host, text + parts->brackets);
	parts->port = NULL;
	if (parts->brackets) {
		close = strchr(host, ']');
		if (close == NULL || (close[1] != '\0' && close[1] != ':'))
			return false;
		if (close[1] == ':')
			parts->port = close + 2;
		*close = '\0';
	} else if (strchr(host, ':') == strrchr(host, ':'))
		parts->port = cut(host, ':');
	parts->bits = cut(host, '/');
	parts->interface = cut(host, '%');
	return *host != '\0';
}

/* The interface of ADDRESS%IF for an address that has no scope of its own. */
static uint32_t
interface_index(const char *name)
{
	struct mh_address address;
	char text[MH_ADDRESS_TEXT];

	if (snprintf(text, sizeof(text), "fe80::%%%s", name) >=
		(int)sizeof(text) ||
	    mh_address_parse(&address, text) != 0)
		return 0;
	return address.scope;
}

/*
 * The prefix as its first address and their number: without an IPv4 network's
 * own address and its broadcast address.
 */
static bool
set_prefix(struct target *target, const char *bits, char why[TARGET_WHY])
{
	struct mh_address *address = &target->address;
	bool ipv4 = address->family == MH_FAMILY_IPV4;
	unsigned int i, width = ipv4 ? 32 : 128;
	uint64_t length;

	if (!number_parse(bits, 0, width, &length)) {
		snprintf(why, TARGET_WHY,
		    "%.80s: the length of a prefix is 0 to %u", target->text,
		    width);
		return false;
	}
	if (width - length > 16) {
		snprintf(why, TARGET_WHY,
		    "%.80s: more than %u addresses; /%u is the largest prefix "
		    "that is asked",
		    target->text, TARGET_PREFIX_MAX, width - 16);
		return false;
	}
	for (i = (unsigned int)length; i < width; i++)
		address->ip[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	target->count = 1u << (width - length);
	if (ipv4 && length < 31) {
		*address = target_address(target, 1);
		target->count -= 2;
	}
	return true;
}

static bool
set_host(struct target *target, const struct parts *parts, char why[TARGET_WHY])
{
	char text[400];
	int error;

	error = mh_address_parse(&target->address, parts->host);
	if (error == 0 && parts->interface != NULL) {
		target->if_index = interface_index(parts->interface);
		if (target->if_index == 0) {
			snprintf(why, TARGET_WHY,
			    "%.80s: there is no such interface", target->text);
			return false;
		}
		snprintf(text, sizeof(text), "%s%%%s", parts->host,
		    parts->interface);
		/* A link-local address keeps it as its scope. */
		(void)mh_address_parse(&target->address, text);
	}
	if (error == 0)
		return true;
	if (parts->brackets || parts->interface != NULL ||
	    parts->bits != NULL || strchr(parts->host, ':') != NULL ||
	    strlen(parts->host) >= sizeof(target->name) ||
	    strspn(parts->host, "0123456789.") == strlen(parts->host)) {
		snprintf(why, TARGET_WHY,
		    "%.80s: a target is ADDRESS, ADDRESS%%IF, PREFIX/BITS or "
		    "NAME, and :PORT; IPv6 with a port is [ADDRESS]:PORT",
		    target->text);
		return false;
	}
	strcpy(target->name, parts->host);
	return true;
}

bool
target_can_answer(const struct mh_address *address)
{
	switch (mh_address_class(address)) {
	case MH_CLASS_THIS_NETWORK:
	case MH_CLASS_UNSPECIFIED:
	case MH_CLASS_MULTICAST:
	case MH_CLASS_BROADCAST:
		return false;
	default:
		return true;
	}
}

/* Can an answer come from address number i? */
static bool
check_answers(const struct target *target, uint32_t i, char why[TARGET_WHY])
{
	const struct mh_address address = target_address(target, i);
	char text[MH_ADDRESS_TEXT];

	if (address.family == MH_FAMILY_NONE || target_can_answer(&address))
		return true;
	snprintf(why, TARGET_WHY, "%.80s: " TARGET_NO_ANSWER " %s",
	    target->text, mh_address_format(&address, text, sizeof(text)));
	return false;
}

/* An IPv6 link-local address is one of each link: which is meant? */
static bool
check_interface(const struct target *target, const struct parts *parts,
    char why[TARGET_WHY])
{
	if (!scope_is_missing(&target->address))
		return true;
	snprintf(why, TARGET_WHY,
	    "%.60s: a link-local address needs its interface, as in "
	    "%s%.50s%%eth0%s",
	    target->text, parts->port != NULL ? "[" : "", parts->host,
	    parts->port != NULL ? "]:7" : "");
	return false;
}

bool
target_parse(struct target *target, const char *text, char why[TARGET_WHY])
{
	struct parts parts;
	uint64_t port = 0;

	*target = (struct target){ .text = text, .count = 1 };
	if (!split(&parts, text)) {
		snprintf(
		    why, TARGET_WHY, "%.80s: cannot be read as a target", text);
		return false;
	}
	if (parts.port != NULL &&
	    !number_parse(parts.port, 1, UINT16_MAX, &port)) {
		snprintf(why, TARGET_WHY, "%.80s: a port is 1 to 65535", text);
		return false;
	}
	if (!set_host(target, &parts, why) || !check_answers(target, 0, why) ||
	    !check_interface(target, &parts, why))
		return false;
	target->address.port = (uint16_t)port;
	if (parts.bits == NULL)
		return true;
	return set_prefix(target, parts.bits, why) &&
	    check_answers(target, 0, why) &&
	    check_answers(target, target->count - 1, why);
}

struct mh_address
target_address(const struct target *target, uint32_t i)
{
	struct mh_address address = target->address;
	unsigned int at = address.family == MH_FAMILY_IPV4 ? 4 : 16;

	/* What is added stays within a prefix: at most two bytes change. */
	for (; i > 0 && at > 0; i >>= 8) {
		i += address.ip[--at];
		address.ip[at] = (uint8_t)i;
	}
	return address;
}
