/* SPDX-License-Identifier: ISC */
/*
 * src/ctl/usage.c: every option and every command has its line.
 */
#include "ctl/usage.h"

#include "ctl/options.h"
#include "unit/ctl/suites.h"

#include <string.h>

static const char *
printed(void (*print)(FILE *))
{
	static char text[4096];
	FILE *file = tmpfile();
	size_t n;

	ck_assert_ptr_nonnull(file);
	print(file);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

START_TEST(test_help)
{
	const struct request_command *command = request_commands;
	const char *text = printed(ctl_usage_print_help);
	const struct ctl_key *key;
	char wanted[64];

	for (key = ctl_keys; key->name != NULL; key++) {
		snprintf(wanted, sizeof(wanted), " --%s", key->name);
		ck_assert_msg(strstr(text, wanted) != NULL, "%s", wanted);
	}
	for (; command->name != NULL; command++) {
		snprintf(wanted, sizeof(wanted), "\n  %s ", command->name);
		ck_assert_msg(strstr(text, wanted) != NULL, "%s", wanted);
	}
	ck_assert_ptr_nonnull(
	    strstr(text, "\n  drops [PEER]       why datagrams were"));
	ck_assert_ptr_nonnull(strstr(text, CTL_SOCKET));
}
END_TEST

START_TEST(test_others)
{
	ck_assert_ptr_nonnull(
	    strstr(printed(ctl_usage_print), "usage: mhctl "));
	ck_assert_ptr_nonnull(strstr(
	    printed(ctl_usage_print_version), "mhctl 0.1.0\nfeatures: "));
}
END_TEST

Suite *
ctl_usage_suite(void)
{
	Suite *suite = suite_create("ctl usage");
	TCase *tcase = tcase_create("usage");

	tcase_add_test(tcase, test_help);
	tcase_add_test(tcase, test_others);
	suite_add_tcase(suite, tcase);
	return suite;
}
