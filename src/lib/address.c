/* SPDX-License-Identifier: ISC */
/*
 * Addresses: parse, format, compare, classify.  IPv4 is plain IPv4 from here
 * on; this file knows nothing of sockets.
 */
#include "lib/multihome.h"

#include "platform/udp.h"

#include <string.h>

/* RFC 6890 and its registries; the first byte decides most cases. */
static enum mh_class
ipv4_class(const uint8_t ip[4])
{
	switch (ip[0]) {
	case 0:
		return (ip[1] | ip[2] | ip[3]) == 0 ? MH_CLASS_UNSPECIFIED
						    : MH_CLASS_THIS_NETWORK;
	case 10:
		return MH_CLASS_PRIVATE;
	case 127:
		return MH_CLASS_LOOPBACK;
	case 169:
		return ip[1] == 254 ? MH_CLASS_LINK_LOCAL : MH_CLASS_GLOBAL;
	case 172:
		return ip[1] >> 4 == 1 ? MH_CLASS_PRIVATE : MH_CLASS_GLOBAL;
	case 192:
		return ip[1] == 168 ? MH_CLASS_PRIVATE : MH_CLASS_GLOBAL;
	case 255:
		return (ip[1] & ip[2] & ip[3]) == 255 ? MH_CLASS_BROADCAST
						      : MH_CLASS_GLOBAL;
	default:
		return ip[0] >> 4 == 14 ? MH_CLASS_MULTICAST : MH_CLASS_GLOBAL;
	}
}

static enum mh_class
ipv6_class(const uint8_t ip[16])
{
	static const uint8_t zero[15];

	switch (ip[0]) {
	case 0:
		if (ip[15] > 1 || memcmp(ip, zero, sizeof(zero)) != 0)
			return MH_CLASS_GLOBAL;
		return ip[15] == 1 ? MH_CLASS_LOOPBACK : MH_CLASS_UNSPECIFIED;
	case 0xfc:
	case 0xfd:
		return MH_CLASS_UNIQUE_LOCAL;
	case 0xfe:
		return ip[1] >> 6 == 2 ? MH_CLASS_LINK_LOCAL : MH_CLASS_GLOBAL;
	case 0xff:
		return MH_CLASS_MULTICAST;
	default:
		return MH_CLASS_GLOBAL;
	}
}

enum mh_class
mh_address_class(const struct mh_address *address)
{
	switch (address->family) {
	case MH_FAMILY_IPV4:
		return ipv4_class(address->ip);
	case MH_FAMILY_IPV6:
		return ipv6_class(address->ip);
	default:
		return MH_CLASS_NONE;
	}
}

int
mh_address_compare(const struct mh_address *a, const struct mh_address *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->ip, b->ip, sizeof(a->ip));
	if (order != 0 || a->scope == b->scope)
		return order;
	return a->scope < b->scope ? -1 : 1;
}

bool
mh_address_is_local(const struct mh_address *address)
{
	switch (mh_address_class(address)) {
	case MH_CLASS_NONE:
	case MH_CLASS_THIS_NETWORK:
	case MH_CLASS_UNSPECIFIED:
	case MH_CLASS_MULTICAST:
	case MH_CLASS_BROADCAST:
		/* No host owns them. */
		return false;
	default:
		return mh__udp_is_local(address, 0);
	}
}

/* Parse a decimal number that ends with the text; at most max. */
static bool
parse_number(const char *text, uint32_t max, uint32_t *number)
{
	uint64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > max)
			return false;
	}
	*number = (uint32_t)n;
	return true;
}

/* The scope after a %: the index or the name of an interface. */
static int
parse_scope(const char *text, struct mh_address *address)
{
	enum mh_class class = mh_address_class(address);

	if (*text == '\0' || address->family != MH_FAMILY_IPV6 ||
	    (class != MH_CLASS_LINK_LOCAL && class != MH_CLASS_MULTICAST))
		return MH_ESYNTAX;
	if (parse_number(text, UINT32_MAX, &address->scope))
		return address->scope != 0 ? 0 : MH_EZONE;
	address->scope = mh__interface_index(text);
	return address->scope != 0 ? 0 : MH_EZONE;
}

static void
unmap(struct mh_address *address)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	if (address->family != MH_FAMILY_IPV6 ||
	    memcmp(address->ip, prefix, sizeof(prefix)) != 0)
		return;
	address->family = MH_FAMILY_IPV4;
	memmove(address->ip, address->ip + 12, 4);
	memset(address->ip + 4, 0, 12);
}

/* Parse length bytes of text: "192.0.2.1", "fe80::1%eth0". */
static int
parse_address(const char *text, size_t length, struct mh_address *address)
{
	char copy[MH_ADDRESS_TEXT];
	struct mh_address parsed = { .family = MH_FAMILY_IPV4 };
	char *percent;
	int error;

	if (length >= sizeof(copy))
		return MH_ESYNTAX;
	memcpy(copy, text, length);
	copy[length] = '\0';
	percent = strchr(copy, '%');
	if (percent != NULL)
		*percent++ = '\0';
	if (!mh__ip_parse(MH_FAMILY_IPV4, copy, parsed.ip)) {
		parsed = (struct mh_address){ .family = MH_FAMILY_IPV6 };
		if (!mh__ip_parse(MH_FAMILY_IPV6, copy, parsed.ip))
			return MH_ESYNTAX;
	}
	unmap(&parsed);
	if (percent != NULL) {
		error = parse_scope(percent, &parsed);
		if (error != 0)
			return error;
	}
	*address = parsed;
	return 0;
}

int
mh_address_parse(struct mh_address *address, const char *text)
{
	return parse_address(text, strlen(text), address);
}

int
mh_endpoint_parse(struct mh_address *endpoint, const char *text)
{
	const char *colon = strrchr(text, ':');
	struct mh_address parsed = { .family = MH_FAMILY_NONE };
	size_t length;
	uint32_t port;
	int error = 0;

	if (colon == NULL || !parse_number(colon + 1, UINT16_MAX, &port))
		return MH_ESYNTAX;
	length = (size_t)(colon - text);
	if (length > 0 && text[0] == '[') {
		if (length < 2 || text[length - 1] != ']' ||
		    memchr(text, ':', length) == NULL)
			return MH_ESYNTAX;
		error = parse_address(text + 1, length - 2, &parsed);
	} else if (length > 0) {
		/* An IPv6 address needs brackets: is 1::2:7 port 7? */
		if (memchr(text, ':', length) != NULL)
			return MH_ESYNTAX;
		error = parse_address(text, length, &parsed);
	}
	if (error != 0)
		return error;
	parsed.port = (uint16_t)port;
	*endpoint = parsed;
	return 0;
}

/* Text that is truncated when its buffer is full. */
struct cut {
	char *at;
	size_t left; /* including the terminating NUL */
};

static void
cut_add(struct cut *cut, const char *text)
{
	size_t length = strlen(text);

	if (length >= cut->left)
		length = cut->left - 1;
	memcpy(cut->at, text, length);
	cut->at += length;
	cut->left -= length;
	*cut->at = '\0';
}

static void
cut_add_number(struct cut *cut, uint32_t number)
{
	char digits[11], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	cut_add(cut, at);
}

static void
cut_add_address(struct cut *cut, const struct mh_address *address)
{
	char text[MH_ADDRESS_TEXT];

	if (address->family == MH_FAMILY_NONE) {
		cut_add(cut, "*");
		return;
	}
	mh__ip_format(address->family, address->ip, text, sizeof(text));
	cut_add(cut, text);
	if (address->scope != 0) {
		cut_add(cut, "%");
		cut_add_number(cut, address->scope);
	}
}

char *
mh_address_format(const struct mh_address *address, char *text, size_t size)
{
	struct cut cut = { text, size };

	*text = '\0';
	cut_add_address(&cut, address);
	return text;
}

char *
mh_endpoint_format(const struct mh_address *endpoint, char *text, size_t size)
{
	struct cut cut = { text, size };
	bool brackets = endpoint->family == MH_FAMILY_IPV6;

	*text = '\0';
	if (brackets)
		cut_add(&cut, "[");
	if (endpoint->family != MH_FAMILY_NONE)
		cut_add_address(&cut, endpoint);
	if (brackets)
		cut_add(&cut, "]");
	cut_add(&cut, ":");
	cut_add_number(&cut, endpoint->port);
	return text;
}
