/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/echo.c: the number and the rest of the bytes come back.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static const struct protocols_request requests[] = {
	{ ".", -1, "????????", 32 },
	{ ".", 0, "", 0 },
	{ ".", 65507, "????????", 65507 },
};

static const struct protocols_case self = {
	.protocol = &protocol_echo,
	.port = 7,
	.serve = protocols_serve_same,
	.bits = 32,
	.nonce = true,
	.least = 1,
	.detail = "",
	.requests = requests,
	.request_count = LENGTH(requests),
};

/* An empty answer is one only to an empty request. */
START_TEST(test_echo_empty)
{
	struct protocol_query query = protocols_query(0x80);
	struct protocol_answer told;
	int size;

	for (size = -1; size < 2; size++) {
		query.size = size;
		ck_assert_int_eq(protocols_match(&protocol_echo, &query,
				     (const uint8_t *)"", 0, &told),
		    size == 0);
	}
}
END_TEST

/* The size of an echo tells which request it was; small ones say less. */
START_TEST(test_echo_sizes)
{
	struct protocol_query query = protocols_query(0x80);
	uint8_t data[64];
	struct protocol_answer told;

	query.size = _i;
	ck_assert_int_eq(protocol_echo.build(&query, 0x01020304, data), _i);
	ck_assert(
	    protocols_match(&protocol_echo, &query, data, (size_t)_i, &told));
	ck_assert_uint_eq(told.request_size, _i);
	ck_assert_uint_eq(told.bits, _i < 4 ? 8 * _i : 32);
	if (_i < 5)
		return;
	data[_i - 1] ^= 1;
	ck_assert(
	    !protocols_match(&protocol_echo, &query, data, (size_t)_i, &told));
}
END_TEST

Suite *
protocol_echo_suite(void)
{
	Suite *suite = suite_create("probe echo");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_test(tcase, test_echo_empty);
	tcase_add_loop_test(tcase, test_echo_sizes, 0, 40);
	suite_add_tcase(suite, tcase);
	return suite;
}
