/* SPDX-License-Identifier: ISC */
/*
 * src/lib/reply.c: the rule, both halves.  Pure, so no system is involved.
 */
#include "lib/reply.h"

#include "lib/socket.h"

#include "unit/unit.h"

#include <string.h>

/*
 * What the system reported about an arrival, and so which of our addresses was
 * asked. Addresses as text; NULL: that control message was missing.
 */
struct arrival_case {
	const char *name;
	const char *ipv4_source; /* ipi_spec_dst */
	const char *ipv4_target; /* ipi_addr; "told " in front: the system says
				  * that it is a broadcast address */
	const char *ipv6_target; /* ipi6_addr; "mapped " for ::ffff:0:0/96 */
	const char *bound;
	const char *local;
	uint32_t flags;
};

static const struct arrival_case arrivals[] = {
	/* IPv4 on a dual-stack socket: Linux sends both messages. */
	{ "IPv4, both told", "192.0.2.1", "192.0.2.1", "mapped 192.0.2.1", ":7",
	    "192.0.2.1:7", 0 },
	{ "IPv4, IP_PKTINFO alone", "192.0.2.1", "192.0.2.1", NULL, ":7",
	    "192.0.2.1:7", 0 },
	{ "IPv4, IPV6_PKTINFO alone", NULL, NULL, "mapped 192.0.2.1", ":7",
	    "192.0.2.1:7", 0 },
	{ "IPv4, loopback", "127.0.0.2", "127.0.0.2", "mapped 127.0.0.2", ":7",
	    "127.0.0.2:7", 0 },
	{ "IPv4, queued before the option", "0.0.0.0", "192.0.2.1", NULL, ":7",
	    "192.0.2.1:7", 0 },
	{ "IPv4, nothing told but by IPv6", "0.0.0.0", "0.0.0.0",
	    "mapped 192.0.2.1", ":7", "192.0.2.1:7", 0 },
	{ "IPv4, the system's choice first", "192.0.2.2", "192.0.2.255",
	    "mapped 192.0.2.3", ":7", "192.0.2.2:7", MH_TO_BROADCAST },

	/* Broadcast. */
	{ "subnet broadcast", "192.0.2.2", "192.0.2.255", "mapped 192.0.2.255",
	    ":7", "192.0.2.2:7", MH_TO_BROADCAST },
	{ "limited broadcast", "192.0.2.2", "255.255.255.255",
	    "mapped 255.255.255.255", ":7", "192.0.2.2:7", MH_TO_BROADCAST },
	{ "limited broadcast, no source told", "0.0.0.0", "255.255.255.255",
	    "mapped 255.255.255.255", ":7", "0.0.0.0:7", MH_TO_BROADCAST },
	{ "limited broadcast, IPV6_PKTINFO alone", NULL, NULL,
	    "mapped 255.255.255.255", ":7", "0.0.0.0:7", MH_TO_BROADCAST },
	{ "limited broadcast, a specific socket", "0.0.0.0", "255.255.255.255",
	    NULL, "192.0.2.9:7", "192.0.2.9:7", MH_TO_BROADCAST | MH_BOUND },

	{ "subnet broadcast, told apart", "0.0.0.0", "told 192.0.2.255", NULL,
	    ":7", "0.0.0.0:7", MH_TO_BROADCAST },
	{ "subnet broadcast, told apart, both", "0.0.0.0", "told 192.0.2.255",
	    "mapped 192.0.2.255", ":7", "0.0.0.0:7", MH_TO_BROADCAST },
	{ "subnet broadcast, told apart, a specific socket", "0.0.0.0",
	    "told 192.0.2.255", NULL, "192.0.2.9:7", "192.0.2.9:7",
	    MH_TO_BROADCAST | MH_BOUND },

	/* IPv4 multicast. */
	{ "IPv4 multicast", "192.0.2.2", "224.0.0.251", "mapped 224.0.0.251",
	    ":7", "192.0.2.2:7", MH_TO_MULTICAST },
	{ "IPv4 multicast, no source told", "0.0.0.0", "239.1.2.3", NULL, ":7",
	    "0.0.0.0:7", MH_TO_MULTICAST },
	{ "IPv4 multicast, IPV6_PKTINFO alone", NULL, NULL, "mapped 239.1.2.3",
	    ":7", "0.0.0.0:7", MH_TO_MULTICAST },

	/* IPv6. */
	{ "IPv6", NULL, NULL, "2001:db8::1", ":7", "[2001:db8::1]:7", 0 },
	{ "IPv6, loopback", NULL, NULL, "::1", ":7", "[::1]:7", 0 },
	{ "IPv6, unique local", NULL, NULL, "fd00::1", ":7", "[fd00::1]:7", 0 },
	{ "IPv6, link-local", NULL, NULL, "fe80::1", ":7", "[fe80::1%5]:7", 0 },
	{ "IPv6, v4-compatible is not IPv4", NULL, NULL, "::192.0.2.1", ":7",
	    "[::192.0.2.1]:7", 0 },
	{ "IPv6 multicast", NULL, NULL, "ff02::1", ":7", "[::]:7",
	    MH_TO_MULTICAST },
	{ "IPv6 multicast, wide", NULL, NULL, "ff0e::1234", ":7", "[::]:7",
	    MH_TO_MULTICAST },

	/* Not reported: the address that the socket is bound to, if any. */
	{ "nothing", NULL, NULL, NULL, ":7", "", 0 },
	{ "nothing, 0.0.0.0", NULL, NULL, NULL, "0.0.0.0:7", "", 0 },
	{ "nothing, ::", NULL, NULL, NULL, "[::]:7", "", 0 },
	{ "unspecified IPv4", "0.0.0.0", "0.0.0.0", NULL, ":7", "", 0 },
	{ "unspecified IPv6", NULL, NULL, "::", ":7", "", 0 },
	{ "unspecified mapped", NULL, NULL, "mapped 0.0.0.0", ":7", "", 0 },
	{ "all unspecified", "0.0.0.0", "0.0.0.0", "mapped 0.0.0.0", ":7", "",
	    0 },
	{ "nothing, bound to IPv4", NULL, NULL, NULL, "192.0.2.9:7",
	    "192.0.2.9:7", MH_BOUND },
	{ "nothing, bound to IPv6", NULL, NULL, NULL, "[2001:db8::9]:7",
	    "[2001:db8::9]:7", MH_BOUND },
	{ "nothing, bound to link-local", NULL, NULL, NULL, "[fe80::9%5]:7",
	    "[fe80::9%5]:7", MH_BOUND },
	{ "unspecified, bound to IPv4", "0.0.0.0", "0.0.0.0", NULL,
	    "192.0.2.9:7", "192.0.2.9:7", MH_BOUND },
	{ "unspecified, bound to IPv6", NULL, NULL, "::", "[2001:db8::9]:7",
	    "[2001:db8::9]:7", MH_BOUND },

	/* Reported and bound. */
	{ "IPv4, bound to it", "192.0.2.9", "192.0.2.9", NULL, "192.0.2.9:7",
	    "192.0.2.9:7", MH_BOUND },
	{ "IPv6, bound to it", NULL, NULL, "2001:db8::9", "[2001:db8::9]:7",
	    "[2001:db8::9]:7", MH_BOUND },
	{ "link-local, bound to it", NULL, NULL, "fe80::9", "[fe80::9%5]:7",
	    "[fe80::9%5]:7", MH_BOUND },
	{ "told is not what it is bound to", "192.0.2.2", "192.0.2.255", NULL,
	    "192.0.2.255:7", "192.0.2.2:7", MH_TO_BROADCAST },
};

/* 16 bytes as the system writes them. */
static void
target_ipv6(const char *text, uint8_t ip[16])
{
	static const char mapped[] = "mapped ";
	struct mh_address address;

	if (strncmp(text, mapped, strlen(mapped)) == 0) {
		address = unit_address(text + strlen(mapped));
		ip[10] = ip[11] = 0xff;
		memcpy(ip + 12, address.ip, 4);
	} else {
		address = unit_address(text);
		memcpy(ip, address.ip, 16);
	}
}

static struct mh__arrival
arrival_of(const struct arrival_case *row)
{
	static const char told[] = "told ";
	struct mh__arrival arrival;
	struct mh_address address;
	const char *target;

	/* What was not reported must not be read. */
	memset(&arrival, 0x21, sizeof(arrival));
	arrival.if_index = 5;
	arrival.has_ipv4 = arrival.has_ipv6 = false;
	arrival.to_broadcast = false;
	if (row->ipv4_source != NULL) {
		arrival.has_ipv4 = true;
		address = unit_address(row->ipv4_source);
		memcpy(arrival.ipv4_source, address.ip, 4);
		target = row->ipv4_target;
		arrival.to_broadcast =
		    strncmp(target, told, sizeof(told) - 1) == 0;
		if (arrival.to_broadcast)
			target += sizeof(told) - 1;
		address = unit_address(target);
		memcpy(arrival.ipv4_target, address.ip, 4);
	}
	if (row->ipv6_target != NULL) {
		arrival.has_ipv6 = true;
		memset(arrival.ipv6_target, 0, 16);
		target_ipv6(row->ipv6_target, arrival.ipv6_target);
	}
	return arrival;
}

static void
assert_local(const struct arrival_case *row, const struct mh_datagram *received)
{
	struct mh_address local = received->local;

	/* Family none has no port to read. */
	if (local.family == MH_FAMILY_NONE)
		local.port = 0;
	unit_assert_address(&local, row->local, row->name);
	ck_assert_msg(received->if_index == 5, "%s: interface %u", row->name,
	    (unsigned int)received->if_index);
}

START_TEST(test_local)
{
	const struct arrival_case *row = &arrivals[_i];
	const struct mh__arrival arrival = arrival_of(row);
	const struct mh__udp udp = { .bound = unit_address(row->bound) };
	struct mh_datagram received = { .flags = 0 };

	memset(&received.local, 0xa5, sizeof(received.local));
	mh__reply_local(&received, &arrival, &udp);
	assert_local(row, &received);
	ck_assert_msg(received.flags == row->flags, "%s: flags %#x not %#x",
	    row->name, (unsigned int)received.flags, (unsigned int)row->flags);
}
END_TEST

/* What the platform found out stays, and only local changes. */
START_TEST(test_local_keeps)
{
	const struct arrival_case *row = &arrivals[_i];
	const struct mh__arrival arrival = arrival_of(row);
	const struct mh__udp udp = { .bound = unit_address(row->bound) };
	const uint32_t flags = MH_TRUNCATED | MH_CONTROL_TRUNCATED | MH_VIA_VRF;
	char data;
	struct mh_datagram received = { .peer = unit_address("192.0.2.7:9"),
		.flags = flags,
		.ttl = 3,
		.tos = 4,
		.arrived_ns = 5,
		.data = &data,
		.length = 6 };
	struct mh_datagram before = received;

	mh__reply_local(&received, &arrival, &udp);
	assert_local(row, &received);
	ck_assert_msg(received.flags == (flags | row->flags), "%s: flags %#x",
	    row->name, (unsigned int)received.flags);
	before.local = received.local;
	before.if_index = received.if_index;
	before.flags = received.flags;
	ck_assert_msg(memcmp(&received, &before, sizeof(before)) == 0,
	    "%s: more than local was changed", row->name);
}
END_TEST

/*
 * A link-local peer that is this host itself: Windows may say that it came by
 * loopback, and the link is that of the peer.
 */
START_TEST(test_local_own_link)
{
	const struct mh__udp udp = { .bound = unit_address(":7") };
	struct mh__arrival arrival = { .has_ipv6 = true, .if_index = 1 };
	struct mh_datagram received = { .peer = unit_address("[fe80::9%5]:9") };

	target_ipv6("fe80::1", arrival.ipv6_target);
	mh__reply_local(&received, &arrival, &udp);
	unit_assert_address(&received.local, "[fe80::1%5]:7", "own link");
	ck_assert_uint_eq(received.if_index, 1);
}
END_TEST

/* Which addresses we may answer from. */
struct reply_case {
	const char *name;
	const char *peer;
	const char *local;
	uint32_t flags;
	struct mh_source_policy rule;
	int code;
	const char *source; /* of the reply; "": the system picks */
	bool by_arrival;    /* by the arrival interface, not by routing */
};

#define RELAXED .rule = { .relaxed = true }
#define ARRIVAL .rule = { .arrival = true }

static const struct reply_case replies[] = {
	/* Global and private: that address, by routing. */
	{ "IPv4", "198.51.100.9:9", "192.0.2.1:7", .source = "192.0.2.1" },
	{ "IPv4, private", "10.9.9.9:9", "192.168.0.1:7",
	    .source = "192.168.0.1" },
	{ "IPv4, loopback", "127.0.0.1:9", "127.0.0.2:7",
	    .source = "127.0.0.2" },
	{ "IPv6", "[2001:db8:9::9]:9", "[2001:db8::1]:7",
	    .source = "2001:db8::1" },
	{ "IPv6, unique local", "[fd00::9]:9", "[fd00::1]:7",
	    .source = "fd00::1" },
	{ "IPv6, loopback", "[::1]:9", "[::1]:7", .source = "::1" },
	{ "IPv4, relaxed is strict first", "198.51.100.9:9", "192.0.2.1:7",
	    RELAXED, .source = "192.0.2.1" },
	{ "IPv6, relaxed is strict first", "[2001:db8:9::9]:9",
	    "[2001:db8::1]:7", RELAXED, .source = "2001:db8::1" },
	{ "IPv4, truncated", "198.51.100.9:9", "192.0.2.1:7",
	    MH_TRUNCATED | MH_CONTROL_TRUNCATED, .source = "192.0.2.1" },

	/* By the arrival interface when asked to, and in a VRF. */
	{ "IPv4, arrival", "198.51.100.9:9", "192.0.2.1:7", ARRIVAL,
	    .source = "192.0.2.1", .by_arrival = true },
	{ "IPv6, arrival", "[2001:db8:9::9]:9", "[2001:db8::1]:7", ARRIVAL,
	    .source = "2001:db8::1", .by_arrival = true },
	{ "IPv4, VRF", "198.51.100.9:9", "192.0.2.1:7", MH_VIA_VRF,
	    .source = "192.0.2.1", .by_arrival = true },
	{ "IPv6, VRF", "[2001:db8:9::9]:9", "[2001:db8::1]:7", MH_VIA_VRF,
	    .source = "2001:db8::1", .by_arrival = true },

	/* IPv6 link-local on either end. */
	{ "link-local both", "[fe80::9%5]:9", "[fe80::1%5]:7",
	    .source = "fe80::1%5", .by_arrival = true },
	{ "link-local peer", "[fe80::9%5]:9", "[2001:db8::1]:7",
	    .source = "2001:db8::1", .by_arrival = true },
	{ "link-local local", "[2001:db8:9::9]:9", "[fe80::1%5]:7",
	    .source = "fe80::1%5", .by_arrival = true },
	{ "link-local, bound", "[fe80::9%5]:9", "[fe80::1%5]:7", MH_BOUND,
	    .source = "fe80::1%5", .by_arrival = true },
	{ "link-local, the last of them", "[febf:ffff::9%5]:9",
	    "[2001:db8::1]:7", .source = "2001:db8::1", .by_arrival = true },
	{ "no link-local peer", "[fec0::9]:9", "[2001:db8::1]:7",
	    .source = "2001:db8::1" },
	{ "nor this, of IPv6", "[fe7f::9]:9", "[2001:db8::1]:7",
	    .source = "2001:db8::1" },
	{ "nor this, of another byte", "[fd80::9]:9", "[fd80::1]:7",
	    .source = "fd80::1" },
	/* IPv4: its peer. */
	{ "IPv4 link-local both", "169.254.9.9:9", "169.254.0.1:7",
	    .source = "169.254.0.1", .by_arrival = true },
	{ "IPv4 link-local peer", "169.254.9.9:9", "192.0.2.1:7",
	    .source = "192.0.2.1", .by_arrival = true },
	{ "IPv4 link-local, bound", "169.254.9.9:9", "169.254.0.1:7", MH_BOUND,
	    .source = "169.254.0.1", .by_arrival = true },
	{ "IPv4 link-local local", "192.0.2.9:9", "169.254.0.1:7",
	    .source = "169.254.0.1" },
	{ "no IPv4 link-local peer", "169.253.9.9:9", "169.254.0.1:7",
	    .source = "169.254.0.1" },
	{ "nor this", "168.254.9.9:9", "169.254.0.1:7",
	    .source = "169.254.0.1" },

	/* Broadcast and multicast. */
	{ "broadcast", "192.0.2.99:9", "192.0.2.2:7", MH_TO_BROADCAST,
	    .source = "192.0.2.2" },
	{ "broadcast, arrival", "192.0.2.99:9", "192.0.2.2:7", MH_TO_BROADCAST,
	    ARRIVAL, .source = "192.0.2.2", .by_arrival = true },
	{ "broadcast in a VRF", "192.0.2.99:9", "192.0.2.2:7",
	    MH_TO_BROADCAST | MH_VIA_VRF, .source = "192.0.2.2",
	    .by_arrival = true },
	{ "IPv4 multicast", "192.0.2.99:9", "192.0.2.2:7", MH_TO_MULTICAST,
	    .source = "192.0.2.2", .by_arrival = true },
	{ "broadcast, no address of ours told", "192.0.2.99:9", "0.0.0.0:7",
	    MH_TO_BROADCAST, .source = "0.0.0.0" },
	{ "IPv4 multicast, no address of ours told", "192.0.2.99:9",
	    "0.0.0.0:7", MH_TO_MULTICAST, .source = "0.0.0.0",
	    .by_arrival = true },
	{ "IPv6 multicast", "[2001:db8:9::9]:9", "[::]:7", MH_TO_MULTICAST,
	    .source = "::", .by_arrival = true },
	{ "IPv6 multicast, link-local peer", "[fe80::9%5]:9", "[::]:7",
	    MH_TO_MULTICAST, .source = "::", .by_arrival = true },

	/* The socket is bound to the address: nothing to pin. */
	{ "IPv4, bound", "198.51.100.9:9", "192.0.2.1:7", MH_BOUND,
	    .source = "" },
	{ "IPv6, bound", "[2001:db8:9::9]:9", "[2001:db8::1]:7", MH_BOUND,
	    .source = "" },
	{ "IPv4, bound, arrival", "198.51.100.9:9", "192.0.2.1:7", MH_BOUND,
	    ARRIVAL, .source = "192.0.2.1", .by_arrival = true },

	/* Unknown. */
	{ "IPv4 unknown", "198.51.100.9:9", "", .code = MH_ESOURCE },
	{ "IPv6 unknown", "[2001:db8:9::9]:9", "", .code = MH_ESOURCE },
	{ "link-local unknown", "[fe80::9%5]:9", "", .code = MH_ESOURCE },
	{ "unknown, control truncated", "198.51.100.9:9", "",
	    MH_CONTROL_TRUNCATED, .code = MH_ESOURCE },
	{ "unknown, broadcast", "192.0.2.99:9", "", MH_TO_BROADCAST,
	    .code = MH_ESOURCE },
	{ "unknown, arrival", "198.51.100.9:9", "", ARRIVAL,
	    .code = MH_ESOURCE },
	{ "IPv4 unknown, relaxed", "198.51.100.9:9", "", RELAXED,
	    .source = "" },
	{ "IPv6 unknown, relaxed", "[2001:db8:9::9]:9", "", RELAXED,
	    .source = "" },
	{ "IPv4 unknown, peer on loopback", "127.0.0.9:9", "", .source = "" },
	{ "IPv6 unknown, peer on loopback", "[::1]:9", "", .source = "" },
	/* Why the interface is needed does not depend on the source. */
	{ "unknown in a VRF, relaxed", "198.51.100.9:9", "", MH_VIA_VRF,
	    RELAXED, .source = "", .by_arrival = true },
	{ "unknown, multicast, relaxed", "192.0.2.99:9", "", MH_TO_MULTICAST,
	    RELAXED, .source = "", .by_arrival = true },
	{ "unknown, link-local peer, relaxed", "[fe80::9%5]:9", "", RELAXED,
	    .source = "", .by_arrival = true },
	{ "unknown, arrival, relaxed", "198.51.100.9:9", "",
	    .rule = { .relaxed = true, .arrival = true }, .source = "",
	    .by_arrival = true },

	/* Invalid ones. */
	{ "peer without port", "198.51.100.9:0", "192.0.2.1:7",
	    .code = MH_EINVALID },
	{ "peer without port, IPv6", "[2001:db8:9::9]:0", "[2001:db8::1]:7",
	    .code = MH_EINVALID },
	{ "peer without port, relaxed", "198.51.100.9:0", "", RELAXED,
	    .code = MH_EINVALID },
	{ "peer without address", ":9", "192.0.2.1:7", .code = MH_EINVALID },
	{ "peer without address, unknown", ":9", "", RELAXED,
	    .code = MH_EINVALID },
	{ "IPv4 from IPv6", "198.51.100.9:9", "[2001:db8::1]:7",
	    .code = MH_EFAMILY },
	{ "IPv6 from IPv4", "[2001:db8:9::9]:9", "192.0.2.1:7",
	    .code = MH_EFAMILY },
	{ "IPv6 from IPv4, relaxed", "[2001:db8:9::9]:9", "192.0.2.1:7",
	    RELAXED, .code = MH_EFAMILY },
};

START_TEST(test_reply)
{
	const struct reply_case *row = &replies[_i];
	struct mh_datagram request = { .peer = unit_address(row->peer),
		.local = unit_address(row->local),
		.if_index = 5,
		.flags = row->flags };
	struct mh_datagram reply = { .flags = 0 };
	int code;

	memset(&reply, 0xa5, sizeof(reply));
	code = mh_reply_address(&reply, &request, &row->rule);
	ck_assert_msg(code == row->code, "%s: %d instead of %d", row->name,
	    code, row->code);
	if (code != 0)
		return;
	unit_assert_address(&reply.peer, row->peer, row->name);
	reply.local.port = 0; /* does not count to send */
	unit_assert_address(&reply.local, row->source, row->name);
	ck_assert_msg(reply.if_index == (row->by_arrival ? 5 : 0),
	    "%s: interface %u", row->name, (unsigned int)reply.if_index);
	/* mh_batch_send() has to know why the interface matters. */
	ck_assert_msg(
	    reply.flags == (row->flags & (MH_TO_MULTICAST | MH_VIA_VRF)),
	    "%s: flags %#x", row->name, (unsigned int)reply.flags);
}
END_TEST

/* What a later version may be asked for, this one does not know. */
START_TEST(test_reply_reserved)
{
	static const char *const locals[] = { "192.0.2.1:7", "" };
	const struct mh_datagram request = { .peer =
						 unit_address("198.51.100.9:9"),
		.local = unit_address(locals[_i / 6]) };
	struct mh_source_policy rule = { .relaxed = _i / 6 > 0 || _i % 2 > 0,
		.arrival = _i % 2 > 0 };
	struct mh_return_path path = { .flags = 99 }, before = path;
	struct mh_datagram reply;

	rule.reserved[_i % 3] = 1;
	ck_assert_int_eq(
	    mh_reply_address(&reply, &request, &rule), MH_EINVALID);
	ck_assert_int_eq(
	    mh_return_path_take(&path, &request, NULL, &rule), MH_EINVALID);
	ck_assert_mem_eq(&path, &before, sizeof(path));
	rule.reserved[_i % 3] = 0;
	ck_assert_int_eq(mh_reply_address(&reply, &request, &rule), 0);
}
END_TEST

/* Without a policy: strict, by routing. */
START_TEST(test_reply_no_policy)
{
	const struct reply_case *row = &replies[_i];
	const struct mh_source_policy strict = { .relaxed = false };
	const struct mh_datagram request = { .peer = unit_address(row->peer),
		.local = unit_address(row->local),
		.if_index = 5,
		.flags = row->flags };
	struct mh_datagram with, without;

	memset(&with, 0xa5, sizeof(with));
	memset(&without, 0xa5, sizeof(without));
	ck_assert_int_eq(mh_reply_address(&without, &request, NULL),
	    mh_reply_address(&with, &request, &strict));
	ck_assert_mem_eq(&without, &with, sizeof(with));
}
END_TEST

/* The same later, and by the same socket; nothing else is touched. */
START_TEST(test_return_path)
{
	static const struct mh_address none = { .family = MH_FAMILY_NONE };
	const struct reply_case *row = &replies[_i];
	const struct mh_datagram request = { .peer = unit_address(row->peer),
		.local = unit_address(row->local),
		.if_index = 5,
		.flags = row->flags };
	static struct mh_socket received_by;
	struct mh_socket *socket = &received_by;
	struct mh_datagram now = { .ttl = -1, .length = 3 }, later = now;
	struct mh_return_path path = { .peer = none, .flags = 99 }, copy = path;
	int code = mh_return_path_take(&path, &request, socket, &row->rule);

	ck_assert_msg(code == row->code, "%s: %d instead of %d", row->name,
	    code, row->code);
	if (code != 0) {
		ck_assert_mem_eq(&path, &copy, sizeof(path));
		return;
	}
	ck_assert_int_eq(mh_reply_address(&now, &request, &row->rule), 0);
	copy = path;
	mh_return_path_apply(&later, &copy);
	ck_assert_msg(
	    memcmp(&now, &later, sizeof(now)) == 0, "%s: differs", row->name);
	ck_assert_ptr_eq(copy.socket, socket);
}
END_TEST

/* Whatever was there before: two are equal if, and only if, the way is. */
START_TEST(test_return_path_compare)
{
	const struct mh_datagram request = { .peer =
						 unit_address("198.51.100.9:9"),
		.local = unit_address("192.0.2.1:7") };
	struct mh_datagram moved = request;
	struct mh_return_path a, b;

	memset(&a, 0, sizeof(a));
	memset(&b, 0xff, sizeof(b));
	ck_assert_int_eq(mh_return_path_take(&a, &request, NULL, NULL), 0);
	ck_assert_int_eq(mh_return_path_take(&b, &request, NULL, NULL), 0);
	ck_assert_mem_eq(&a, &b, sizeof(a));
	moved.peer.port++;
	ck_assert_int_eq(mh_return_path_take(&b, &moved, NULL, NULL), 0);
	ck_assert_mem_ne(&a, &b, sizeof(a));
	moved = request;
	moved.local.ip[3]++;
	ck_assert_int_eq(mh_return_path_take(&b, &moved, NULL, NULL), 0);
	ck_assert_mem_ne(&a, &b, sizeof(a));
}
END_TEST

/* What the service put into the reply, before or after, stays. */
START_TEST(test_reply_keeps)
{
	const struct mh_source_policy rule = { .relaxed = false };
	const struct mh_datagram request = { .peer =
						 unit_address("198.51.100.9:9"),
		.local = unit_address("192.0.2.1:7"),
		.ttl = 1,
		.tos = 1,
		.arrived_ns = 1,
		.length = 1 };
	char data;
	struct mh_datagram reply = { .ttl = -1,
		.tos = -2,
		.status = -3,
		.arrived_ns = -4,
		.data = &data,
		.length = 6 };

	ck_assert_int_eq(mh_reply_address(&reply, &request, &rule), 0);
	ck_assert_int_eq(reply.ttl, -1);
	ck_assert_int_eq(reply.tos, -2);
	ck_assert_int_eq(reply.status, -3);
	ck_assert_int_eq(reply.arrived_ns, -4);
	ck_assert_ptr_eq(reply.data, &data);
	ck_assert_uint_eq(reply.length, 6);
}
END_TEST

Suite *
reply_suite(void)
{
	Suite *suite = suite_create("reply");
	TCase *local = tcase_create("local");
	TCase *reply = tcase_create("reply");

	tcase_add_loop_test(local, test_local, 0, LENGTH(arrivals));
	tcase_add_loop_test(local, test_local_keeps, 0, LENGTH(arrivals));
	tcase_add_test(local, test_local_own_link);
	suite_add_tcase(suite, local);
	tcase_add_loop_test(reply, test_reply, 0, LENGTH(replies));
	tcase_add_loop_test(reply, test_reply_no_policy, 0, LENGTH(replies));
	tcase_add_loop_test(reply, test_reply_reserved, 0, 2 * 6);
	tcase_add_loop_test(reply, test_return_path, 0, LENGTH(replies));
	tcase_add_test(reply, test_return_path_compare);
	tcase_add_test(reply, test_reply_keeps);
	suite_add_tcase(suite, reply);
	return suite;
}
