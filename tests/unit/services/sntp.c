/* SPDX-License-Identifier: ISC */
/*
 * src/services/sntp.c: packets to the octet, times, what is no request, and
 * that it claims nothing that the system does not say.  Pure.
 */
#include "common/bytes.h"
#include "unit/services/ask.h"

#include <string.h>

#define PACKET 48

/* 2026-11-26 17:20:00 UTC, which is ecd1b540 in NTP's count. */
#define NOW (INT64_C(1764177600) * SECOND)

static unsigned int stratum;
static struct service_context context;
static uint8_t bytes[200], answer[PACKET];
static struct mh_datagram request;
static struct service_reply reply;

static void
setup(void)
{
	stratum = 10;
	context = (struct service_context){ .settings = &stratum,
		.now.utc_ns = NOW + SECOND / 2,
		.quality = { .synchronised = true, .precision = -20 } };
	request = (struct mh_datagram){ .data = bytes, .arrived_ns = NOW };
	reply = (struct service_reply){ .data = answer, .room = PACKET };
	memset(answer, 0xee, sizeof(answer));
	/* A request with a number in every octet. */
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0x40 + i);
	bytes[0] = 4 << 3 | 3;
	request.length = PACKET;
}

/* Ask, and let the reply depart. */
static enum service_outcome
query(void)
{
	enum service_outcome outcome =
	    service_sntp.answer(&request, &context, &reply);

	if (outcome == SERVICE_REPLY)
		service_sntp.depart(&context, &reply);
	return outcome;
}

static void
expect_octets(const char *text)
{
	uint8_t expected[PACKET];

	ck_assert_uint_eq(ask_hex(text, expected, PACKET), PACKET);
	ck_assert_uint_eq(reply.length, PACKET);
	ck_assert_mem_eq(answer, expected, PACKET);
}

/* As captured of a server on a host without a time source. */
START_TEST(test_unsynchronised)
{
	context.quality = (struct service_quality){ .precision = -20,
		.dispersion_us = 16000000 };
	memset(bytes, 0, PACKET);
	bytes[0] = 0xe3;
	bytes_put64(bytes + 40, UINT64_C(0xeeb2eb523eb90800));
	/* But for these, whose fractions are not rounded. */
	request.arrived_ns = INT64_C(1795714258) * SECOND + 125000000;
	context.now.utc_ns = INT64_C(1795714258) * SECOND + 250000000;
	ck_assert_int_eq(query(), SERVICE_REPLY);
	expect_octets("e4 00 00 ec 00000000 00100000 494e4954 0000000000000000"
		      "eeb2eb523eb90800 eeb2eb5220000000 eeb2eb5240000000");
}
END_TEST

START_TEST(test_synchronised)
{
	context.quality.dispersion_us = 2000;
	bytes[2] = 6;
	ck_assert_int_eq(query(), SERVICE_REPLY);
	expect_octets("24 0a 06 ec 00000000 00000084 7f7f0101 ecd1b54000000000"
		      "68696a6b6c6d6e6f ecd1b54000000000 ecd1b54080000000");
}
END_TEST

/* Nothing of it is believed as long as it is not synchronised. */
static const struct {
	struct service_quality quality;
	unsigned int stratum;
	uint8_t leap, sent; /* leap indicator, stratum */
	const char *reference;
	uint32_t dispersion;
} qualities[] = {
	{ { true, 0, -20, 0 }, 2, 0, 2, "\x7f\x7f\1\1", 0 },
	{ { true, 1, -20, 1 }, 15, 1, 15, "\x7f\x7f\1\1", 1 },
	{ { true, -1, -20, 500000 }, 1, 2, 1, "LOCL", 0x8000 },
	{ { false, 0, -20, 0 }, 2, 3, 0, "INIT", 0x100000 },
	{ { false, 1, -20, 500 }, 1, 3, 0, "INIT", 0x100000 },
	{ { false, -1, -20, UINT32_MAX }, 15, 3, 0, "INIT", 0x100000 },
};

START_TEST(test_quality)
{
	const bool synchronised = qualities[_i].quality.synchronised;

	context.quality = qualities[_i].quality;
	stratum = qualities[_i].stratum;
	ck_assert_int_eq(query(), SERVICE_REPLY);
	ck_assert_uint_eq(answer[0], qualities[_i].leap << 6 | 4 << 3 | 4);
	ck_assert_uint_eq(answer[1], qualities[_i].sent);
	ck_assert_uint_eq(answer[3], 0xec);
	ck_assert_uint_eq(bytes_get32(answer + 8), qualities[_i].dispersion);
	ck_assert_mem_eq(answer + 12, qualities[_i].reference, 4);
	ck_assert_uint_eq(bytes_get64(answer + 16),
	    synchronised ? UINT64_C(0xecd1b54000000000) : 0);
}
END_TEST

/* All that the first octet can be. */
START_TEST(test_versions_and_modes)
{
	const unsigned int version = (unsigned int)_i >> 3 & 7, mode = _i & 7;
	const bool known = version >= 1 && version <= 4;

	bytes[0] = (uint8_t)_i;
	ck_assert_int_eq(query(),
	    mode != 3    ? SERVICE_NOT_REQUEST
		: !known ? SERVICE_MALFORMED
			 : SERVICE_REPLY);
	if (mode == 3 && known)
		ck_assert_uint_eq(answer[0] & 0x3f, version << 3 | 4);
}
END_TEST

/* What follows, extensions and a MAC, is not sent back; less is no request. */
static const struct {
	size_t length;
	enum service_outcome outcome;
} lengths[] = {
	{ 0, SERVICE_MALFORMED },
	{ 1, SERVICE_MALFORMED },
	{ 47, SERVICE_MALFORMED },
	{ 48, SERVICE_REPLY },
	{ 49, SERVICE_REPLY },
	{ 68, SERVICE_REPLY },
	{ 200, SERVICE_REPLY },
};

START_TEST(test_lengths)
{
	request.length = lengths[_i].length;
	ck_assert_int_eq(query(), lengths[_i].outcome);
	if (lengths[_i].outcome != SERVICE_REPLY)
		return;
	ck_assert_uint_eq(reply.length, PACKET);
	ck_assert_mem_eq(answer + 24, bytes + 40, 8);
}
END_TEST

START_TEST(test_needs_room)
{
	const char *text;

	ask_room = PACKET - 1;
	ck_assert_int_eq(
	    ask(&service_sntp, &context, &request, &text), -SERVICE_NO_ROOM);
	ask_room = PACKET;
	ck_assert_int_eq(ask(&service_sntp, &context, &request, &text), PACKET);
}
END_TEST

/* Arrival: the kernel's, or else when it is read.  A clock that is set. */
START_TEST(test_times)
{
	request.arrived_ns = 0;
	ck_assert_int_eq(query(), SERVICE_REPLY);
	ck_assert_uint_eq(
	    bytes_get64(answer + 32), UINT64_C(0xecd1b54080000000));
	ck_assert_uint_eq(
	    bytes_get64(answer + 40), UINT64_C(0xecd1b54080000000));
	/* It waits for a full socket. */
	context.now.utc_ns = NOW + 3 * SECOND;
	service_sntp.depart(&context, &reply);
	ck_assert_uint_eq(
	    bytes_get64(answer + 40), UINT64_C(0xecd1b54300000000));
	/* It never leaves before it has come. */
	context.now.utc_ns = NOW;
	service_sntp.depart(&context, &reply);
	ck_assert_uint_eq(
	    bytes_get64(answer + 40), UINT64_C(0xecd1b54080000000));
	ck_assert_uint_eq(reply.length, PACKET);
}
END_TEST

/* From the last second of an era into the next one. */
START_TEST(test_era)
{
	request.arrived_ns = INT64_C(2085978495) * SECOND + SECOND / 2;
	context.now.utc_ns = INT64_C(2085978496) * SECOND;
	ck_assert_int_eq(query(), SERVICE_REPLY);
	ck_assert_uint_eq(
	    bytes_get64(answer + 16), UINT64_C(0xffffffff00000000));
	ck_assert_uint_eq(
	    bytes_get64(answer + 32), UINT64_C(0xffffffff80000000));
	ck_assert_uint_eq(bytes_get64(answer + 40), 0);
}
END_TEST

/* So its clients may ask from port 123, and two servers never loop. */
START_TEST(test_tells_replies)
{
	ck_assert(service_sntp.distinct_replies);
	ck_assert_int_eq(query(), SERVICE_REPLY);
	memcpy(bytes, answer, PACKET);
	ck_assert_int_eq(query(), SERVICE_NOT_REQUEST);
}
END_TEST

/* No client prefers a clock of unknown origin to a server's. */
START_TEST(test_default)
{
	const struct service_key *key =
	    service_key_find(&service_sntp, "stratum");

	ck_assert_ptr_nonnull(key);
	ck_assert_str_eq(key->initial, "10");
	ck_assert_str_eq(key->argument, "1-15");
}
END_TEST

/* What was cut off since it was made keeps its end. */
START_TEST(test_cut_off)
{
	uint8_t before[PACKET];

	memset(answer, 0xa5, sizeof(answer));
	memcpy(before, answer, PACKET);
	reply.data = answer;
	for (reply.length = 0; reply.length < PACKET; reply.length++) {
		service_sntp.depart(&context, &reply);
		ck_assert_mem_eq(answer, before, PACKET);
	}
	service_sntp.depart(&context, &reply);
	ck_assert_mem_ne(answer, before, PACKET);
}
END_TEST

Suite *
sntp_suite(void)
{
	Suite *suite = suite_create("sntp");
	TCase *tcase = ask_tcase("sntp");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_unsynchronised);
	tcase_add_test(tcase, test_synchronised);
	tcase_add_loop_test(tcase, test_quality, 0, LENGTH(qualities));
	tcase_add_loop_test(tcase, test_versions_and_modes, 0, 256);
	tcase_add_loop_test(tcase, test_lengths, 0, LENGTH(lengths));
	tcase_add_test(tcase, test_needs_room);
	tcase_add_test(tcase, test_times);
	tcase_add_test(tcase, test_era);
	tcase_add_test(tcase, test_tells_replies);
	tcase_add_test(tcase, test_default);
	tcase_add_test(tcase, test_cut_off);
	suite_add_tcase(suite, tcase);
	return suite;
}
