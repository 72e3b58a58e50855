/* SPDX-License-Identifier: ISC */
/*
 * src/run/group/pins.c: what the programs are called.
 */
#include "run/group/pins.h"

#include "unit/run/group/suites.h"
#include "unit/unit.h"

#include <string.h>

/* As systemd calls where they are attached, so that nobody takes another. */
START_TEST(test_names)
{
	static const char *const names[LOADER_PROGRAMS] = { "bpf/x/ingress",
		"bpf/x/sendmsg4", "bpf/x/sendmsg6" };
	char path[PATH_MAX];

	ck_assert(pins_path(path, "bpf/x", &loader_programs[_i]));
	ck_assert_str_eq(path, names[_i]);
}
END_TEST

START_TEST(test_too_long)
{
	char path[PATH_MAX], folder[PATH_MAX];

	memset(folder, 'x', sizeof(folder));
	folder[PATH_MAX - 1 - strlen("/ingress")] = '\0';
	ck_assert(pins_path(path, folder, &loader_programs[0]));
	ck_assert(!pins_path(path, folder, &loader_programs[1]));
}
END_TEST

Suite *
pins_suite(void)
{
	Suite *suite = suite_create("pins");
	TCase *tcase = tcase_create("pins");

	tcase_add_loop_test(tcase, test_names, 0, LOADER_PROGRAMS);
	tcase_add_test(tcase, test_too_long);
	suite_add_tcase(suite, tcase);
	return suite;
}
