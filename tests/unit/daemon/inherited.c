/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/inherited.c: each socket of the service manager that no service
 * takes is named.
 */
#include "daemon/inherited.h"

#include "daemon/bindings.h"
#include "unit/daemon/scene.h"

#include <stdio.h>
#include <string.h>

/* Sockets of these names, ended by NULL; no one opens them. */
static void
pass(const char *const *names)
{
	fake_host.inherited_count = 0;
	for (; *names != NULL; names++) {
		fake_host.inherited[fake_host.inherited_count] =
		    (struct fake_inherited){ *names,
			    100 + (intptr_t)fake_host.inherited_count };
		fake_host.inherited_count++;
	}
}

/* What is said about one of them. */
static const char *
text_for(const char *name)
{
	static char text[300];

	snprintf(text, sizeof(text),
	    "the service manager's socket \"%s\" (FileDescriptorName=) is not "
	    "used: name it after a service, such as echo or echo.label, and "
	    "no more than 16 after one",
	    name);
	return text;
}

static const struct {
	const char *passed[5];
	const char *untaken[3];
} sockets[] = {
	{ { NULL }, { NULL } },
	{ { "echo", "echo:lab", NULL }, { NULL } },
	{ { "echo", "echo", "echo", "echo:lab", NULL }, { NULL } },
	/* What systemd says if the unit, or nobody, gives it a name. */
	{ { "multihomed.socket", NULL }, { "multihomed.socket", NULL } },
	{ { "unknown", "echo", NULL }, { "unknown", NULL } },
	{ { "echo", "time", "echo:la", NULL }, { "time", "echo:la", NULL } },
	{ { "stored", "stored", NULL }, { "stored", "stored", NULL } },
	{ { "", "Echo", NULL }, { "", "Echo", NULL } },
};

START_TEST(test_checks)
{
	struct plan *plan = scene_plan("echo=:7 echo:lab=:8");
	struct config_errors errors = { .lines = NULL };
	size_t i;

	pass(sockets[_i].passed);
	ck_assert_int_eq(inherited_check(&plan->config, &errors),
	    sockets[_i].untaken[0] == NULL);
	for (i = 0; sockets[_i].untaken[i] != NULL; i++) {
		ck_assert_uint_lt(i, errors.count);
		ck_assert_str_eq(
		    errors.lines[i], text_for(sockets[_i].untaken[i]));
	}
	ck_assert_uint_eq(errors.count, i);
	ck_assert_str_eq(scratch_log(), "");
	config_errors_free(&errors);
	plan_free(plan);
}
END_TEST

/* A reload may take a service away: it goes on. */
START_TEST(test_warns)
{
	static const char *const passed[] = { "echo", "time", NULL };
	struct plan *plan = scene_plan("echo=:7");
	char wanted[400];

	pass(passed);
	inherited_warn(&plan->config);
	snprintf(wanted, sizeof(wanted), "multihomed: warning: %s\n",
	    text_for("time"));
	ck_assert_str_eq(scratch_log(), wanted);
	plan_free(plan);
}
END_TEST

/* One more than a service takes. */
START_TEST(test_too_many)
{
	const char *passed[BINDINGS_INHERITED_MAX + 2];
	struct plan *plan = scene_plan("echo=:7");
	struct config_errors errors = { .lines = NULL };
	size_t i;

	for (i = 0; i <= BINDINGS_INHERITED_MAX; i++)
		passed[i] = "echo";
	passed[i] = NULL;
	pass(passed);
	ck_assert(!inherited_check(&plan->config, &errors));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], text_for("echo"));
	config_errors_free(&errors);
	fake_host.inherited_count--;
	ck_assert(inherited_check(&plan->config, &errors));
	plan_free(plan);
}
END_TEST

Suite *
inherited_suite(void)
{
	Suite *suite = suite_create("inherited");
	TCase *tcase = scene_tcase("inherited");

	tcase_add_loop_test(tcase, test_checks, 0, LENGTH(sockets));
	tcase_add_test(tcase, test_warns);
	tcase_add_test(tcase, test_too_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
