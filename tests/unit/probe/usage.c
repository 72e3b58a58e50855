/* SPDX-License-Identifier: ISC */
/*
 * src/probe/usage.c: every option and every protocol has its line.
 */
#include "probe/usage.h"

#include "probe/options.h"

#include "unit/probe/suites.h"

#include <string.h>

static const char *
printed(void (*print)(FILE *))
{
	FILE *file = suites_output();

	print(file);
	return suites_printed(file);
}

START_TEST(test_help)
{
	const struct protocol *const *protocol;
	const struct options_key *key;
	const char *text = printed(usage_print_help);
	char wanted[64];

	for (key = options_keys; key->name != NULL; key++) {
		snprintf(wanted, sizeof(wanted), " --%s", key->name);
		ck_assert_msg(strstr(text, wanted) != NULL, "%s", wanted);
	}
	for (protocol = protocol_table; *protocol != NULL; protocol++) {
		snprintf(wanted, sizeof(wanted), "\n  %s ", (*protocol)->name);
		ck_assert_msg(strstr(text, wanted) != NULL, "%s", wanted);
	}
	/* With and without letter and value, in columns. */
	ck_assert_ptr_nonnull(strstr(
	    text, "\n  -c, --count=COUNT          requests to each target"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\n      --local                ask every address"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\n  -h, --help                 this text\n"));
}
END_TEST

START_TEST(test_others)
{
	ck_assert(strncmp(printed(usage_print), "usage: mhprobe", 14) == 0);
	ck_assert(strncmp(printed(usage_print_version), "mhprobe ", 8) == 0);
}
END_TEST

Suite *
probe_usage_suite(void)
{
	Suite *suite = suite_create("probe usage");
	TCase *tcase = tcase_create("usage");

	tcase_add_test(tcase, test_help);
	tcase_add_test(tcase, test_others);
	suite_add_tcase(suite, tcase);
	return suite;
}
