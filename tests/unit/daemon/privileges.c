/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/privileges.c: what is given up, in which order, and what happens
 * if that cannot be done.
 */
#include "daemon/privileges.h"

#include "daemon/helper.h"
#include "unit/daemon/scene.h"

#include <string.h>

enum { REFUSALS = 77 };

static const struct {
	const char *line;
	const char *given_up;
} orders[] = {
	{ "echo=:7", "capabilities|sandbox|" },
	{ "--sandbox=no echo=:7", "capabilities|" },
	{ "--user nobody echo=:7", "user nobody|capabilities|sandbox|" },
	{ "--user nobody --port-file p echo=:7",
	    "files - p sandbox|user nobody|capabilities|sandbox|" },
	{ "--sandbox=no --user nobody -c f",
	    "files f -|user nobody|capabilities|" },
	/* Nothing is given up, but a reload must not wait for a file either. */
	{ "--sandbox=no --port-file p -c f", "files f p|capabilities|" },
	{ "--sandbox=no --port-file p echo=:7", "capabilities|" },
	{ "--port-file p -c f", "files f p sandbox|capabilities|sandbox|" },
};

START_TEST(test_in_this_order)
{
	struct command_line command = { .is_reload = false };
	struct helper *helper;
	struct argv argv;
	struct plan *plan;

	fake_host.path = "f";
	fake_host.text = "[echo]\n";
	plan = scene_plan(orders[_i].line);
	argv_make(&argv, orders[_i].line);
	command.argc = argv.count;
	command.argv = argv.words;
	helper = helper_new(scene.base, plan, &command);
	ck_assert_ptr_nonnull(helper);
	ck_assert_int_eq(privileges_drop(&plan->config.daemon), 0);
	ck_assert_ptr_null(
	    privileges_enter_sandbox(&plan->config.daemon, scene.base));
	ck_assert_str_eq(fake_host.given_up, orders[_i].given_up);
	ck_assert_str_eq(scratch_log(), "");
	helper_free(helper);
	plan_free(plan);
}
END_TEST

static const struct {
	int error, status;
	const char *log;
} users[] = {
	{ MH_EADDRESS, CONFIG_EXIT_NOUSER,
	    "multihomed: error: cannot switch to user nobody: no such user\n" },
	{ MH_EPERMISSION, CONFIG_EXIT_NOPERM,
	    "multihomed: error: cannot switch to user nobody: " },
	{ MH_ESYSTEM, CONFIG_EXIT_NOUSER,
	    "multihomed: error: cannot switch to user nobody: " },
};

/* If switching users fails, it does not start, and keeps its capabilities. */
START_TEST(test_no_user)
{
	struct plan *plan = scene_plan("--user nobody echo=:7");
	const char *log;

	fake_host.user_error = users[_i].error;
	ck_assert_int_eq(
	    privileges_drop(&plan->config.daemon), users[_i].status);
	ck_assert_str_eq(fake_host.given_up, "user nobody|");
	log = scratch_log();
	ck_assert_msg(strstr(log, users[_i].log) == log, "%s", log);
	plan_free(plan);
}
END_TEST

/* Who is not root has nothing to give up but capabilities. */
START_TEST(test_not_root)
{
	struct plan *plan = scene_plan("--user nobody echo=:7");

	fake_host.user_error = 1;
	ck_assert_int_eq(privileges_drop(&plan->config.daemon), 0);
	ck_assert_str_eq(fake_host.given_up, "user nobody|capabilities|");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: not started by root: not switching to user "
	    "nobody\n");
	plan_free(plan);
}
END_TEST

/* The others are worth at most a line in the log. */
START_TEST(test_goes_on_without)
{
	struct plan *plan = scene_plan("echo=:7");

	fake_host.capabilities_error = MH_ESYSTEM;
	ck_assert_int_eq(privileges_drop(&plan->config.daemon), 0);
	ck_assert_str_eq(
	    scratch_log(), "multihomed: warning: cannot drop capabilities\n");
	fake_host.sandbox_error = MH_EUNSUPPORTED;
	ck_assert_ptr_null(
	    privileges_enter_sandbox(&plan->config.daemon, scene.base));
	ck_assert_str_eq(scratch_log(), "");
	fake_host.sandbox_error = MH_ESYSTEM;
	ck_assert_ptr_null(
	    privileges_enter_sandbox(&plan->config.daemon, scene.base));
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: cannot set up the sandbox: running without "
	    "it\n");
	plan_free(plan);
}
END_TEST

/* Each call is one line, when the loop comes to it. */
START_TEST(test_logs_refusals)
{
	static const char *const names[] = { "openat", "execve", NULL };
	struct plan *plan = scene_plan("echo=:7");
	struct event *refusals;

	fake_host.sandbox_handle = REFUSALS;
	refusals = privileges_enter_sandbox(&plan->config.daemon, scene.base);
	ck_assert_ptr_nonnull(refusals);
	fake_host.refused = names;
	events_read(scene.base, REFUSALS);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: the sandbox has refused the system call "
	    "openat, and will do so silently from now on\n"
	    "multihomed: warning: the sandbox has refused the system call "
	    "execve, and will do so silently from now on\n");
	event_free(refusals);
	plan_free(plan);
}
END_TEST

Suite *
privileges_suite(void)
{
	Suite *suite = suite_create("privileges");
	TCase *tcase = scene_tcase("privileges");

	tcase_add_loop_test(tcase, test_in_this_order, 0, LENGTH(orders));
	tcase_add_loop_test(tcase, test_no_user, 0, LENGTH(users));
	tcase_add_test(tcase, test_not_root);
	tcase_add_test(tcase, test_goes_on_without);
	tcase_add_test(tcase, test_logs_refusals);
	suite_add_tcase(suite, tcase);
	return suite;
}
