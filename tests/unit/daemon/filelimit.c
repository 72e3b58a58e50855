/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/filelimit.c: what is counted, and that nothing is said while it
 * fits.
 */
#include "daemon/filelimit.h"

#include "unit/daemon/scene.h"

#include <string.h>

static const struct {
	const char *line;
	uint64_t files;
	size_t previous;
	const char *log; /* "": nothing is said */
} files[] = {
	{ "-w 1 echo=:7", 48, 0,
	    "multihomed: error: 1 socket for each of 1 worker need about 49 "
	    "open files; the hard limit (RLIMIT_NOFILE) is 48: raise it "
	    "(LimitNOFILE= in a unit, ulimit -Hn)\n" },
	{ "-w 1 echo=:7", 49, 0, "" },
	{ "-w 1 echo=:7", 0, 0, "" },
	{ "-w 3 --stack two echo=127.0.0.1:8,:7 discard=[::]:9,[::1]:10", 81, 0,
	    " 6 sockets for each of 3 workers need about 82 open files" },
	{ "-w 3 --stack two echo=127.0.0.1:8,:7 discard=[::]:9,[::1]:10", 82, 0,
	    "" },
	{ "-w 2 echo=:7", 67, 5,
	    " 1 socket for each of 2 workers need with those in use up to 68 "
	    "open files" },
	{ "-w 2 echo=:7", 68, 5, "" },
};

START_TEST(test_explain)
{
	struct plan *plan = scene_plan(files[_i].line);
	const char *log;

	filelimit_explain(files[_i].files, plan, plan->config.daemon.stack,
	    plan->config.daemon.workers, files[_i].previous);
	log = scratch_log();
	ck_assert_msg(files[_i].log[0] == '\0'
		? *log == '\0'
		: strstr(log, files[_i].log) != NULL,
	    "%s: %s", files[_i].line, log);
	plan_free(plan);
}
END_TEST

Suite *
filelimit_suite(void)
{
	Suite *suite = suite_create("filelimit");
	TCase *tcase = scene_tcase("filelimit");

	tcase_add_loop_test(tcase, test_explain, 0, LENGTH(files));
	suite_add_tcase(suite, tcase);
	return suite;
}
