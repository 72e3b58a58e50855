/* SPDX-License-Identifier: ISC */
/*
 * src/run/group/status.c: counters as text.
 */
#include "run/group/status.h"

#include "unit/run/group/suites.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	unsigned int processors;
} possible[] = {
	{ "0\n", 1 },
	{ "0-3\n", 4 },
	{ "0-1,4-7\n", 8 },
	{ "0,2", 3 },
	{ "0-65535\n", 65536 },
	{ "0-65536\n", 0 },
	{ "", 0 },
	{ "\n", 0 },
	{ "0-\n", 0 },
	{ "0;1\n", 0 },
};

START_TEST(test_processors)
{
	ck_assert_uint_eq(
	    status_processors(possible[_i].text), possible[_i].processors);
}
END_TEST

#define COUNTERS                                                           \
	"  learned 1\n  ignored 2\n  sourced 3\n  chosen 4\n  unasked 5\n" \
	"  expired 6\n  unclear 7\n"

static void
check_text(const struct status *status, const char *expected)
{
	struct strbuf text = { .text = NULL };

	status_print(&text, status);
	ck_assert_str_eq(text.text, expected);
	free(text.text);
}

START_TEST(test_print)
{
	struct status status = { .place = "top/a",
		.peers = 12,
		.entries = 64,
		.settings = { .idle = 60000000000 },
		.counters = { 1, 2, 3, 4, 5, 6, 7 } };

	status.settings.ports[0] = 1ull << 53;
	check_text(
	    &status, "top/a: 12 of 64 peers, idle 60 s, port 53\n" COUNTERS);
	status.settings.ports[1023] = 1ull << 63;
	check_text(&status,
	    "top/a: 12 of 64 peers, idle 60 s, ports 53 65535\n" COUNTERS);
	memset(status.settings.ports, 0xff, sizeof(status.settings.ports));
	check_text(
	    &status, "top/a: 12 of 64 peers, idle 60 s, all ports\n" COUNTERS);
}
END_TEST

Suite *
status_suite(void)
{
	Suite *suite = suite_create("status");
	TCase *tcase = tcase_create("status");

	tcase_add_loop_test(tcase, test_processors, 0, LENGTH(possible));
	tcase_add_test(tcase, test_print);
	suite_add_tcase(suite, tcase);
	return suite;
}
