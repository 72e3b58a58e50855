/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/protocol.c: the table of protocols, and what may be shown
 * of a reply.
 */
#include "probe/protocols/protocol.h"

#include "unit/probe/suites.h"

#include <string.h>

static const struct protocol *const protocols[] = { &protocol_echo,
	&protocol_whoami, &protocol_daytime, &protocol_time, &protocol_dns,
	&protocol_ntp, &protocol_stun, &protocol_stamp, &protocol_snmp,
	&protocol_sip, &protocol_coap, &protocol_sockperf, &protocol_beacon,
	&protocol_unity, &protocol_raw };

/* The order is that of the help. */
START_TEST(test_table)
{
	size_t i;

	for (i = 0; i < LENGTH(protocols); i++)
		ck_assert_ptr_eq(protocol_table[i], protocols[i]);
	ck_assert_ptr_null(protocol_table[i]);
}
END_TEST

START_TEST(test_find_none)
{
	ck_assert_ptr_null(protocol_find(""));
	ck_assert_ptr_null(protocol_find("ech"));
	ck_assert_ptr_null(protocol_find("echoo"));
}
END_TEST

/* What is not printable does not reach a terminal. */
START_TEST(test_detail)
{
	struct protocol_answer answer = { .bits = 0 };
	char text[300];

	protocol_detail(&answer, "a\033[2Jb\x80\t\x7f~ c\nd", 14);
	ck_assert_str_eq(answer.detail, "a?[2Jb???~ c");
	memset(text, 'x', sizeof(text));
	protocol_detail(&answer, text, sizeof(text));
	ck_assert_uint_eq(strlen(answer.detail), sizeof(answer.detail) - 1);
}
END_TEST

Suite *
protocol_suite(void)
{
	Suite *suite = suite_create("probe protocol");
	TCase *tcase = tcase_create("protocol");

	tcase_add_test(tcase, test_table);
	tcase_add_test(tcase, test_find_none);
	tcase_add_test(tcase, test_detail);
	suite_add_tcase(suite, tcase);
	return suite;
}
