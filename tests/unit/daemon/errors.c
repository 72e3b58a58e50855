/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/errors.c: each is logged as a line, and then the list is empty.
 */
#include "daemon/errors.h"

#include "unit/daemon/scene.h"

START_TEST(test_log)
{
	struct config_errors errors = { .lines = NULL };

	config_error(&errors, "%s: is bad", "one");
	config_error(&errors, "two: is worse");
	errors_log(&errors);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: error: one: is bad\n"
	    "multihomed: error: two: is worse\n");
	ck_assert_uint_eq(errors.count, 0);
	errors_log(&errors);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* One that there was no memory for still counts. */
START_TEST(test_lost)
{
	struct config_errors errors = { .lines = NULL };

	config_error(&errors, "one");
	errors.count++;
	errors_log(&errors);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: error: one\n"
	    "multihomed: error: out of memory: errors not shown: 1\n");
	ck_assert_uint_eq(errors.count, 0);
}
END_TEST

Suite *
errors_suite(void)
{
	Suite *suite = suite_create("errors");
	TCase *tcase = scene_tcase("errors");

	tcase_add_test(tcase, test_log);
	tcase_add_test(tcase, test_lost);
	suite_add_tcase(suite, tcase);
	return suite;
}
