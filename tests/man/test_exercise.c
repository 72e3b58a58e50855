/* SPDX-License-Identifier: ISC */
/*
 * The exercise of CONTRIBUTING.md: its service in the daemon's table, its test,
 * and what the daemon knows about it by itself.
 */
#include "daemon/config/check.h"
#include "daemon/config/dump.h"
#include "daemon/config/options.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

Suite *length_suite(void);

/* Its key is an option, in the help and in the dump, by itself. */
START_TEST(test_key)
{
	char *argv[] = { (char[]){ "multihomed" },
		(char[]){ "--length-unit=octets" }, (char[]){ "length=:7010" },
		NULL };
	struct config_errors errors = { .lines = NULL };
	struct config config;
	char *text;

	ck_assert(config_init(&config, &errors));
	options_parse(&config, 3, argv, &errors);
	check_config(&config, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	text = dump_config(&config);
	ck_assert_ptr_nonnull(strstr(text, "[length]\n"));
	ck_assert_ptr_nonnull(strstr(text, "listen = :7010\n"));
	ck_assert_ptr_nonnull(strstr(text, "unit = octets\n"));
	free(text);
	config_clear(&config);
}
END_TEST

static Suite *
exercise_suite(void)
{
	Suite *suite = suite_create("exercise");
	TCase *tcase = tcase_create("exercise");

	tcase_add_test(tcase, test_key);
	suite_add_tcase(suite, tcase);
	return suite;
}

Suite *(*const unit_suites[])(void) = { length_suite, exercise_suite, NULL };
