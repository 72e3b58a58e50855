/* SPDX-License-Identifier: ISC */
/*
 * src/services/stamp_tlv.c: what becomes of each TLV, of malformed ones, and of
 * the HMAC TLV in every position.
 */
#include "services/stamp_tlv.h"

#include "unit/services/ask.h"

#include <stdlib.h>
#include <string.h>

/* An IPv4 request with DSCP 46 and ECN 2, and the same over IPv6. */
static struct mh_datagram ipv4, ipv6;
static const struct service_quality good_clock = { .synchronised = true };
static struct mac_key key;
static const uint8_t request_number[4] = { 0, 0, 0, 7 };
static const uint8_t reply_number[4] = { 0, 0, 0, 9 };

static void
setup(void)
{
	uint8_t bytes[32];
	unsigned int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	mac_set_key(&key, bytes, sizeof(bytes));
	ipv4 = (struct mh_datagram){ .peer = unit_address("198.51.100.9:4660"),
		.local = unit_address("192.0.2.1:862"),
		.tos = 46 << 2 | 2,
		.arrived_ns = 1 };
	ipv6 = ipv4;
	ipv6.peer = unit_address("[2001:db8::9]:4660");
	ipv6.local = unit_address("[2001:db8::1]:862");
}

static struct stamp_tlvs
plain(void)
{
	return (struct stamp_tlvs){ .request = &ipv4,
		.quality = &good_clock,
		.dscp_allowed = true,
		.sequence = request_number,
		.reply_sequence = reply_number,
		.tos = -1 };
}

static struct stamp_tlvs
stateful(void)
{
	struct stamp_tlvs tlvs = plain();

	tlvs.stateful = true;
	tlvs.received = 0x102;
	tlvs.sent = 0x101;
	return tlvs;
}

/* The first reply of a session; and one after another whose time is known. */
static struct stamp_tlvs
first(void)
{
	struct stamp_tlvs tlvs = stateful();

	tlvs.sent = 1;
	return tlvs;
}

static struct stamp_tlvs
following(void)
{
	struct stamp_tlvs tlvs = stateful();

	tlvs.previous_left = UINT64_C(0x0123456789abcdef);
	return tlvs;
}

static struct stamp_tlvs
over_ipv6(void)
{
	struct stamp_tlvs tlvs = plain();

	tlvs.request = &ipv6;
	return tlvs;
}

/* No time of arrival, a clock that nobody sets, no DSCP of theirs. */
static struct stamp_tlvs
restricted(void)
{
	static const struct service_quality unsynchronised;
	static struct mh_datagram request;
	struct stamp_tlvs tlvs = plain();

	request = ipv4;
	request.arrived_ns = 0;
	request.tos |= 3;
	tlvs.request = &request;
	tlvs.quality = &unsynchronised;
	tlvs.dscp_allowed = false;
	return tlvs;
}

static struct stamp_tlvs
with_key(void)
{
	struct stamp_tlvs tlvs = plain();

	tlvs.key = &key;
	return tlvs;
}

/* So that both digests are of the same number: the vectors. */
static struct stamp_tlvs
with_key_stateless(void)
{
	struct stamp_tlvs tlvs = with_key();

	tlvs.reply_sequence = request_number;
	return tlvs;
}

static struct stamp_tlvs
authenticated(void)
{
	struct stamp_tlvs tlvs = with_key_stateless();

	tlvs.authenticated = true;
	return tlvs;
}

#define DIGEST "f4a72bd7e0b18ea64a512ca9207c6563"
#define REPLY_DIGEST "7c8ce256ed99e91e181df488494fc327"
/* Over 00000009 and the same TLV. */
#define OTHER_DIGEST "503aee7ce4b561ac1ab911e831cbee98"

static const struct row {
	struct stamp_tlvs (*about)(void);
	const char *request, *reply;
	int tos;
	unsigned int unrecognized, malformed;
	bool not_authentic;
} rows[] = {
	{ plain, "", "", -1, 0, 0, false },
	/* Less than a head is none: copied. */
	{ plain, "80 01 00", "80 01 00", -1, 0, 0, false },
	{ plain, "8001 0000 80", "0001 0000 80", -1, 0, 0, false },
	/* 1: Extra Padding, many of any length; the sender's other flags and
	 * the reserved ones go. */
	{ plain, "8001 0000", "0001 0000", -1, 0, 0, false },
	{ plain, "ff01 0003 aabbcc 8001 0001 dd",
	    "0001 0003 aabbcc 0001 0001 dd", -1, 0, 0, false },
	/* 2: Location, with ports alone, ... */
	{ plain, "8002 0004 00000000", "0002 0004 035e 1234", -1, 0, 0, false },
	{ plain, "8002 0003 000000", "4002 0003 000000", -1, 0, 1, false },
	/* ... and what it can be asked; the type says which family. */
	{ plain, "8002 002c 00000000 8004 0010 00*16 8007 0010 00*16",
	    "0002 002c 035e1234 0005 0010 c0000201 00*12 "
	    "0008 0010 c6336409 00*12",
	    -1, 0, 0, false },
	{ over_ipv6, "8002 002c 00000000 8007 0010 00*16 8004 0010 00*16",
	    "0002 002c 035e1234 0009 0010 20010db8 00*11 09"
	    "0006 0010 20010db8 00*11 01",
	    -1, 0, 0, false },
	/* A MAC address is not known: EUI-64 and zeros. */
	{ plain, "8002 0010 00000000 8001 0008 ff*8",
	    "0002 0010 035e1234 0003 0008 00*8", -1, 0, 0, false },
	/* Unknown, malformed and broken off sub-TLVs. */
	{ plain, "8002 0010 00000000 8005 0001 aa 8009 0000 bbccdd",
	    "0002 0010 035e1234 8005 0001 aa 8009 0000 bbccdd", -1, 0, 0,
	    false },
	{ plain, "8002 0018 00000000 8001 0007 00*7 8001 0005 00*5",
	    "0002 0018 035e1234 4001 0007 00*7 8001 0005 00*5", -1, 0, 0,
	    false },
	{ plain, "8002 000a 00000000 8004 0010 0000 8001 0000",
	    "0002 000a 035e1234 4004 0010 0000 0001 0000", -1, 0, 0, false },
	/* 3: Timestamp Information, perhaps with sub-TLVs. */
	{ plain, "8003 0004 00000000", "0003 0004 01020102", -1, 0, 0, false },
	{ restricted, "8003 0004 00000000", "0003 0004 05030502", -1, 0, 0,
	    false },
	{ plain, "8003 0008 00000000 80000000", "0003 0008 01020102 80000000",
	    -1, 0, 0, false },
	{ plain, "8003 0003 000000", "4003 0003 000000", -1, 0, 1, false },
	/* 4: Class of Service; DSCP1 10, then 46 and 2 as received. */
	{ plain, "8004 0004 28000000", "0004 0004 2ae80000", 40, 0, 0, false },
	{ plain, "8004 0004 2bffffff", "0004 0004 2ae80000", 40, 0, 0, false },
	{ plain, "8004 0004 00000000", "0004 0004 02e80000", 0, 0, 0, false },
	{ restricted, "8004 0004 28000000", "0004 0004 2aed0000", 46 << 2, 0, 0,
	    false },
	{ plain, "8004 0003 280000", "4004 0003 280000", -1, 0, 1, false },
	/* The first one decides, and RP of another one says so. */
	{ plain, "8004 0004 28000000 8004 0004 2c000000",
	    "0004 0004 2ae80000 0004 0004 2ee90000", 40, 0, 0, false },
	{ plain, "8004 0004 28000000 8004 0004 28000000",
	    "0004 0004 2ae80000 0004 0004 2ae80000", 40, 0, 0, false },
	/* 5: Direct Measurement needs a session. */
	{ plain, "8005 000c 01020304 00*8", "8005 000c 01020304 00*8", -1, 1, 0,
	    false },
	{ stateful, "8005 000c 01020304 00*8",
	    "0005 000c 01020304 00000102 00000101", -1, 0, 0, false },
	{ stateful, "8005 0008 01020304 00*4", "4005 0008 01020304 00*4", -1, 0,
	    1, false },
	/* 6: Access Report. */
	{ plain, "8006 0004 10010000", "0006 0004 10010000", -1, 0, 0, false },
	{ plain, "8006 0004 2f02ffff", "0006 0004 2f02ffff", -1, 0, 0, false },
	{ plain, "8006 0004 30010000", "8006 0004 30010000", -1, 1, 0, false },
	{ plain, "8006 0004 00010000", "8006 0004 00010000", -1, 1, 0, false },
	{ plain, "8006 0005 1001000000", "4006 0005 1001000000", -1, 0, 1,
	    false },
	/* 7: Follow-Up Telemetry of the previous reply, if there was one, and
	 * its time if known; zeros if stateless or malformed. */
	{ plain, "8007 0010 ff*16", "0007 0010 00*16", -1, 0, 0, false },
	{ first, "8007 0010 ff*16", "0007 0010 00*16", -1, 0, 0, false },
	{ stateful, "8007 0010 ff*16", "0007 0010 000000ff 00*12", -1, 0, 0,
	    false },
	{ following, "8007 0010 ff*16",
	    "0007 0010 000000ff 0123456789abcdef 02 000000", -1, 0, 0, false },
	{ following, "8007 0011 ff*17", "4007 0011 00*17", -1, 0, 1, false },
	{ plain, "8007 000c ff*12 8001 0000", "4007 000c 00*12 8001 0000", -1,
	    0, 1, false },
	{ plain, "8007 0010 ff*15", "4007 0010 00*15", -1, 0, 1, false },
	/* 9: Destination Node Address: the one that was asked, or not ours. */
	{ plain, "8009 0004 c0000201", "0009 0004 c0000201", -1, 0, 0, false },
	{ plain, "8009 0004 c0000202", "8009 0004 c0000202", -1, 1, 0, false },
	{ plain, "8009 0010 c0000201 00*12", "8009 0010 c0000201 00*12", -1, 1,
	    0, false },
	{ over_ipv6, "8009 0010 20010db8 00*11 01",
	    "0009 0010 20010db8 00*11 01", -1, 0, 0, false },
	{ over_ipv6, "8009 0004 20010db8", "8009 0004 20010db8", -1, 1, 0,
	    false },
	{ plain, "8009 0005 c000020100", "4009 0005 c000020100", -1, 0, 1,
	    false },
	/* Unknown ones: return path, micro-session, what we refuse. */
	{ plain, "000a 0008 8001 0004 00000000", "800a 0008 8001 0004 00000000",
	    -1, 1, 0, false },
	{ plain, "800b 0004 00010002 800c 0004 00000000",
	    "800b 0004 00010002 800c 0004 00000000", -1, 2, 0, false },
	{ plain, "00ff 0000 00f0 0000 00fc 0004 00000000",
	    "80ff 0000 80f0 0000 80fc 0004 00000000", -1, 3, 0, false },
	/* Somebody's padding of zeros reads as three. */
	{ plain, "00*14", "80000000 80000000 80000000 0000", -1, 3, 0, false },
	/* Malformed: as it came from there on. */
	{ plain, "8001 0001 aa 8001 0005 bbcc 8004",
	    "0001 0001 aa 4001 0005 bbcc 8004", -1, 0, 1, false },
	{ plain, "8004 0005 2800000000 8004 0004 28000000",
	    "4004 0005 2800000000 8004 0004 28000000", -1, 0, 1, false },
	{ plain, "80ff ffff", "40ff ffff", -1, 0, 1, false },

	/* 8: HMAC, facts B3. */
	{ with_key_stateless, "8004 0004 28000000 8008 0010" DIGEST,
	    "0004 0004 2ae80000 0008 0010" REPLY_DIGEST, 40, 0, 0, false },
	{ authenticated, "8004 0004 28000000 8008 0010" DIGEST,
	    "0004 0004 2ae80000 0008 0010" REPLY_DIGEST, 40, 0, 0, false },
	/* Of the reply's own number. */
	{ with_key, "8004 0004 28000000 8008 0010" DIGEST,
	    "0004 0004 2ae80000 0008 0010" OTHER_DIGEST, 40, 0, 0, false },
	/* Padding may follow, and nothing else. */
	{ with_key_stateless,
	    "8004 0004 28000000 8008 0010" DIGEST "8001 0002 aabb 8001 0000",
	    "0004 0004 2ae80000 0008 0010" REPLY_DIGEST
	    "0001 0002 aabb 0001 0000",
	    40, 0, 0, false },
	{ with_key_stateless,
	    "8004 0004 28000000 8008 0010" DIGEST "8003 0004 00000000",
	    "a004 0004 28000000 a008 0010" DIGEST "a003 0004 00000000", -1, 0,
	    0, true },
	{ with_key_stateless,
	    "8004 0004 28000000 8008 0010" DIGEST "8008 0010" DIGEST,
	    "a004 0004 28000000 a008 0010" DIGEST "a008 0010" DIGEST, -1, 0, 0,
	    true },
	{ with_key_stateless, "8008 0010" DIGEST "8004 0004 28000000",
	    "a008 0010" DIGEST "a004 0004 28000000", -1, 0, 0, true },
	/* What is malformed is said under a digest of its own. */
	{ with_key_stateless,
	    "8004 0005 2800000000 8008 0010 4ef2c27dc1dddd0c32252a1f166bd0b0",
	    "4004 0005 2800000000 8008 0010 080a28a5652c14b532f73f7ac5d40d40",
	    -1, 0, 1, false },
	/* Wrong: in the digest, in what it protects, in length. */
	{ with_key_stateless, "8004 0004 28000000 8008 0010 00*16",
	    "a004 0004 28000000 a008 0010 00*16", -1, 0, 0, true },
	{ with_key_stateless, "8004 0004 2c000000 8008 0010" DIGEST,
	    "a004 0004 2c000000 a008 0010" DIGEST, -1, 0, 0, true },
	{ with_key_stateless, "0004 0004 28000000 8008 0010" DIGEST,
	    "2004 0004 28000000 a008 0010" DIGEST, -1, 0, 0, true },
	{ with_key_stateless, "8004 0004 28000000 8008 0008 f4a72bd7e0b18ea6",
	    "a004 0004 28000000 a008 0008 f4a72bd7e0b18ea6", -1, 0, 0, true },
	/* No key here. */
	{ plain, "8004 0004 28000000 8008 0010" DIGEST,
	    "a004 0004 28000000 a008 0010" DIGEST, -1, 0, 0, true },
	/* Not required unless authenticated; then of all but one padding. */
	{ with_key, "8004 0004 28000000", "0004 0004 2ae80000", 40, 0, 0,
	    false },
	{ authenticated, "8004 0004 28000000", "a004 0004 28000000", -1, 0, 0,
	    true },
	{ authenticated, "8001 0002 aabb", "0001 0002 aabb", -1, 0, 0, false },
	{ authenticated, "8001 0000 8001 0000", "a001 0000 a001 0000", -1, 0, 0,
	    true },
	{ authenticated, "", "", -1, 0, 0, false },
	/* Cut off, it is none. */
	{ authenticated, "8008 0010 00*15", "a008 0010 00*15", -1, 0, 0, true },
	{ with_key, "8008 0010 00*15", "4008 0010 00*15", -1, 0, 1, false },
};

START_TEST(test_reflects)
{
	const struct row *row = &rows[_i];
	struct stamp_tlvs tlvs = row->about();
	uint8_t bytes[256], expected[256];
	size_t length = ask_hex(row->request, bytes, sizeof(bytes));
	size_t i;

	ck_assert_uint_eq(
	    ask_hex(row->reply, expected, sizeof(expected)), length);
	if (row->about().key != NULL && !mac_is_available())
		return;
	stamp_tlv_reflect(&tlvs, bytes, length);
	for (i = 0; i < length; i++)
		ck_assert_msg(bytes[i] == expected[i],
		    "%s: octet %zu is %02x, not %02x", row->request, i,
		    bytes[i], expected[i]);
	ck_assert_int_eq(tlvs.tos, row->tos);
	ck_assert_uint_eq(tlvs.unrecognized, row->unrecognized);
	ck_assert_uint_eq(tlvs.malformed, row->malformed);
	ck_assert_int_eq(tlvs.not_authentic, row->not_authentic);
}
END_TEST

/* Reports are worth their while only for those who ask, and get it. */
START_TEST(test_follows_up)
{
	static const struct {
		struct stamp_tlvs (*about)(void);
		const char *request;
		bool follows_up;
	} cases[] = {
		{ stateful, "8007 0010 00*16", true },
		{ following, "8001 0000 8007 0010 00*16", true },
		{ plain, "8007 0010 00*16", false },
		{ stateful, "8005 000c 00*12", false },
		{ stateful, "8007 000f 00*15", false },
		{ stateful, "8007 0010 00*16 8008 0010 00*16", false },
	};
	struct stamp_tlvs tlvs = cases[_i].about();
	uint8_t bytes[64];

	stamp_tlv_reflect(
	    &tlvs, bytes, ask_hex(cases[_i].request, bytes, sizeof(bytes)));
	ck_assert_int_eq(tlvs.follows_up, cases[_i].follows_up);
}
END_TEST

/* Cut off anywhere, a packet keeps its length and what is not a TLV. */
START_TEST(test_cut_off)
{
	static const char packet[] =
	    "8002 002c 00000000 8004 0010 00*16 8007 0010 00*16 "
	    "8003 0004 00000000 8004 0004 28000000 8005 000c 00*12 "
	    "8007 0010 00*16 8009 0004 c0000201 8001 0003 aabbcc";
	struct stamp_tlvs tlvs = stateful();
	uint8_t bytes[256], *copy;
	size_t length = ask_hex(packet, bytes, sizeof(bytes)), cut;

	for (cut = 0; cut <= length; cut++) {
		/* Of exactly its size, so that sanitizers see more. */
		copy = malloc(cut + 1);
		memcpy(copy, bytes, cut);
		copy[cut] = 0xee;
		stamp_tlv_reflect(&tlvs, copy, cut);
		ck_assert_uint_eq(copy[cut], 0xee);
		free(copy);
	}
}
END_TEST

Suite *
stamp_tlv_suite(void)
{
	Suite *suite = suite_create("stamp_tlv");
	TCase *tcase = ask_tcase("stamp_tlv");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_reflects, 0, LENGTH(rows));
	tcase_add_test(tcase, test_cut_off);
	tcase_add_loop_test(tcase, test_follows_up, 0, 6);
	suite_add_tcase(suite, tcase);
	return suite;
}
