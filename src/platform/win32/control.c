/* SPDX-License-Identifier: ISC */
/*
 * Winsock's control messages: "Winsock Control Message Structures" and the
 * pages on IP_PKTINFO and IPV6_PKTINFO in Microsoft's documentation.  The
 * layout is that of RFC 3542 with wider lengths.
 */
#include "platform/win32/control.h"

#include <mswsock.h>
#include <string.h>
#include <ws2tcpip.h>

/* One control message of a received datagram. */
struct item {
	WSACMSGHDR header;
	const uint8_t *data;
	size_t size; /* of data */
};

/*
 * The item at offset, and the offset of the next one; false at the end.  Not
 * with the macros of the system: they believe every length.
 */
static bool
next(const WSABUF *control, size_t *offset, struct item *item)
{
	const size_t start = WSA_CMSG_LEN(0);
	const uint8_t *at = (const uint8_t *)control->buf + *offset;
	size_t left;

	if (control->buf == NULL || *offset > control->len)
		return false;
	left = control->len - *offset;
	if (left < start)
		return false;
	memcpy(&item->header, at, sizeof(item->header));
	if (item->header.cmsg_len < start || item->header.cmsg_len > left)
		return false;
	item->data = at + start;
	item->size = item->header.cmsg_len - start;
	*offset += WSA_CMSGHDR_ALIGN(item->header.cmsg_len);
	return true;
}

static int16_t
byte_of(const struct item *item, int16_t otherwise)
{
	int value;

	if (item->size < sizeof(value))
		return otherwise;
	memcpy(&value, item->data, sizeof(value));
	return (int16_t)(value & 0xff);
}

static void
decode_ip(const struct item *item, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	struct in_pktinfo info;

	switch (item->header.cmsg_type) {
	case IP_PKTINFO:
		if (item->size < sizeof(info))
			break;
		memcpy(&info, item->data, sizeof(info));
		arrival->has_ipv4 = true;
		arrival->if_index = info.ipi_ifindex;
		memcpy(arrival->ipv4_target, &info.ipi_addr, 4);
		break;
	case IP_TTL: /* what Windows 10 sends since its version 1703 */
	case IP_RECVTTL:
		received->ttl = byte_of(item, received->ttl);
		break;
	case IP_TOS:
	case IP_RECVTOS:
		received->tos = byte_of(item, received->tos);
		break;
	}
}

static void
decode_ipv6(const struct item *item, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	struct in6_pktinfo info;

	switch (item->header.cmsg_type) {
	case IPV6_PKTINFO:
		if (item->size < sizeof(info))
			break;
		memcpy(&info, item->data, sizeof(info));
		arrival->has_ipv6 = true;
		arrival->if_index = info.ipi6_ifindex;
		memcpy(arrival->ipv6_target, &info.ipi6_addr, 16);
		break;
	case IPV6_HOPLIMIT:
		received->ttl = byte_of(item, received->ttl);
		break;
	case IPV6_TCLASS:
	case IPV6_RECVTCLASS:
		received->tos = byte_of(item, received->tos);
		break;
	}
}

void
mh__control_decode(const WSAMSG *message, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	struct item item;
	size_t offset = 0;

	memset(arrival, 0, sizeof(*arrival));
	arrival->to_broadcast = (message->dwFlags & MSG_BCAST) != 0;
	received->ttl = -1;
	received->tos = -1;
	while (next(&message->Control, &offset, &item)) {
		if (item.header.cmsg_level == IPPROTO_IP)
			decode_ip(&item, arrival, received);
		else if (item.header.cmsg_level == IPPROTO_IPV6)
			decode_ipv6(&item, arrival, received);
	}
}

static ULONG
encode(void *control, int level, int type, const void *data, size_t size)
{
	WSACMSGHDR header = { .cmsg_len = WSA_CMSG_LEN(size),
		.cmsg_level = level,
		.cmsg_type = type };

	/* Padding goes to the system as well: no stale bytes. */
	memset(control, 0, WSA_CMSG_SPACE(size));
	memcpy(control, &header, sizeof(header));
	memcpy((uint8_t *)control + WSA_CMSG_LEN(0), data, size);
	return (ULONG)WSA_CMSG_SPACE(size);
}

ULONG
mh__control_encode(
    void *control, const struct mh_address *local, uint32_t if_index)
{
	struct in_pktinfo info = { .ipi_ifindex = if_index };
	struct in6_pktinfo info6 = { .ipi6_ifindex = if_index };

	if (mh_address_class(local) <= MH_CLASS_UNSPECIFIED)
		return 0;
	if (local->family == MH_FAMILY_IPV4) {
		memcpy(&info.ipi_addr, local->ip, 4);
		return encode(
		    control, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
	memcpy(&info6.ipi6_addr, local->ip, 16);
	return encode(
	    control, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
}

ULONG
mh__control_encode_tos(
    void *control, ULONG length, unsigned int family, int tos)
{
	bool ipv4 = family == MH_FAMILY_IPV4;

	/* What stands before ends where the next one may begin. */
	return length +
	    encode((uint8_t *)control + length,
		ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS,
		&tos, sizeof(tos));
}
