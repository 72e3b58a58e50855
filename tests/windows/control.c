/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/control.c: how control messages of all kinds are read.
 * Which ones are written is up to datagram.c.
 */
#include "windows/windows.h"

#include "platform/win32/control.h"

#include <mswsock.h>
#include <string.h>

/* Headers: length of header and data, level, type. */
#define IPV4_INFO "18 0 0 0 0 0 0 0  0 0 0 0  13 0 0 0 "
#define IPV6_INFO "24 0 0 0 0 0 0 0  29 0 0 0  13 0 0 0 "
#define IP_BYTE(type) "14 0 0 0 0 0 0 0  0 0 0 0  " type " 0 0 0 "
#define IPV6_BYTE(type) "14 0 0 0 0 0 0 0  29 0 0 0  " type " 0 0 0 "

#define GLOBAL "20 1 d b8 0 0 0 0 0 0 0 0 0 0 0 1 "
#define MAPPED "0 0 0 0 0 0 0 0 0 0 ff ff c0 0 2 1 "
#define PAD "0 0 0 0 "

struct decode_case {
	const char *name;
	const char *control;
	const char *ipv4;  /* NULL: not reported */
	const char *ipv6;  /* NULL: not reported */
	uint32_t if_index; /* 0: not reported */
	int ttl, tos;      /* -1: not reported */
};

static const struct decode_case decodes[] = {
	{ "nothing", "", NULL, NULL, 0, -1, -1 },
	{ "IPv4", IPV4_INFO "c0 0 2 1  5 0 0 0", "c0 0 2 1", NULL, 5, -1, -1 },
	{ "IPv6", IPV6_INFO GLOBAL "6 0 0 0 " PAD, NULL, GLOBAL, 6, -1, -1 },
	{ "IPv6, the last one without padding", IPV6_INFO GLOBAL "6 0 0 0",
	    NULL, GLOBAL, 6, -1, -1 },
	{ "both, as Wine tells of IPv4",
	    IPV4_INFO "c0 0 2 1  5 0 0 0 " IPV6_INFO MAPPED "5 0 0 0 " PAD,
	    "c0 0 2 1", MAPPED, 5, -1, -1 },
	{ "TTL", IP_BYTE("4") "40 0 0 0 " PAD, NULL, NULL, 0, 64, -1 },
	{ "TTL, old Windows 10", IP_BYTE("15") "ff 0 0 0 " PAD, NULL, NULL, 0,
	    255, -1 },
	{ "hop limit", IPV6_BYTE("15") "1 0 0 0 " PAD, NULL, NULL, 0, 1, -1 },
	{ "TOS", IP_BYTE("3") "b8 0 0 0 " PAD, NULL, NULL, 0, -1, 184 },
	{ "TOS, as received", IP_BYTE("28") "b8 0 0 0 " PAD, NULL, NULL, 0, -1,
	    184 },
	{ "traffic class", IPV6_BYTE("27") "2 0 0 0 " PAD, NULL, NULL, 0, -1,
	    2 },
	{ "traffic class, as received", IPV6_BYTE("28") "2 0 0 0 " PAD, NULL,
	    NULL, 0, -1, 2 },
	{ "all",
	    IP_BYTE("4") "40 0 0 0 " PAD IP_BYTE("3") "0 0 0 0 " PAD IPV4_INFO
						      "c0 0 2 1  5 0 0 0",
	    "c0 0 2 1", NULL, 5, 64, 0 },
	{ "unknown ones are passed over",
	    IP_BYTE("77") "1 2 3 4 " PAD
			  "14 0 0 0 0 0 0 0  ff ff 0 0  13 0 0 0  1 2 3 4 " PAD
			      IPV4_INFO "c0 0 2 1  5 0 0 0",
	    "c0 0 2 1", NULL, 5, -1, -1 },

	/* Not to be believed. */
	{ "level of another",
	    "18 0 0 0 0 0 0 0  6 0 0 0  13 0 0 0 "
	    "c0 0 2 1  5 0 0 0",
	    NULL, NULL, 0, -1, -1 },
	{ "IPv4, too short",
	    "14 0 0 0 0 0 0 0  0 0 0 0  13 0 0 0 "
	    "c0 0 2 1 " PAD,
	    NULL, NULL, 0, -1, -1 },
	{ "IPv6, too short", "20 0 0 0 0 0 0 0  29 0 0 0  13 0 0 0 " GLOBAL,
	    NULL, NULL, 0, -1, -1 },
	{ "TTL, too short", "12 0 0 0 0 0 0 0  0 0 0 0  4 0 0 0  40 0", NULL,
	    NULL, 0, -1, -1 },
	{ "cut in the header", "18 0 0 0 0 0 0 0  0 0 0 0  13 0 0", NULL, NULL,
	    0, -1, -1 },
	{ "cut in the data", IPV4_INFO "c0 0 2 1  5 0 0", NULL, NULL, 0, -1,
	    -1 },
	{ "length 0", "0 0 0 0 0 0 0 0  0 0 0 0  13 0 0 0  c0 0 2 1  5 0 0 0",
	    NULL, NULL, 0, -1, -1 },
	{ "length less than a header",
	    "f 0 0 0 0 0 0 0  0 0 0 0  13 0 0 0  c0 0 2 1  5 0 0 0", NULL, NULL,
	    0, -1, -1 },
	{ "length past the end",
	    "19 0 0 0 0 0 0 0  0 0 0 0  13 0 0 0  c0 0 2 1  5 0 0 0", NULL,
	    NULL, 0, -1, -1 },
	{ "length without end",
	    "ff ff ff ff ff ff ff ff  0 0 0 0  13 0 0 0 "
	    "c0 0 2 1  5 0 0 0",
	    NULL, NULL, 0, -1, -1 },
	{ "the second one is cut",
	    IPV4_INFO "c0 0 2 1  5 0 0 0 "
		      "18 0 0 0 0 0 0 0  29 0 0 0",
	    "c0 0 2 1", NULL, 5, -1, -1 },
};

static void
decode(const char *control, DWORD flags, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	_Alignas(8) uint8_t bytes[CONTROL_SIZE];
	WSAMSG message = { .dwFlags = flags };

	message.Control.buf = (char *)bytes;
	message.Control.len =
	    (ULONG)windows_bytes(control, bytes, sizeof(bytes));
	memset(arrival, 0xa5, sizeof(*arrival));
	memset(received, 0xa5, sizeof(*received));
	mh__control_decode(&message, arrival, received);
}

START_TEST(test_decode)
{
	const struct decode_case *row = &decodes[_i];
	uint8_t expected[16] = { 0 };
	struct mh__arrival arrival;
	struct mh_datagram received;

	decode(row->control, 0, &arrival, &received);
	ck_assert_msg(arrival.has_ipv4 == (row->ipv4 != NULL) &&
		arrival.has_ipv6 == (row->ipv6 != NULL),
	    "%s: told %d, %d", row->name, arrival.has_ipv4, arrival.has_ipv6);
	if (row->ipv4 != NULL)
		windows_bytes(row->ipv4, expected, 4);
	ck_assert_msg(memcmp(arrival.ipv4_target, expected, 4) == 0,
	    "%s: other IPv4 address", row->name);
	memset(expected, 0, sizeof(expected));
	ck_assert_msg(memcmp(arrival.ipv4_source, expected, 4) == 0,
	    "%s: there is no other source", row->name);
	if (row->ipv6 != NULL)
		windows_bytes(row->ipv6, expected, 16);
	ck_assert_msg(memcmp(arrival.ipv6_target, expected, 16) == 0,
	    "%s: other IPv6 address", row->name);
	ck_assert_msg(arrival.if_index == row->if_index, "%s: interface %u",
	    row->name, (unsigned int)arrival.if_index);
	ck_assert_msg(!arrival.to_broadcast, "%s: broadcast", row->name);
	ck_assert_msg(received.ttl == row->ttl && received.tos == row->tos,
	    "%s: TTL %d, TOS %d", row->name, received.ttl, received.tos);
}
END_TEST

START_TEST(test_broadcast)
{
	struct mh__arrival arrival;
	struct mh_datagram received;

	decode(IPV4_INFO "c0 0 2 ff  5 0 0 0", MSG_BCAST, &arrival, &received);
	ck_assert(arrival.to_broadcast && arrival.has_ipv4);
	decode("", MSG_BCAST | MSG_CTRUNC, &arrival, &received);
	ck_assert(arrival.to_broadcast);
	decode("", MSG_MCAST | MSG_CTRUNC, &arrival, &received);
	ck_assert(!arrival.to_broadcast);
}
END_TEST

/* Datagrams of the host itself may come without any. */
START_TEST(test_no_buffer)
{
	WSAMSG message = { .dwFlags = 0 };
	struct mh__arrival arrival;
	struct mh_datagram received;

	mh__control_decode(&message, &arrival, &received);
	ck_assert(!arrival.has_ipv4 && !arrival.has_ipv6);
	ck_assert_int_eq(received.ttl, -1);
}
END_TEST

Suite *
windows_control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("decode");

	tcase_add_loop_test(tcase, test_decode, 0, LENGTH(decodes));
	tcase_add_test(tcase, test_broadcast);
	tcase_add_test(tcase, test_no_buffer);
	suite_add_tcase(suite, tcase);
	return suite;
}
