/* SPDX-License-Identifier: ISC */
/*
 * src/probe/order.c: what is shown first.
 */
#include "probe/order.h"

#include "unit/probe/suites.h"

#include <stdlib.h>

static struct session_plan plan;
static struct session *sessions[SUITES_KINDS + 2];

enum { ALL = SUITES_KINDS + 2 };

/* Two more are well; the last one has begun to fail. */
static void
setup(void)
{
	size_t i;

	plan = suites_plan();
	suites_kinds(&plan, sessions);
	for (i = SUITES_KINDS; i < ALL; i++) {
		sessions[i] = suites_session(&plan, "192.0.2.1:7");
		suites_send(sessions[i], 0);
		suites_answer(sessions[i], 0, "192.0.2.1:7", 1);
		sessions[i]->order[0] = i;
	}
	suites_send(sessions[ALL - 1], 100);
	session_expire(sessions[ALL - 1], INT64_C(5000000000));
}

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < ALL; i++)
		session_free(sessions[i]);
}

START_TEST(test_place)
{
	struct session *some[] = { sessions[3], sessions[1], sessions[2],
		sessions[0] };
	size_t i;

	/* Of one target, one after the other. */
	sessions[2]->order[0] = 1;
	sessions[1]->order[1] = 5;
	sessions[2]->order[1] = 4;
	order_by_place(some, LENGTH(some));
	ck_assert_ptr_eq(some[0], sessions[0]);
	ck_assert_ptr_eq(some[1], sessions[2]);
	ck_assert_ptr_eq(some[2], sessions[1]);
	ck_assert_ptr_eq(some[3], sessions[3]);
	for (i = 0; i < 2; i++)
		order_by_place(some, 0);
}
END_TEST

static const size_t worst_first[] = { 1, 2, 3, 4, ALL - 1, 0, ALL - 2 };

/* By kind; within one, as on the command line, however they were found. */
START_TEST(test_worst_first)
{
	struct session *backwards[ALL], **sorted;
	size_t i;

	for (i = 0; i < ALL; i++)
		backwards[i] = sessions[_i == 0 ? i : ALL - 1 - i];
	sorted = order_worst_first(backwards, ALL);
	ck_assert_ptr_nonnull(sorted);
	for (i = 0; i < ALL; i++)
		ck_assert_msg(
		    sorted[i] == sessions[worst_first[i]], "place %zu", i);
	/* What was there stays as it was. */
	ck_assert_ptr_eq(backwards[0], sessions[_i == 0 ? 0 : ALL - 1]);
	free(sorted);
	sorted = order_worst_first(backwards, 0);
	ck_assert_ptr_nonnull(sorted);
	free(sorted);
}
END_TEST

/* What still waits says nothing yet; one that is answered again is well. */
START_TEST(test_failing)
{
	struct session *session;

	plan.count = 9;
	session = suites_session(&plan, "192.0.2.1:7");
	ck_assert(!order_is_failing(session));
	suites_send(session, 0);
	ck_assert(!order_is_failing(session));
	suites_answer(session, 0, "192.0.2.1:7", 1);
	suites_send(session, 100);
	ck_assert(!order_is_failing(session));
	session_expire(session, INT64_C(1200000000));
	ck_assert(order_is_failing(session));
	suites_send(session, 1200);
	ck_assert(order_is_failing(session));
	suites_answer(session, 2, "192.0.2.1:7", 1201);
	ck_assert(!order_is_failing(session));
	session_free(session);
}
END_TEST

Suite *
probe_order_suite(void)
{
	Suite *suite = suite_create("probe order");
	TCase *tcase = tcase_create("order");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_place);
	tcase_add_loop_test(tcase, test_worst_first, 0, 2);
	tcase_add_test(tcase, test_failing);
	suite_add_tcase(suite, tcase);
	return suite;
}
