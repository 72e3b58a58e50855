/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/raw.c: whatever comes.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static const struct protocols_request requests[] = {
	{ ".", -1, "68656c6c6f", 5 },
};

static const struct protocols_case self = {
	.protocol = &protocol_raw,
	.port = 0,
	.serve = protocols_serve_same,
	.bits = 0,
	.nonce = false,
	.least = 0,
	.detail = "5 bytes: 68 65 6c 6c 6f",
	.requests = requests,
	.request_count = LENGTH(requests),
};

/* As many bytes as are shown, and not one more. */
static const struct {
	size_t length;
	const char *detail;
} details[] = {
	{ 0, "0 bytes" },
	{ 1, "1 bytes: 00" },
	{ 15, "15 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e" },
	{ 16, "16 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" },
	{ 17, "17 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" },
	{ 65507,
	    "65507 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" },
};

START_TEST(test_raw_detail)
{
	struct protocol_query query = protocols_query(0x80);
	struct protocol_answer answer;
	static uint8_t data[65507];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	ck_assert(protocols_match(
	    &protocol_raw, &query, data, details[_i].length, &answer));
	ck_assert_str_eq(answer.detail, details[_i].detail);
	ck_assert_uint_eq(answer.bits, 0);
}
END_TEST

Suite *
protocol_raw_suite(void)
{
	Suite *suite = suite_create("probe raw");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_loop_test(tcase, test_raw_detail, 0, LENGTH(details));
	suite_add_tcase(suite, tcase);
	return suite;
}
