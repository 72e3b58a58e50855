/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/faults.c: nobody can overlook that there are faults, nor that
 * there are none any more.
 */
#include "daemon/faults.h"

#include "unit/daemon/scene.h"
#include "unit/scratch.h"

#include <stdlib.h>
#include <string.h>

#define MAKES " makes faults on purpose in its replies to peers in trust: "

/* What is logged for this command line. */
static const char *
logged(const char *line, bool *any)
{
	struct plan *plan = scene_plan(line);

	scratch_log();
	faults_log(plan, any);
	plan_free(plan);
	return scratch_log();
}

START_TEST(test_says_which)
{
	bool any = false;

	ck_assert_str_eq(
	    logged("--fault-drop=10% --fault-seed=3 echo=:7 whoami=:8", &any),
	    "multihomed: warning: echo:" MAKES "drop 10%; seed 3\n"
	    "multihomed: warning: whoami:" MAKES "drop 10%; seed 3\n");
	ck_assert(any);
}
END_TEST

/* Also at the same as before: a reload is a reason to look at the log. */
START_TEST(test_says_it_again)
{
	bool any = false;

	ck_assert_str_eq(logged("echo=:7", &any), "");
	ck_assert_str_eq(logged("--fault-delay=2s echo=:7", &any),
	    "multihomed: warning: echo:" MAKES "delay 2000ms 100%; seed 1\n");
	ck_assert_str_eq(logged("--fault-delay=2s echo=:7", &any),
	    "multihomed: warning: echo:" MAKES "delay 2000ms 100%; seed 1\n");
	ck_assert_str_eq(logged("echo=:7", &any),
	    "multihomed: no faults are made on purpose any more\n");
	ck_assert_str_eq(logged("echo=:7", &any), "");
}
END_TEST

Suite *
faults_suite(void)
{
	Suite *suite = suite_create("faults");
	TCase *tcase = scene_tcase("faults");

	tcase_add_test(tcase, test_says_which);
	tcase_add_test(tcase, test_says_it_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
