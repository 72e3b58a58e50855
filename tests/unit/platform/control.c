/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/control.c: control messages to the byte.
 */
#include "platform/linux/control.h"

#include "unit/unit.h"

#include "unit/platform/suites.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <limits.h>
#include <string.h>
#include <time.h>
/* After time.h: it wants struct timespec. */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

/* Constant, and in network order on every processor. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define IPV4(a, b, c, d) ((a) << 24 | (b) << 16 | (c) << 8 | (d))
#else
#define IPV4(a, b, c, d) ((d) << 24 | (c) << 16 | (b) << 8 | (a))
#endif

/*
 * Encode.
 */

struct encode_case {
	const char *name;
	unsigned int family;
	const char *local; /* "": no source */
	uint32_t if_index;
	int level; /* -1: no message at all */
};

static const struct encode_case encodes[] = {
	{ "IPv4, nothing to say", MH_FAMILY_IPV4, "", 0, -1 },
	{ "IPv6, nothing to say", MH_FAMILY_IPV6, "", 0, -1 },
	{ "IPv4, source", MH_FAMILY_IPV4, "192.0.2.1:7", 0, IPPROTO_IP },
	{ "IPv4, interface", MH_FAMILY_IPV4, "", 0x01020304, IPPROTO_IP },
	{ "IPv4, both", MH_FAMILY_IPV4, "192.0.2.1:7", 5, IPPROTO_IP },
	{ "IPv6, source", MH_FAMILY_IPV6, "[2001:db8::1]:7", 0, IPPROTO_IPV6 },
	{ "IPv6, interface", MH_FAMILY_IPV6, "", 0x01020304, IPPROTO_IPV6 },
	{ "IPv6, both", MH_FAMILY_IPV6, "[fe80::1%5]:7", 5, IPPROTO_IPV6 },
	{ "IPv6, a group was asked", MH_FAMILY_IPV6, "[::]:7", 5,
	    IPPROTO_IPV6 },
};

/* The message as the manuals have it; returns its length. */
static size_t
expect(const struct encode_case *row, uint8_t *bytes)
{
	const struct mh_address local = unit_address(row->local);
	struct in_pktinfo info = { .ipi_ifindex = (int)row->if_index };
	struct in6_pktinfo info6 = { .ipi6_ifindex = row->if_index };
	bool is_ipv4 = row->level == IPPROTO_IP;
	size_t size = is_ipv4 ? sizeof(info) : sizeof(info6);
	struct cmsghdr header = { .cmsg_len = CMSG_LEN(size),
		.cmsg_level = row->level,
		.cmsg_type = is_ipv4 ? IP_PKTINFO : IPV6_PKTINFO };

	if (row->level == -1)
		return 0;
	memcpy(bytes, &header, sizeof(header));
	memcpy(&info.ipi_spec_dst, local.ip, 4);
	memcpy(&info6.ipi6_addr, local.ip, 16);
	memcpy(bytes + CMSG_LEN(0),
	    is_ipv4 ? (const void *)&info : (const void *)&info6, size);
	return CMSG_LEN(size);
}

START_TEST(test_encode)
{
	const struct encode_case *row = &encodes[_i];
	const struct mh_address local = unit_address(row->local);
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	uint8_t expected[CONTROL_SIZE];
	size_t length;

	/* Old contents must not show, and nothing after the end may change. */
	memset(control, 0xa5, sizeof(control));
	memset(expected, 0xa5, sizeof(expected));
	length =
	    mh__control_encode(control, row->family, &local, row->if_index);
	ck_assert_msg(length == expect(row, expected), "%s: %zu bytes",
	    row->name, length);
	ck_assert_msg(memcmp(control, expected, sizeof(control)) == 0,
	    "%s: other bytes", row->name);
}
END_TEST

/* After whatever was there, on the next boundary. */
START_TEST(test_encode_segments)
{
	const struct encode_case *row = &encodes[_i];
	const struct mh_address local = unit_address(row->local);
	const struct cmsghdr header = { .cmsg_len = CMSG_LEN(2),
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT };
	const uint16_t segment = 1232;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	uint8_t expected[CONTROL_SIZE];
	size_t length, at;

	memset(control, 0xa5, sizeof(control));
	memset(expected, 0xa5, sizeof(expected));
	length = expect(row, expected);
	at = CMSG_ALIGN(length);
	memset(expected + length, 0, at - length);
	memcpy(expected + at, &header, sizeof(header));
	memcpy(expected + at + sizeof(header), &segment, sizeof(segment));
	length =
	    mh__control_encode(control, row->family, &local, row->if_index);
	length = mh__control_encode_segments(control, length, segment);
	ck_assert_msg(
	    length == at + CMSG_LEN(2), "%s: %zu bytes", row->name, length);
	ck_assert_msg(memcmp(control, expected, sizeof(control)) == 0,
	    "%s: other bytes", row->name);
}
END_TEST

/* TOS and TTL, separately and together; a TTL of 0 is none. */
static const struct {
	unsigned int family;
	int16_t tos, ttl;
	int types[2]; /* of level; 0: no message */
	int values[2];
} marks[] = {
	{ MH_FAMILY_IPV4, -1, -1, { 0 }, { 0 } },
	{ MH_FAMILY_IPV4, 0xb8, -1, { IP_TOS }, { 0xb8 } },
	{ MH_FAMILY_IPV4, -1, 255, { IP_TTL }, { 255 } },
	{ MH_FAMILY_IPV4, 0, 1, { IP_TOS, IP_TTL }, { 0, 1 } },
	{ MH_FAMILY_IPV4, -1, 0, { 0 }, { 0 } },
	{ MH_FAMILY_IPV6, 1, -1, { IPV6_TCLASS }, { 1 } },
	{ MH_FAMILY_IPV6, -1, 64, { IPV6_HOPLIMIT }, { 64 } },
	{ MH_FAMILY_IPV6, 255, 255, { IPV6_TCLASS, IPV6_HOPLIMIT },
	    { 255, 255 } },
};

START_TEST(test_encode_marks)
{
	const struct mh_datagram datagram = { .tos = marks[_i].tos,
		.ttl = marks[_i].ttl };
	const struct mh_address local = unit_address("192.0.2.1");
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	uint8_t expected[CONTROL_SIZE];
	size_t start, length, at;
	int i;

	memset(control, 0xa5, sizeof(control));
	start = mh__control_encode(control, MH_FAMILY_IPV4, &local, 0);
	memcpy(expected, control, sizeof(expected));
	at = start;
	for (i = 0; i < 2 && marks[_i].types[i] != 0; i++) {
		const struct cmsghdr header = { .cmsg_len =
						    CMSG_LEN(sizeof(int)),
			.cmsg_level = marks[_i].family == MH_FAMILY_IPV4
			    ? IPPROTO_IP
			    : IPPROTO_IPV6,
			.cmsg_type = marks[_i].types[i] };

		memset(expected + at, 0, CMSG_ALIGN(at) - at);
		at = CMSG_ALIGN(at);
		memcpy(expected + at, &header, sizeof(header));
		memcpy(expected + at + sizeof(header), &marks[_i].values[i],
		    sizeof(int));
		at += CMSG_LEN(sizeof(int));
	}
	length = mh__control_encode_marks(
	    control, start, marks[_i].family, &datagram);
	ck_assert_uint_eq(length, at);
	ck_assert_mem_eq(control, expected, sizeof(control));
}
END_TEST

/*
 * Decode.
 */

/* A message of a control buffer. */
struct message {
	int level;
	int type;
	const void *data;
	size_t size; /* of data; in the header as well */
};

static const struct in_pktinfo pktinfo = { .ipi_ifindex = 5,
	.ipi_spec_dst = { .s_addr = IPV4(1, 2, 3, 4) },
	.ipi_addr = { .s_addr = IPV4(5, 6, 7, 8) } };
static const struct in6_pktinfo pktinfo6 = {
	.ipi6_addr = { .s6_addr = { 0x20, 0x01, [15] = 9 } }, .ipi6_ifindex = 6
};
static const int ttl = 64, hop_limit = 255, traffic_class = 0x2e;
static const uint8_t tos = 0xb8;
static const struct timespec arrived = { 1700000000, 123456789 };
static const uint32_t drops = 0xfffffffe;
/* By the system's clock, unused, by the device's. */
static const struct timespec stamps[3] = { { 1700000001, 5 }, { 9, 9 },
	{ 1600000000, 7 } };
static const struct timespec no_stamps[3] = { { 1700000001, 5 } };
static const struct timespec late_stamps[3] = { [2] = { 1600000000, 7 } };

static const int segment = 1232, segment_bad = -1, segment_none = 0;
static const int segment_long = 65536;

#define M_SEGMENT                                               \
	{                                                       \
		IPPROTO_UDP, UDP_GRO, &segment, sizeof(segment) \
	}
#define M_PKTINFO                                                 \
	{                                                         \
		IPPROTO_IP, IP_PKTINFO, &pktinfo, sizeof(pktinfo) \
	}
#define M_PKTINFO6                                                      \
	{                                                               \
		IPPROTO_IPV6, IPV6_PKTINFO, &pktinfo6, sizeof(pktinfo6) \
	}
#define M_TTL                                         \
	{                                             \
		IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl) \
	}
#define M_HOPS                                                       \
	{                                                            \
		IPPROTO_IPV6, IPV6_HOPLIMIT, &hop_limit, sizeof(int) \
	}
#define M_TOS                                         \
	{                                             \
		IPPROTO_IP, IP_TOS, &tos, sizeof(tos) \
	}
#define M_CLASS                                                        \
	{                                                              \
		IPPROTO_IPV6, IPV6_TCLASS, &traffic_class, sizeof(int) \
	}
#define M_TIME                                                         \
	{                                                              \
		SOL_SOCKET, SCM_TIMESTAMPNS, &arrived, sizeof(arrived) \
	}
#define M_STAMPS                                                      \
	{                                                             \
		SOL_SOCKET, SCM_TIMESTAMPING, &stamps, sizeof(stamps) \
	}
#define M_DROPS                                                \
	{                                                      \
		SOL_SOCKET, SO_RXQ_OVFL, &drops, sizeof(drops) \
	}

struct decode_case {
	const char *name;
	struct message messages[8];
	/* The expected results; the values are those from above. */
	bool ipv4, ipv6, drops, time, hardware, burst;
	uint32_t if_index;
	int ttl, tos;
};

#define NO_FACTS .ttl = -1, .tos = -1

static const struct decode_case decodes[] = {
	{ "nothing", .ttl = -1, .tos = -1 },
	{ "IPv4", { M_PKTINFO }, .ipv4 = true, .if_index = 5, NO_FACTS },
	{ "IPv6", { M_PKTINFO6 }, .ipv6 = true, .if_index = 6, NO_FACTS },
	{ "IPv4, then IPv6", { M_PKTINFO, M_PKTINFO6 }, .ipv4 = true,
	    .ipv6 = true, .if_index = 5, NO_FACTS },
	{ "IPv6, then IPv4", { M_PKTINFO6, M_PKTINFO }, .ipv4 = true,
	    .ipv6 = true, .if_index = 5, NO_FACTS },
	{ "TTL", { M_TTL }, .ttl = 64, .tos = -1 },
	{ "hop limit", { M_HOPS }, .ttl = 255, .tos = -1 },
	{ "TOS", { M_TOS }, .ttl = -1, .tos = 0xb8 },
	{ "traffic class", { M_CLASS }, .ttl = -1, .tos = 0x2e },
	{ "time", { M_TIME }, .time = true, NO_FACTS },
	{ "drops", { M_DROPS }, .drops = true, NO_FACTS },
	{ "burst", { M_SEGMENT }, .burst = true, NO_FACTS },
	{ "device's time", { M_STAMPS }, .hardware = true, NO_FACTS },
	{ "both times", { M_TIME, M_STAMPS }, .time = true, .hardware = true,
	    NO_FACTS },
	{ "both times, the other way round", { M_STAMPS, M_TIME }, .time = true,
	    .hardware = true, NO_FACTS },
	{ "device without a time",
	    { M_TIME,
		{ SOL_SOCKET, SCM_TIMESTAMPING, &no_stamps,
		    sizeof(no_stamps) } },
	    .time = true, NO_FACTS },
	{ "as Linux sends it",
	    { M_TIME, M_DROPS, M_SEGMENT, M_PKTINFO, M_TTL, M_TOS, M_PKTINFO6 },
	    .ipv4 = true, .ipv6 = true, .drops = true, .time = true,
	    .burst = true, .if_index = 5, .ttl = 64, .tos = 0xb8 },
	{ "the other way round",
	    { M_PKTINFO6, M_TOS, M_TTL, M_PKTINFO, M_DROPS, M_TIME },
	    .ipv4 = true, .ipv6 = true, .drops = true, .time = true,
	    .if_index = 5, .ttl = 64, .tos = 0xb8 },
	{ "all of IPv6", { M_CLASS, M_HOPS, M_PKTINFO6, M_DROPS, M_TIME },
	    .ipv6 = true, .drops = true, .time = true, .if_index = 6,
	    .ttl = 255, .tos = 0x2e },

	/* Unknown ones are skipped, and what follows is read. */
	{ "unknown type", { { IPPROTO_IP, 999, &ttl, 4 }, M_PKTINFO },
	    .ipv4 = true, .if_index = 5, NO_FACTS },
	{ "unknown type, IPv6", { { IPPROTO_IPV6, 999, &ttl, 4 }, M_PKTINFO },
	    .ipv4 = true, .if_index = 5, NO_FACTS },
	{ "unknown type, socket",
	    { { SOL_SOCKET, 999, &pktinfo, 12 }, M_PKTINFO }, .ipv4 = true,
	    .if_index = 5, NO_FACTS },
	{ "unknown level", { { 999, IP_PKTINFO, &pktinfo, 12 }, M_TTL },
	    .ttl = 64, .tos = -1 },
	{ "level of IPv6",
	    { { IPPROTO_IPV6, IP_PKTINFO, &pktinfo, 12 }, M_TTL }, .ttl = 64,
	    .tos = -1 },
	{ "level of IPv4",
	    { { IPPROTO_IP, IPV6_PKTINFO, &pktinfo6, 20 }, M_TTL }, .ttl = 64,
	    .tos = -1 },
	{ "timestamp of IP",
	    { { IPPROTO_IP, SCM_TIMESTAMPNS, &arrived, 16 }, M_TOS }, .ttl = -1,
	    .tos = 0xb8 },

	/* Too short for their type: ignored. */
	{ "short IPv4", { { IPPROTO_IP, IP_PKTINFO, &pktinfo, 11 }, M_TTL },
	    .ttl = 64, .tos = -1 },
	{ "short IPv6",
	    { { IPPROTO_IPV6, IPV6_PKTINFO, &pktinfo6, 19 }, M_TTL }, .ttl = 64,
	    .tos = -1 },
	{ "empty", { { IPPROTO_IP, IP_PKTINFO, &pktinfo, 0 }, M_TTL },
	    .ttl = 64, .tos = -1 },
	{ "short TTL", { { IPPROTO_IP, IP_TTL, &ttl, 3 }, M_TOS }, .ttl = -1,
	    .tos = 0xb8 },
	{ "short hop limit", { { IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, 1 } },
	    NO_FACTS },
	{ "empty TOS", { { IPPROTO_IP, IP_TOS, &tos, 0 } }, NO_FACTS },
	{ "short class", { { IPPROTO_IPV6, IPV6_TCLASS, &ttl, 3 } }, NO_FACTS },
	{ "short time", { { SOL_SOCKET, SCM_TIMESTAMPNS, &arrived, 15 } },
	    NO_FACTS },
	{ "short burst", { { IPPROTO_UDP, UDP_GRO, &segment, 3 } }, NO_FACTS },
	/* What no datagram of a burst can have. */
	{ "burst of none", { { IPPROTO_UDP, UDP_GRO, &segment_none, 4 } },
	    NO_FACTS },
	{ "burst of less", { { IPPROTO_UDP, UDP_GRO, &segment_bad, 4 } },
	    NO_FACTS },
	{ "burst of more", { { IPPROTO_UDP, UDP_GRO, &segment_long, 4 } },
	    NO_FACTS },
	{ "unknown type, UDP", { { IPPROTO_UDP, 999, &segment, 4 }, M_TTL },
	    .ttl = 64, .tos = -1 },
	{ "short device's time",
	    { { SOL_SOCKET, SCM_TIMESTAMPING, &stamps, sizeof(stamps) - 1 } },
	    NO_FACTS },
	{ "short drops", { { SOL_SOCKET, SO_RXQ_OVFL, &drops, 3 } }, NO_FACTS },
	/* Longer than known is fine: the front of it is known. */
	{ "long IPv4", { { IPPROTO_IP, IP_PKTINFO, &pktinfo, 12 + 8 } },
	    .ipv4 = true, .if_index = 5, NO_FACTS },
};

/* Write the messages; returns the length.  The rest is as it was. */
static size_t
compose(const struct message *messages, uint8_t *control)
{
	struct cmsghdr header;
	size_t at = 0, i;

	for (i = 0; i < 8 && messages[i].data != NULL; i++) {
		header =
		    (struct cmsghdr){ .cmsg_len = CMSG_LEN(messages[i].size),
			    .cmsg_level = messages[i].level,
			    .cmsg_type = messages[i].type };
		memcpy(control + at, &header, sizeof(header));
		memset(control + at + CMSG_LEN(0), 0,
		    CMSG_SPACE(messages[i].size) - CMSG_LEN(0));
		/* The long one has zeros after its 12 bytes. */
		memcpy(control + at + CMSG_LEN(0), messages[i].data,
		    messages[i].size == 12 + 8 && messages[i].type == IP_PKTINFO
			? 12
			: messages[i].size);
		at += CMSG_SPACE(messages[i].size);
	}
	return at;
}

/* In memory of exactly its size, so that sanitizers see reads beyond it. */
static void
decode(const uint8_t *control, size_t length, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	void *copy = malloc(length + (length == 0));
	struct msghdr header = { .msg_control = copy,
		.msg_controllen = length };

	memcpy(copy, control, length);
	memset(arrival, 0xa5, sizeof(*arrival));
	memset(received, 0xa5, sizeof(*received));
	mh__control_decode(&header, arrival, received);
	free(copy);
}

static void
assert_decoded(const struct decode_case *row, const struct mh__arrival *arrival,
    const struct mh_datagram *received)
{
	static const uint8_t source[4] = { 1, 2, 3, 4 };
	static const uint8_t target[4] = { 5, 6, 7, 8 };

	ck_assert_msg(arrival->has_ipv4 == row->ipv4, "%s: IPv4", row->name);
	ck_assert_msg(arrival->has_ipv6 == row->ipv6, "%s: IPv6", row->name);
	ck_assert_msg(!row->ipv4 ||
		(memcmp(arrival->ipv4_source, source, 4) == 0 &&
		    memcmp(arrival->ipv4_target, target, 4) == 0),
	    "%s: IPv4 address", row->name);
	ck_assert_msg(!row->ipv6 ||
		memcmp(arrival->ipv6_target, &pktinfo6.ipi6_addr, 16) == 0,
	    "%s: IPv6 address", row->name);
	ck_assert_msg(arrival->if_index == row->if_index, "%s: interface %u",
	    row->name, (unsigned int)arrival->if_index);
	ck_assert_msg(
	    received->ttl == row->ttl, "%s: TTL %d", row->name, received->ttl);
	ck_assert_msg(
	    received->tos == row->tos, "%s: TOS %d", row->name, received->tos);
	ck_assert_msg(arrival->has_drops == row->drops &&
		(!row->drops || arrival->drops == drops),
	    "%s: drops", row->name);
	ck_assert_msg(!received->report_sent && received->reserved8 == 0,
	    "%s: what is for sending only", row->name);
	ck_assert_msg(received->segment == (row->burst ? 1232 : 0),
	    "%s: segment %u", row->name, (unsigned int)received->segment);
	ck_assert_msg(received->arrived_ns ==
		(row->time ? INT64_C(1700000000123456789) : 0),
	    "%s: time %lld", row->name, (long long)received->arrived_ns);
	ck_assert_msg(received->hardware_ns ==
		(row->hardware ? INT64_C(1600000000000000007) : 0),
	    "%s: device's time %lld", row->name,
	    (long long)received->hardware_ns);
}

START_TEST(test_decode)
{
	const struct decode_case *row = &decodes[_i];
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct mh__arrival arrival;
	struct mh_datagram received;
	size_t length = compose(row->messages, control);

	decode(control, length, &arrival, &received);
	assert_decoded(row, &arrival, &received);
}
END_TEST

/* The last message needs no padding after it. */
START_TEST(test_decode_unpadded)
{
	const struct decode_case *row = &decodes[_i];
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct mh__arrival arrival;
	struct mh_datagram received;
	size_t length = compose(row->messages, control), i;

	for (i = 0; i < 8 && row->messages[i].data != NULL; i++)
		;
	if (i > 0)
		length -= CMSG_SPACE(row->messages[i - 1].size) -
		    CMSG_LEN(row->messages[i - 1].size);
	decode(control, length, &arrival, &received);
	assert_decoded(row, &arrival, &received);
}
END_TEST

/* No control buffer at all. */
START_TEST(test_decode_null)
{
	const struct decode_case *row = &decodes[0];
	const struct msghdr header = { .msg_control = NULL };
	struct mh__arrival arrival;
	struct mh_datagram received;

	mh__control_decode(&header, &arrival, &received);
	assert_decoded(row, &arrival, &received);
}
END_TEST

/*
 * Cut anywhere: whole messages are read, the rest is not, and nothing is read
 * beyond the end.
 */
START_TEST(test_decode_cut)
{
	static const struct message messages[8] = { M_PKTINFO, M_PKTINFO6 };
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct mh__arrival arrival;
	struct mh_datagram received;
	size_t length = compose(messages, control);
	size_t first = CMSG_LEN(sizeof(pktinfo));
	size_t both = CMSG_SPACE(sizeof(pktinfo)) + CMSG_LEN(sizeof(pktinfo6));
	size_t cut;

	for (cut = 0; cut <= length; cut++) {
		decode(control, cut, &arrival, &received);
		ck_assert_msg(arrival.has_ipv4 == (cut >= first),
		    "cut at %zu: IPv4", cut);
		ck_assert_msg(
		    arrival.has_ipv6 == (cut >= both), "cut at %zu: IPv6", cut);
	}
}
END_TEST

/* Lengths that lie. */
static const size_t lies[] = { 0, 1, sizeof(struct cmsghdr) - 1,
	CMSG_LEN(sizeof(struct in_pktinfo)) + 1, 4096, SIZE_MAX / 2,
	SIZE_MAX - 15, SIZE_MAX - 8, SIZE_MAX - 7, SIZE_MAX - 1, SIZE_MAX };

START_TEST(test_decode_lie)
{
	static const struct message messages[8] = { M_PKTINFO };
	static const struct message more[8] = { M_TTL, M_PKTINFO };
	struct cmsghdr lie = { .cmsg_len = lies[_i],
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = IP_PKTINFO };
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct mh__arrival arrival;
	struct mh_datagram received;
	size_t length = compose(messages, control);

	/* Alone: not to be believed beyond the end of the buffer. */
	memcpy(control, &lie, sizeof(lie));
	decode(
	    control, CMSG_LEN(sizeof(struct in_pktinfo)), &arrival, &received);
	ck_assert_msg(!arrival.has_ipv4, "length %zu: believed", lies[_i]);
	/* As the second: the first stays. */
	length = compose(more, control);
	memcpy(control + CMSG_SPACE(sizeof(int)), &lie, sizeof(lie));
	decode(control,
	    length - CMSG_SPACE(sizeof(pktinfo)) + CMSG_LEN(sizeof(pktinfo)),
	    &arrival, &received);
	ck_assert_int_eq(received.ttl, 64);
	ck_assert_msg(!arrival.has_ipv4, "length %zu: believed", lies[_i]);
}
END_TEST

/* Before 1970, beyond what fits, or not a time at all: unknown. */
static const struct {
	struct timespec time;
	int64_t nanoseconds;
} times[] = {
	{ { 0, 5 }, 0 },
	{ { -1, 5 }, 0 },
	{ { INT64_MIN, 5 }, 0 },
	{ { INT64_MAX, 5 }, 0 },
	{ { INT64_MAX / 1000000000, 5 }, 0 },
	{ { 1, -1 }, 0 },
	{ { 1, 0 }, 1000000000 },
	{ { 1, 999999999 }, 1999999999 },
	{ { 1, 1000000000 }, 0 },
	{ { 1, LONG_MAX }, 0 },
	{ { 4102444800, 5 }, INT64_C(4102444800000000005) },
};

START_TEST(test_decode_time)
{
	const struct timespec *time = &times[_i].time;
	const struct message messages[8] = { { SOL_SOCKET, SCM_TIMESTAMPNS,
	    time, sizeof(*time) } };
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct mh__arrival arrival;
	struct mh_datagram received;

	decode(control, compose(messages, control), &arrival, &received);
	ck_assert_msg(received.arrived_ns == times[_i].nanoseconds,
	    "%lld s, %ld ns: %lld", (long long)time->tv_sec, time->tv_nsec,
	    (long long)received.arrived_ns);
}
END_TEST

/* What was written can be read back. */
START_TEST(test_round)
{
	const struct encode_case *row = &encodes[_i];
	const struct mh_address local = unit_address(row->local);
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	struct mh__arrival arrival;
	struct mh_datagram received;

	decode(control,
	    mh__control_encode(control, row->family, &local, row->if_index),
	    &arrival, &received);
	ck_assert_msg(arrival.has_ipv4 == (row->level == IPPROTO_IP),
	    "%s: IPv4", row->name);
	ck_assert_msg(arrival.has_ipv6 == (row->level == IPPROTO_IPV6),
	    "%s: IPv6", row->name);
	ck_assert_msg(
	    arrival.if_index == row->if_index, "%s: interface", row->name);
	ck_assert_msg(
	    !arrival.has_ipv4 || memcmp(arrival.ipv4_source, local.ip, 4) == 0,
	    "%s: source", row->name);
	ck_assert_msg(
	    !arrival.has_ipv6 || memcmp(arrival.ipv6_target, local.ip, 16) == 0,
	    "%s: source", row->name);
}
END_TEST

/*
 * ICMP errors.
 */

struct error_case {
	const char *name;
	int level, type; /* of the message */
	struct sock_extended_err error;
	size_t cut; /* bytes that are missing at the end */
	int kind;   /* -1: none */
	uint32_t mtu;
};

#define ERROR_IPV4(icmp_type, icmp_code)                              \
	IPPROTO_IP, IP_RECVERR,                                       \
	{                                                             \
		.ee_origin = SO_EE_ORIGIN_ICMP, .ee_type = icmp_type, \
		.ee_code = icmp_code, .ee_info = 1300                 \
	}
#define ERROR_IPV6(icmp_type, icmp_code)                               \
	IPPROTO_IPV6, IPV6_RECVERR,                                    \
	{                                                              \
		.ee_origin = SO_EE_ORIGIN_ICMP6, .ee_type = icmp_type, \
		.ee_code = icmp_code, .ee_info = 1300                  \
	}

static const struct error_case errors[] = {
	/* RFC 792, RFC 1812. */
	{ "v4 net", ERROR_IPV4(3, 0), 0, MH_ICMP_NETWORK, 0 },
	{ "v4 host", ERROR_IPV4(3, 1), 0, MH_ICMP_HOST, 0 },
	{ "v4 protocol", ERROR_IPV4(3, 2), 0, MH_ICMP_PROTOCOL, 0 },
	{ "v4 port", ERROR_IPV4(3, 3), 0, MH_ICMP_PORT, 0 },
	{ "v4 too big", ERROR_IPV4(3, 4), 0, MH_ICMP_TOO_BIG, 1300 },
	{ "v4 source route", ERROR_IPV4(3, 5), 0, MH_ICMP_OTHER, 0 },
	{ "v4 net unknown", ERROR_IPV4(3, 6), 0, MH_ICMP_NETWORK, 0 },
	{ "v4 host unknown", ERROR_IPV4(3, 7), 0, MH_ICMP_HOST, 0 },
	{ "v4 isolated", ERROR_IPV4(3, 8), 0, MH_ICMP_HOST, 0 },
	{ "v4 net prohibited", ERROR_IPV4(3, 9), 0, MH_ICMP_PROHIBITED, 0 },
	{ "v4 host prohibited", ERROR_IPV4(3, 10), 0, MH_ICMP_PROHIBITED, 0 },
	{ "v4 net TOS", ERROR_IPV4(3, 11), 0, MH_ICMP_NETWORK, 0 },
	{ "v4 host TOS", ERROR_IPV4(3, 12), 0, MH_ICMP_HOST, 0 },
	{ "v4 filtered", ERROR_IPV4(3, 13), 0, MH_ICMP_PROHIBITED, 0 },
	{ "v4 precedence", ERROR_IPV4(3, 14), 0, MH_ICMP_OTHER, 0 },
	{ "v4 TTL", ERROR_IPV4(11, 0), 0, MH_ICMP_TTL, 0 },
	{ "v4 parameter", ERROR_IPV4(12, 0), 0, MH_ICMP_OTHER, 0 },
	/* RFC 4443. */
	{ "v6 no route", ERROR_IPV6(1, 0), 0, MH_ICMP_NETWORK, 0 },
	{ "v6 prohibited", ERROR_IPV6(1, 1), 0, MH_ICMP_PROHIBITED, 0 },
	{ "v6 scope", ERROR_IPV6(1, 2), 0, MH_ICMP_HOST, 0 },
	{ "v6 address", ERROR_IPV6(1, 3), 0, MH_ICMP_HOST, 0 },
	{ "v6 port", ERROR_IPV6(1, 4), 0, MH_ICMP_PORT, 0 },
	{ "v6 policy", ERROR_IPV6(1, 5), 0, MH_ICMP_PROHIBITED, 0 },
	{ "v6 reject", ERROR_IPV6(1, 6), 0, MH_ICMP_PROHIBITED, 0 },
	{ "v6 new code", ERROR_IPV6(1, 7), 0, MH_ICMP_OTHER, 0 },
	{ "v6 too big", ERROR_IPV6(2, 0), 0, MH_ICMP_TOO_BIG, 1300 },
	{ "v6 hop limit", ERROR_IPV6(3, 0), 0, MH_ICMP_TTL, 0 },
	{ "v6 parameter", ERROR_IPV6(4, 0), 0, MH_ICMP_OTHER, 0 },
	{ "v6 next header", ERROR_IPV6(4, 1), 0, MH_ICMP_PROTOCOL, 0 },
	{ "v6 new type", ERROR_IPV6(100, 0), 0, MH_ICMP_OTHER, 0 },
	/* What is not an ICMP error. */
	{ "our own", IPPROTO_IP, IP_RECVERR,
	    { .ee_origin = SO_EE_ORIGIN_LOCAL, .ee_type = 3 }, 0, -1, 0 },
	{ "another message", IPPROTO_IP, IP_TTL,
	    { .ee_origin = SO_EE_ORIGIN_ICMP }, 0, -1, 0 },
	{ "another level", SOL_SOCKET, IP_RECVERR,
	    { .ee_origin = SO_EE_ORIGIN_ICMP }, 0, -1, 0 },
	{ "too short", ERROR_IPV4(3, 3), 17, -1, 0 },
	/* The reporter is unknown. */
	{ "short", ERROR_IPV4(3, 3), 16, MH_ICMP_PORT, 0 },
};

START_TEST(test_decode_error)
{
	const struct error_case *row = &errors[_i];
	struct {
		struct sock_extended_err error;
		struct sockaddr_in reporter;
	} told = { row->error,
		{ .sin_family = AF_INET, .sin_addr = { IPV4(1, 2, 3, 4) } } };
	struct message messages[8] = { M_TTL,
		{ row->level, row->type, &told, sizeof(told) - row->cut } };
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct msghdr header = { .msg_controllen = compose(messages, control) };
	struct sockaddr_in6 reporter = { .sin6_family = AF_INET6 };
	struct mh_report report = { .icmp = { .mtu = 77 } };
	uint32_t number;

	header.msg_control = malloc(header.msg_controllen);
	memcpy(header.msg_control, control, header.msg_controllen);
	ck_assert_msg(mh__control_decode_report(&header, &report, &reporter,
			  &number) == (row->kind >= 0),
	    "%s", row->name);
	free(header.msg_control);
	if (row->kind < 0)
		return;
	ck_assert_int_eq(report.kind, MH_REPORT_ICMP);
	ck_assert_msg((int)report.icmp.kind == row->kind, "%s: kind %d",
	    row->name, (int)report.icmp.kind);
	ck_assert_msg(report.icmp.mtu == row->mtu, "%s: MTU %u", row->name,
	    (unsigned int)report.icmp.mtu);
	ck_assert_int_eq(
	    reporter.sin6_family, row->cut == 0 ? AF_INET : AF_UNSPEC);
}
END_TEST

/*
 * When a datagram left.
 */

#define LEFT(info)                                                          \
	{                                                                   \
		.ee_errno = ENOMSG, .ee_origin = SO_EE_ORIGIN_TIMESTAMPING, \
		.ee_info = (info), .ee_data = 0xfffffffe                    \
	}

static const struct {
	const char *name;
	int level, type;
	struct sock_extended_err error;
	const void *stamps;
	size_t size; /* of those */
	bool useful;
} departures[] = {
	{ "IPv4", IPPROTO_IP, IP_RECVERR, LEFT(SCM_TSTAMP_SND), stamps,
	    sizeof(stamps), true },
	{ "IPv6", IPPROTO_IPV6, IPV6_RECVERR, LEFT(SCM_TSTAMP_SND), stamps,
	    sizeof(stamps), true },
	{ "into the queue", IPPROTO_IP, IP_RECVERR, LEFT(SCM_TSTAMP_SCHED),
	    stamps, sizeof(stamps), false },
	{ "another message", IPPROTO_IP, IP_TTL, LEFT(SCM_TSTAMP_SND), stamps,
	    sizeof(stamps), false },
	{ "short", IPPROTO_IP, IP_RECVERR, LEFT(SCM_TSTAMP_SND), stamps,
	    sizeof(stamps) - 1, false },
	{ "no time", IPPROTO_IP, IP_RECVERR, LEFT(SCM_TSTAMP_SND), late_stamps,
	    sizeof(late_stamps), false },
};

/* Its own time stands before it or after it. */
START_TEST(test_decode_departure)
{
	const int row = _i / 2, first = _i % 2;
	const struct sock_extended_err *error = &departures[row].error;
	struct message messages[8] = { M_TTL };
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct msghdr header = { .msg_control = control };
	struct mh_report report = { .sent_id = 0 };
	struct sockaddr_in6 reporter;
	uint32_t number = 0;

	messages[1 + first] = (struct message){ departures[row].level,
		departures[row].type, error, sizeof(*error) };
	messages[2 - first] = (struct message){ SOL_SOCKET, SCM_TIMESTAMPING,
		departures[row].stamps, departures[row].size };
	header.msg_controllen = compose(messages, control);
	ck_assert_msg(mh__control_decode_report(&header, &report, &reporter,
			  &number) == departures[row].useful,
	    "%s", departures[row].name);
	if (!departures[row].useful)
		return;
	ck_assert_int_eq(report.kind, MH_REPORT_SENT);
	ck_assert_int_eq(report.sent_ns, INT64_C(1700000001000000005));
	ck_assert_uint_eq(number, 0xfffffffe);
}
END_TEST

/* A request of a report, with a number of ours and without. */
START_TEST(test_encode_request)
{
	const uint32_t number = 0x01020304, what = SOF_TIMESTAMPING_TX_SOFTWARE;
	const struct message messages[8] = {
		{ SOL_SOCKET, SO_TIMESTAMPING_OLD, &what, sizeof(what) },
		{ SOL_SOCKET, 81, _i == 1 ? &number : NULL, sizeof(number) },
	};
	const struct mh_address local = unit_address("192.0.2.1");
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	uint8_t expected[CONTROL_SIZE] = { 0 };
	size_t start, length;

	memset(control, 0xa5, sizeof(control));
	start = mh__control_encode(control, MH_FAMILY_IPV4, &local, 0);
	memcpy(expected, control, start);
	length = CMSG_ALIGN(start) +
	    compose(messages, expected + CMSG_ALIGN(start)) -
	    (CMSG_SPACE(sizeof(what)) - CMSG_LEN(sizeof(what)));
	ck_assert_uint_eq(mh__control_encode_request(
			      control, start, _i == 1 ? &number : NULL),
	    length);
	ck_assert_mem_eq(control, expected, length);
	ck_assert_uint_eq(control[length], 0xa5);
}
END_TEST

Suite *
platform_control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *encode = tcase_create("encode");
	TCase *decode = tcase_create("decode");

	tcase_add_loop_test(encode, test_encode, 0, LENGTH(encodes));
	tcase_add_loop_test(encode, test_encode_segments, 0, LENGTH(encodes));
	tcase_add_loop_test(encode, test_encode_marks, 0, LENGTH(marks));
	tcase_add_loop_test(encode, test_encode_request, 0, 2);
	tcase_add_loop_test(encode, test_round, 0, LENGTH(encodes));
	suite_add_tcase(suite, encode);
	tcase_add_loop_test(decode, test_decode, 0, LENGTH(decodes));
	tcase_add_loop_test(decode, test_decode_unpadded, 0, LENGTH(decodes));
	tcase_add_test(decode, test_decode_null);
	tcase_add_test(decode, test_decode_cut);
	tcase_add_loop_test(decode, test_decode_lie, 0, LENGTH(lies));
	tcase_add_loop_test(decode, test_decode_time, 0, LENGTH(times));
	tcase_add_loop_test(decode, test_decode_error, 0, LENGTH(errors));
	tcase_add_loop_test(
	    decode, test_decode_departure, 0, 2 * LENGTH(departures));
	suite_add_tcase(suite, decode);
	return suite;
}
