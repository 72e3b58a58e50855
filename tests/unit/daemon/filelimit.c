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
	bool works;
	const char *log; /* "": nothing is said */
} files[] = {
	{ "-w 1 echo=:7", 24, 0, true,
	    "multihomed: error: 1 socket for each of 1 worker need about 25 "
	    "open files; the hard limit (RLIMIT_NOFILE) is 24: raise it "
	    "(LimitNOFILE= in a unit, ulimit -Hn)\n" },
	{ "-w 1 echo=:7", 25, 0, true, "" },
	{ "-w 1 echo=:7", 0, 0, true, "" },
	{ "-w 1 echo=:7", 11, 0, true, " is 11: raise it" },
	{ "-w 1 echo=:7", 10, 0, false, " is 10: raise it" },
	{ "-w 3 --stack two echo=127.0.0.1:8,:7 discard=[::]:9,[::1]:10", 57, 0,
	    true, " 6 sockets for each of 3 workers need about 58 open files" },
	{ "-w 3 --stack two echo=127.0.0.1:8,:7 discard=[::]:9,[::1]:10", 58, 0,
	    true, "" },
	{ "-w 3 --stack two echo=127.0.0.1:8,:7 discard=[::]:9,[::1]:10", 39, 0,
	    false,
	    " 6 sockets for each of 3 workers need about 58 open files" },
	{ "-w 2 echo=:7", 43, 5, true,
	    " 1 socket for each of 2 workers need with those in use up to 44 "
	    "open files" },
	{ "-w 2 echo=:7", 44, 5, true, "" },
};

START_TEST(test_files)
{
	struct plan *plan = scene_plan(files[_i].line);
	enum mh_stack stack = plan->config.daemon.stack;
	unsigned int workers = plan->config.daemon.workers;
	const char *log;

	if (files[_i].previous > 0)
		filelimit_explain(
		    files[_i].files, plan, stack, workers, files[_i].previous);
	else
		ck_assert_int_eq(
		    filelimit_check(files[_i].files, plan, stack, workers),
		    files[_i].works);
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

	tcase_add_loop_test(tcase, test_files, 0, LENGTH(files));
	suite_add_tcase(suite, tcase);
	return suite;
}
