/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/worker.c in one thread: a worker switches to a plan as a whole or
 * not at all, and what is kept loses nothing.
 */
#include "daemon/worker.h"

#include "daemon/path/listener.h"
#include "unit/daemon/scene.h"

#include <string.h>

static struct worker *worker;
static struct plan *fresh;
static struct bindings bindings;

/* Worker 0 of scene.workers answers by this line. */
static void
serve(const char *line)
{
	scene_serve(line);
	worker = scene.workers.items[0];
}

/* Open what another line needs, as fresh. */
static void
open_fresh(const char *line)
{
	fresh = scene_plan(line);
	bindings = scene_bindings(fresh);
	ck_assert_int_eq(
	    bindings_open(&bindings, fresh, &scene.workers.bindings), 0);
}

/* All slices of a step. */
static enum worker_progress
take(enum worker_step step)
{
	enum worker_progress progress;

	do
		progress = worker_advance(worker, step);
	while (progress == WORKER_MORE);
	return progress;
}

/* What the workers hold from now on. */
static void
take_fresh(void)
{
	ck_assert_int_eq(take(WORKER_WATCH), WORKER_DONE);
	ck_assert_int_eq(take(WORKER_COMMIT), WORKER_DONE);
	worker_switch(worker);
	ck_assert_int_eq(take(WORKER_DETACH), WORKER_DONE);
	worker_dispose(worker);
	bindings_clear(&scene.workers.bindings);
	plan_free(scene.workers.plan);
	scene.workers.bindings = bindings;
	scene.workers.plan = fresh;
}

static void
drop_fresh(void)
{
	ck_assert_int_eq(take(WORKER_DETACH), WORKER_DONE);
	worker_dispose(worker);
	bindings_clear(&bindings);
	plan_free(fresh);
}

static uint64_t
answered(size_t binding)
{
	return stats_get(
	    listener_stats(worker_listener(worker, binding)), STATS_ANSWERED);
}

START_TEST(test_answers_by_the_plan)
{
	serve("echo=127.0.0.1:7 discard=127.0.0.1:9");
	ck_assert(scene_ask(0, 0));
	ck_assert(!scene_ask(0, 1));
	ck_assert_uint_eq(answered(0), 1);
	ck_assert_str_eq(listener_name(worker_listener(worker, 1)), "discard");
	ck_assert_ptr_null(worker_listener(worker, 2));
}
END_TEST

/* Nothing changes before all workers have committed. */
START_TEST(test_is_seen_at_the_switch)
{
	const struct listener *listener;

	serve("echo=127.0.0.1:7");
	listener = worker_listener(worker, 0);
	open_fresh("discard=127.0.0.1:9 echo=127.0.0.1:7");
	ck_assert(worker_prepare(worker, fresh, &bindings));
	ck_assert_ptr_eq(worker_listener(worker, 0), listener);
	ck_assert_ptr_null(worker_listener(worker, 1));
	ck_assert(scene_ask(0, 0));
	ck_assert_int_eq(take(WORKER_WATCH), WORKER_DONE);
	ck_assert_ptr_eq(worker_listener(worker, 0), listener);
	ck_assert(scene_ask(0, 0));
	ck_assert_int_eq(take(WORKER_COMMIT), WORKER_DONE);
	ck_assert_ptr_eq(worker_listener(worker, 0), listener);
	ck_assert_ptr_null(worker_listener(worker, 1));
	worker_switch(worker);
	ck_assert_ptr_eq(worker_listener(worker, 1), listener);
	ck_assert(scene_ask(0, 1));
	ck_assert_int_eq(take(WORKER_DETACH), WORKER_DONE);
	worker_dispose(worker);
	/* Only now may the previous plan go. */
	bindings_clear(&scene.workers.bindings);
	plan_free(scene.workers.plan);
	scene.workers.bindings = bindings;
	scene.workers.plan = fresh;
}
END_TEST

/*
 * Listeners that are kept move, with their counters, to the new plan's numbers.
 */
START_TEST(test_moves_listeners)
{
	const struct listener *first, *second;

	serve("echo=127.0.0.1:7 time=127.0.0.1:37");
	first = worker_listener(worker, 0);
	second = worker_listener(worker, 1);
	ck_assert(scene_ask(0, 0));
	open_fresh("time=127.0.0.1:37 daytime=127.0.0.1:13 echo:b=127.0.0.1:7");
	ck_assert(worker_prepare(worker, fresh, &bindings));
	take_fresh();
	ck_assert_ptr_eq(worker_listener(worker, 0), second);
	ck_assert_ptr_eq(worker_listener(worker, 2), first);
	ck_assert_str_eq(listener_name(first), "echo:b");
	ck_assert_uint_eq(answered(2), 1);
	ck_assert(scene_ask(0, 0));
	ck_assert(scene_ask(0, 1));
	ck_assert(scene_ask(0, 2));
	ck_assert_uint_eq(answered(2), 2);
}
END_TEST

/* A socket that is kept answers by the new plan. */
START_TEST(test_follows_the_plan)
{
	serve("echo=127.0.0.1:7");
	ck_assert(scene_ask(0, 0));
	serve("discard=127.0.0.1:7");
	ck_assert(!scene_ask(0, 0));
	serve("echo=127.0.0.1:7 --deny 127.0.0.2");
	ck_assert(!scene_ask(0, 0));
	serve("echo=127.0.0.1:7");
	ck_assert(scene_ask(0, 0));
	ck_assert_uint_eq(answered(0), 2);
}
END_TEST

/* Of a thousand changes in a row it gets the last; they are read once. */
START_TEST(test_learns_addresses)
{
	enum { WATCH = 12345 };
	unsigned int before, i;

	fake_host.watch_handle = WATCH;
	fake_host.network_changed = true;
	serve("echo=127.0.0.1:7");
	before = fake_host.network_loads;
	for (i = 0; i < 1000; i++)
		events_read(scene.base, WATCH);
	events_happen(scene.base, EV_TIMEOUT);
	ck_assert_uint_eq(fake_host.network_loads, before + 1);
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
	events_read(scene.base, WATCH);
	events_happen(scene.base, EV_TIMEOUT);
	ck_assert_uint_eq(fake_host.network_loads, before + 2);
	ck_assert(scene_ask(0, 0));
}
END_TEST

/* What is dropped is closed, and its counters are logged. */
START_TEST(test_closes_the_rest)
{
	serve("echo=127.0.0.1:7 time=127.0.0.1:37");
	ck_assert(scene_ask(0, 0));
	scratch_log();
	serve("time=127.0.0.1:37");
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert_ptr_nonnull(strstr(scratch_log(),
	    "echo 127.0.0.1:7: received=1 answered=1 silent=0 dropped=0 "));
}
END_TEST

/* Discarded: what was opened is closed, and nothing remembers it. */
START_TEST(test_discards)
{
	serve("echo=127.0.0.1:7");
	open_fresh("discard=127.0.0.1:9 echo=127.0.0.1:7");
	ck_assert(worker_prepare(worker, fresh, &bindings));
	ck_assert_uint_eq(fake_open_count(), 2);
	if (_i > 0)
		ck_assert_int_eq(take(WORKER_WATCH), WORKER_DONE);
	drop_fresh();
	ck_assert_uint_eq(fake_open_count(), 1);
	/* Even if it has not prepared. */
	ck_assert_int_eq(take(WORKER_DETACH), WORKER_DONE);
	worker_dispose(worker);
	ck_assert(scene_ask(0, 0));
}
END_TEST

/*
 * The work of a change comes in slices, however many sockets there are: with
 * none of them is anybody kept waiting for long.
 */
START_TEST(test_slices)
{
	enum { MANY = 300, SLICE_MOST = 64 };
	static const enum worker_step steps[] = { WORKER_WATCH, WORKER_COMMIT,
		WORKER_DETACH };
	char text[MANY * 32] = "[echo]\n";
	unsigned int i, slices;

	for (i = 0; i < MANY; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "listen = 127.0.0.1:%u\n", 1000 + i);
	fake_host.path = "f";
	fake_host.text = text;
	serve("-c f");
	ck_assert_uint_eq(fake_open_count(), MANY);
	/* All are kept, then none of them. */
	open_fresh(_i == 0 ? "-c f" : "echo=127.0.0.1:9");
	ck_assert(worker_prepare(worker, fresh, &bindings));
	for (i = 0; i < LENGTH(steps); i++) {
		slices = 1;
		while (worker_advance(worker, steps[i]) == WORKER_MORE)
			slices++;
		if (steps[i] == (_i == 0 ? WORKER_COMMIT : WORKER_DETACH))
			ck_assert_uint_ge(slices, MANY / SLICE_MOST);
	}
	worker_switch(worker);
	worker_dispose(worker);
	ck_assert_uint_eq(fake_open_count(), _i == 0 ? MANY : 1);
	ck_assert(scene_ask(0, 0));
	bindings_clear(&scene.workers.bindings);
	plan_free(scene.workers.plan);
	scene.workers.bindings = bindings;
	scene.workers.plan = fresh;
}
END_TEST

/* Memory runs out somewhere: nothing changes, nothing leaks. */
START_TEST(test_out_of_memory)
{
	const struct listener *listener;
	bool good;

	serve("echo=127.0.0.1:7");
	listener = worker_listener(worker, 0);
	open_fresh("discard=127.0.0.1:9 echo=127.0.0.1:7 time=127.0.0.1:37");
	scene.lacking = (unsigned int)_i;
	good = worker_prepare(worker, fresh, &bindings);
	/* Two listeners of three events each. */
	ck_assert_int_eq(good, _i == 0);
	scene.lacking = 0;
	drop_fresh();
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert_ptr_eq(worker_listener(worker, 0), listener);
	ck_assert(scene_ask(0, 0));
	ck_assert_uint_eq(answered(0), 1);
}
END_TEST

/* What the peer's socket has no room for is sent, or counted, at the end. */
START_TEST(test_stops)
{
	const struct fake_fault full = { .call = FAKE_SEND, .code = MH_EAGAIN };

	serve("echo=127.0.0.1:7");
	fake_fault(&full);
	ck_assert(!scene_ask(0, 0));
	ck_assert(!worker_stop(worker));
	if (_i == 0) {
		fake_heal();
		ck_assert(worker_stop(worker));
		ck_assert_uint_eq(answered(0), 1);
	} else {
		worker_abandon(worker);
		ck_assert(worker_stop(worker));
		ck_assert_uint_eq(answered(0), 0);
	}
}
END_TEST

/* Without a thread of its own it is always between two turns. */
START_TEST(test_is_never_stuck)
{
	serve("echo=127.0.0.1:7");
	ck_assert(worker_barrier(worker));
	ck_assert(worker_answers(worker));
	ck_assert(!worker_pin(worker, 1));
	/* The fake host has no threads. */
	ck_assert_ptr_null(
	    worker_new(NULL, 0, 8, &scene.secret, scene.workers.netwatch));
	worker_free(NULL);
}
END_TEST

Suite *
worker_suite(void)
{
	Suite *suite = suite_create("worker");
	TCase *tcase = scene_tcase("worker");

	tcase_add_test(tcase, test_answers_by_the_plan);
	tcase_add_test(tcase, test_is_seen_at_the_switch);
	tcase_add_test(tcase, test_moves_listeners);
	tcase_add_test(tcase, test_follows_the_plan);
	tcase_add_test(tcase, test_learns_addresses);
	tcase_add_test(tcase, test_closes_the_rest);
	tcase_add_loop_test(tcase, test_discards, 0, 2);
	tcase_add_loop_test(tcase, test_slices, 0, 2);
	tcase_add_loop_test(tcase, test_out_of_memory, 0, 7);
	tcase_add_loop_test(tcase, test_stops, 0, 2);
	tcase_add_test(tcase, test_is_never_stuck);
	suite_add_tcase(suite, tcase);
	return suite;
}
