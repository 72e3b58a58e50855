/* SPDX-License-Identifier: ISC */
/*
 * src/probe/summary.c: the totals of many sessions.
 */
#include "probe/summary.h"

#include "probe/options.h"

#include "unit/probe/suites.h"

static struct session_plan plan;
static struct session *sessions[SUITES_KINDS];

static void
setup(void)
{
	plan = suites_plan();
	suites_kinds(&plan, sessions);
}

static void
teardown(void)
{
	unsigned int i;

	for (i = 0; i < SUITES_KINDS; i++)
		session_free(sessions[i]);
}

/* The worst of all, and no session at all is an error. */
START_TEST(test_exit)
{
	static const struct {
		unsigned int set; /* bits: sessions */
		int exit;
	} sets[] = {
		{ 0x00, OPTIONS_EXIT_ERROR },
		{ 0x01, OPTIONS_EXIT_OK },
		{ 0x03, OPTIONS_EXIT_ELSEWHERE },
		{ 0x05, OPTIONS_EXIT_SILENT },
		{ 0x09, OPTIONS_EXIT_SILENT },
		{ 0x07, OPTIONS_EXIT_SILENT },
		{ 0x11, OPTIONS_EXIT_ERROR },
		{ 0x1f, OPTIONS_EXIT_ERROR },
	};
	struct session *some[SUITES_KINDS];
	struct summary summary;
	size_t i, j, count;

	for (i = 0; i < LENGTH(sets); i++) {
		for (j = count = 0; j < SUITES_KINDS; j++)
			if ((sets[i].set & 1u << j) != 0)
				some[count++] = sessions[j];
		summary = summary_of(some, count);
		ck_assert_msg(summary_exit(&summary) == sets[i].exit, "set %#x",
		    sets[i].set);
	}
}
END_TEST

static const struct {
	uint64_t sent, received;
	double percent;
} losses[] = {
	{ 0, 0, 0 }, { 4, 4, 0 }, { 4, 3, 25 }, { 4, 0, 100 },
	{ 4, 5, 0 }, /* cannot be, and is no gain */
};

START_TEST(test_loss)
{
	ck_assert_double_eq(summary_loss(losses[_i].sent, losses[_i].received),
	    losses[_i].percent);
}
END_TEST

/* Counted by kind; the times of all requests together. */
START_TEST(test_counts)
{
	struct summary summary = summary_of(sessions, SUITES_KINDS);

	ck_assert_uint_eq(summary.targets, SUITES_KINDS);
	ck_assert_uint_eq(summary.ok, 1);
	ck_assert_uint_eq(summary.wrong, 1);
	ck_assert_uint_eq(summary.silent, 2);
	ck_assert_uint_eq(summary.error, 1);
	ck_assert_uint_eq(summary.sent, 5);
	ck_assert_uint_eq(summary.received, 3);
	ck_assert_uint_eq(summary.timed, 3);
	ck_assert_int_eq(summary.min, 1000000);
	ck_assert_int_eq(summary.max, 3000000);
	ck_assert_double_eq_tol(summary.mean, 5000000 / 3.0, 1);
}
END_TEST

Suite *
probe_summary_suite(void)
{
	Suite *suite = suite_create("probe summary");
	TCase *tcase = tcase_create("summary");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_exit);
	tcase_add_loop_test(tcase, test_loss, 0, LENGTH(losses));
	tcase_add_test(tcase, test_counts);
	suite_add_tcase(suite, tcase);
	return suite;
}
