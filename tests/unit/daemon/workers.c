/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/workers.c: all workers switch to a plan, or none does.
 */
#include "daemon/workers.h"

#include "daemon/path/listener.h"
#include "unit/daemon/scene.h"

#include <string.h>

enum { WORKERS = 3 };

START_TEST(test_all_go_over)
{
	unsigned int i;

	scene_serve("-w 3 echo=127.0.0.1:7");
	scene_serve("-w 3 discard=127.0.0.1:9 echo=127.0.0.1:7");
	for (i = 0; i < WORKERS; i++) {
		ck_assert(scene_ask(i, 1));
		ck_assert(!scene_ask(i, 0));
	}
	ck_assert_uint_eq(scene.workers.bindings.count, 2);
	ck_assert_uint_eq(fake_open_count(), 2 * WORKERS);
}
END_TEST

/* One of them runs out of memory, be it the first or the last. */
START_TEST(test_none_goes_over)
{
	struct plan *old, *plan;
	struct bindings bindings;
	unsigned int i;

	scene_serve("-w 3 echo=127.0.0.1:7");
	old = scene.workers.plan;
	plan = scene_plan("-w 3 discard=127.0.0.1:9 echo=127.0.0.1:7");
	bindings = scene_bindings(plan);
	ck_assert_int_eq(
	    bindings_open(&bindings, plan, &scene.workers.bindings), 0);
	/* The first event of each one's listener. */
	scene.lacking = 1 + 3 * (unsigned int)_i;
	scratch_log();
	ck_assert(!workers_apply(&scene.workers, plan, &bindings));
	ck_assert_str_eq(scratch_log(), "multihomed: error: out of memory\n");
	ck_assert_ptr_eq(scene.workers.plan, old);
	ck_assert_uint_eq(scene.workers.bindings.count, 1);
	ck_assert_uint_eq(fake_open_count(), WORKERS);
	for (i = 0; i < WORKERS; i++)
		ck_assert(scene_ask(i, 0));
}
END_TEST

/* Done when the last one is. */
START_TEST(test_stop_with_all)
{
	const struct fake_fault full = { .call = FAKE_SEND, .code = MH_EAGAIN };

	scene_serve("-w 3 echo=127.0.0.1:7");
	ck_assert(workers_stop(&scene.workers));
	scene_serve("-w 3 echo=127.0.0.1:8");
	fake_fault(&full);
	ck_assert(!scene_ask((unsigned int)_i, 0));
	ck_assert(!workers_stop(&scene.workers));
	workers_abandon(&scene.workers);
	ck_assert(workers_stop(&scene.workers));
}
END_TEST

/* The first runs in the caller's loop; the fake host has no more threads. */
START_TEST(test_start)
{
	ck_assert_int_eq(workers_start(&scene.workers, scene.base,
			     (unsigned int)_i, 8, &scene.secret),
	    _i == 1);
	ck_assert_uint_eq(scene.workers.count, 1);
	ck_assert(!workers_pin(&scene.workers));
	ck_assert(!workers_are_stuck(&scene.workers));
}
END_TEST

Suite *
workers_suite(void)
{
	Suite *suite = suite_create("workers");
	TCase *tcase = scene_tcase("workers");

	tcase_add_test(tcase, test_all_go_over);
	tcase_add_loop_test(tcase, test_none_goes_over, 0, WORKERS);
	tcase_add_loop_test(tcase, test_stop_with_all, 0, WORKERS);
	tcase_add_loop_test(tcase, test_start, 1, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
