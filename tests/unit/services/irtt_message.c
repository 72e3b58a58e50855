/* SPDX-License-Identifier: ISC */
/*
 * src/services/irtt_message.c: what is a parameter, where fields are in all
 * layouts, and times.  Pure.
 */
#include "services/irtt_message.h"

#include "common/bytes.h"
#include "unit/services/ask.h"

#include <stdlib.h>
#include <string.h>

/* Version 1, 127 ns and 63 ns: before what is tested. */
#define REST "0102 02fe01 037e "

static const struct {
	const char *params;
	bool good;
} params[] = {
	{ REST, true },
	{ "", false },
	{ "02fe01 037e", false },
	{ "0102 037e", false },
	{ "0102 02fe01", false },
	/* 0 and less than it are written as 0 and as odd numbers. */
	{ REST "0100", false },
	{ REST "0103", false },
	{ REST "0200", false },
	{ REST "0201", false },
	{ REST "0300", false },
	{ REST "0305", false },
	{ REST "02feffffffffffffffff01", true },
	{ REST "02ffffffffffffffffff01", false },
	{ REST "02feffffffffffffffff02", false },
	{ REST "0400", true },
	{ REST "0401", false },
	{ REST "04feffffffffffffffff01", true },
	{ REST "0506", true },
	{ REST "0508", false },
	{ REST "0501", false },
	{ REST "0608", true },
	{ REST "060a", false },
	{ REST "0706", true },
	{ REST "0708", false },
	{ REST "08fe03", true },
	{ REST "088004", false },
	{ REST "0900", true },
	{ REST "0920 78*32", true },
	{ REST "0921 78*33", false },
	{ REST "0920 78*31", false },
	{ REST "09", false },
	{ REST "05", false },
	{ REST "0580", false },
	{ REST "80", false },
	{ REST "0a01", true },
	{ REST "0a", false },
	{ REST "0afe0b 0b00", true },
	{ REST "00fe", false },
};

START_TEST(test_params)
{
	struct irtt_params read;
	uint8_t bytes[128], *exact;
	const size_t length = ask_hex(params[_i].params, bytes, sizeof(bytes));

	/* Of exactly its size, for the sanitizers. */
	exact = malloc(length + (length == 0));
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, bytes, length);
	ck_assert_int_eq(
	    irtt_read_params(&read, exact, length), params[_i].good);
	free(exact);
}
END_TEST

/* The most of everything, there and back. */
START_TEST(test_longest)
{
	struct irtt_params read,
	    written = { .version = INT64_MAX,
		    .duration = INT64_MAX,
		    .interval = INT64_MAX,
		    .length = INT64_MAX,
		    .stats = 3,
		    .stamp = 4,
		    .clock = 3,
		    .tos = 255,
		    .fill_length = IRTT_FILL_MAX };
	uint8_t bytes[IRTT_PARAMS_MAX + 1];
	size_t length;

	memset(written.fill, 'x', IRTT_FILL_MAX);
	memset(bytes, 0xee, sizeof(bytes));
	length = irtt_write_params(&written, bytes);
	ck_assert_uint_le(length, IRTT_PARAMS_MAX);
	ck_assert_uint_eq(bytes[length], 0xee);
	ck_assert(irtt_read_params(&read, bytes, length));
	ck_assert_int_eq(read.version, INT64_MAX);
	ck_assert_int_eq(read.duration, INT64_MAX);
	ck_assert_int_eq(read.interval, INT64_MAX);
	ck_assert_int_eq(read.length, INT64_MAX);
	ck_assert_uint_eq(irtt_layout_of(&read), 3 | 4 << 2 | 3 << 5);
	ck_assert_uint_eq(read.tos, 255);
	ck_assert_mem_eq(read.fill, written.fill, IRTT_FILL_MAX);
}
END_TEST

/* All layouts that there are: each field follows the one before it. */
START_TEST(test_fields)
{
	const unsigned int stats = (unsigned int)_i & 3;
	const unsigned int stamp = (unsigned int)_i >> 2 & 7;
	const unsigned int clock = (unsigned int)_i >> 5;
	const size_t time = clock == 0 ? 0 : clock == 3 ? 16 : 8;
	const struct irtt_params asked = { .stats = (uint8_t)stats,
		.stamp = (uint8_t)stamp,
		.clock = (uint8_t)clock };
	struct irtt_fields fields;
	size_t at, head;
	int digest;

	if (stamp > IRTT_STAMP_MIDPOINT)
		return;
	ck_assert_uint_eq(irtt_layout_of(&asked), (unsigned int)_i);
	for (digest = 0; digest < 2; digest++) {
		fields = irtt_fields_of((unsigned int)_i, digest != 0);
		head = digest == 0 ? 4 : 20;
		ck_assert_uint_eq(fields.token, head);
		ck_assert_uint_eq(fields.sequence, head + 8);
		at = head + 12;
		ck_assert_uint_eq(fields.count, (stats & 1) != 0 ? at : 0);
		at += (stats & 1) != 0 ? 4 : 0;
		ck_assert_uint_eq(fields.window, (stats & 2) != 0 ? at : 0);
		at += (stats & 2) != 0 ? 8 : 0;
		ck_assert_uint_eq(fields.receive, (stamp & 2) != 0 ? at : 0);
		at += (stamp & 2) != 0 ? time : 0;
		ck_assert_uint_eq(fields.midpoint, stamp == 4 ? at : 0);
		at += stamp == 4 ? time : 0;
		ck_assert_uint_eq(fields.send, (stamp & 1) != 0 ? at : 0);
		at += (stamp & 1) != 0 ? time : 0;
		ck_assert_uint_eq(fields.end, at);
		ck_assert_uint_le(at, IRTT_HEADER_MAX);
		ck_assert_uint_eq(fields.clock, clock);
	}
}
END_TEST

/* A packet of another protocol, or cut off, stays as it is. */
START_TEST(test_departure_of_others)
{
	uint8_t packet[61], before[61];

	memset(packet, 0xff, sizeof(packet));
	(void)ask_hex("14a75b02 6f00*7 00*4", packet, sizeof(packet));
	memcpy(before, packet, sizeof(packet));
	/* All statistics, both times of both clocks. */
	irtt_put_departure(packet, 59, 1, 2, 0);
	ck_assert_mem_eq(packet, before, sizeof(packet));
	irtt_put_departure(packet, 15, 1, 2, 0);
	ck_assert_mem_eq(packet, before, sizeof(packet));
	irtt_put_departure(packet, 60, 3, 2, 0);
	ck_assert_mem_eq(packet, before, 44);
	/* It came when the wall clock was said to be -1. */
	ck_assert_uint_eq(bytes_get_little64(packet + 44), 3);
	ck_assert_uint_eq(bytes_get_little64(packet + 52), 2);
	ck_assert_uint_eq(packet[60], 0xff);
	/* Nor when the other one was more than it is. */
	irtt_put_departure(packet, 60, 3, 2, 5);
	ck_assert_uint_eq(bytes_get_little64(packet + 52), 5);
}
END_TEST

/* What is within the limits, and what is at their ends. */
START_TEST(test_lower)
{
	const struct irtt_limits limits = { .duration = 100,
		.least_interval = 10,
		.most_interval = 20,
		.length = 1000 };
	struct irtt_params asked = {
		.duration = 100, .interval = 10, .length = 1000
	};
	struct irtt_fill fill;

	ck_assert(!irtt_lower_params(&asked, &limits, &fill));
	ck_assert(!fill.random);
	ck_assert_uint_eq(fill.length, 0);
	asked.interval = 20;
	ck_assert(!irtt_lower_params(&asked, &limits, &fill));
	asked.interval = 21;
	ck_assert(irtt_lower_params(&asked, &limits, &fill));
	ck_assert_int_eq(asked.interval, 20);
	asked.interval = 9;
	ck_assert(irtt_lower_params(&asked, &limits, &fill));
	ck_assert_int_eq(asked.interval, 10);
	asked.duration = 101;
	ck_assert(irtt_lower_params(&asked, &limits, &fill));
	ck_assert_int_eq(asked.duration, 100);
	asked.length = 1001;
	ck_assert(irtt_lower_params(&asked, &limits, &fill));
	ck_assert_int_eq(asked.length, 1000);
	asked.fill_length = 4;
	memcpy(asked.fill, "rand", 4);
	ck_assert(!irtt_lower_params(&asked, &limits, &fill));
	ck_assert(fill.random);
	memcpy(asked.fill, "ranD", 4);
	ck_assert(irtt_lower_params(&asked, &limits, &fill));
	ck_assert(!fill.random);
	ck_assert_uint_eq(asked.fill_length, 0);
}
END_TEST

/* Random bytes stay within their length, and a seed of 0 has some, too. */
START_TEST(test_random)
{
	const struct irtt_fill fill = { .random = true };
	uint8_t first[32], second[32];
	size_t i;

	for (i = 0; i < sizeof(first); i++) {
		memset(first, 0xee, sizeof(first));
		irtt_fill(&fill, 0, first, i);
		ck_assert_uint_eq(first[i], 0xee);
	}
	memset(second, 0, sizeof(second));
	ck_assert_mem_ne(first, second, 31);
	irtt_fill(&fill, 2, second, 31);
	ck_assert_mem_ne(first, second, 31);
}
END_TEST

Suite *
irtt_message_suite(void)
{
	Suite *suite = suite_create("irtt message");
	TCase *tcase = ask_tcase("irtt message");

	tcase_add_loop_test(tcase, test_params, 0, LENGTH(params));
	tcase_add_test(tcase, test_longest);
	tcase_add_loop_test(tcase, test_fields, 0, IRTT_LAYOUTS);
	tcase_add_test(tcase, test_departure_of_others);
	tcase_add_test(tcase, test_lower);
	tcase_add_test(tcase, test_random);
	suite_add_tcase(suite, tcase);
	return suite;
}
