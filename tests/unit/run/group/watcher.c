/* SPDX-License-Identifier: ISC */
/*
 * src/run/group/watcher.c: when is a group over?
 */
#include "run/group/watcher.h"

#include "unit/run/group/suites.h"
#include "unit/unit.h"

static const struct {
	const char *text;
	bool populated;
} events[] = {
	{ "populated 1\nfrozen 0\n", true },
	{ "populated 0\nfrozen 1\n", false },
	{ "frozen 0\npopulated 1\n", true },
	{ "frozen 1\npopulated 0\n", false },
	/* The group is gone. */
	{ "", false },
};

START_TEST(test_populated)
{
	ck_assert_int_eq(
	    watcher_is_populated(events[_i].text), events[_i].populated);
}
END_TEST

Suite *
watcher_suite(void)
{
	Suite *suite = suite_create("watcher");
	TCase *tcase = tcase_create("watcher");

	tcase_add_loop_test(tcase, test_populated, 0, LENGTH(events));
	suite_add_tcase(suite, tcase);
	return suite;
}
