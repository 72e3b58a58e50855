/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/siblings.c: whose sockets know of one another; and that it takes
 * no more room than that.
 */
#include "daemon/siblings.h"

#include "unit/daemon/scene.h"
#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

static struct listener *listener;

/* One will do: only what it is bound to counts. */
static struct listener *
make_listener(struct mh_batch *batch)
{
	static const struct service echo = { .name = "echo" };
	const struct path_settings set = { .service = &echo };

	listener = listener_new(
	    scene.base, fixture_open("127.0.0.1:7000", 0), batch, &set, "echo");
	ck_assert_ptr_nonnull(listener);
	return listener;
}

START_TEST(test_members)
{
	static const struct service wanting = { .name = "wanting",
		.wants = SERVICE_WANTS_ENDS };
	struct plan *plan = scene_plan(
	    "echo=127.0.0.1:7,127.0.0.2:7,127.0.0.3:7 discard=127.0.0.1:9");
	struct bindings bindings = scene_bindings(plan);
	const struct bindings none = { .items = NULL };
	struct mh_batch *batch = mh_batch_new(1);
	struct listener *listeners[4] = { NULL };
	struct ends **ends;

	plan->services[0].config->service = &wanting;
	ck_assert_int_eq(bindings_open(&bindings, plan, &none), 0);
	ck_assert_uint_eq(bindings.count, 4);
	/* A worker need not have all of them. */
	listeners[0] = listeners[2] = listeners[3] = make_listener(batch);
	ends = siblings_new(plan, &bindings);
	ck_assert_ptr_nonnull(ends);
	ck_assert_uint_eq(ends[0]->count, 0);
	siblings_join(ends, &bindings, listeners);
	ck_assert_ptr_null(ends[0]->others);
	ck_assert_ptr_null(ends[0]->serve);
	ck_assert_uint_eq(ends[0]->count, 2);
	ck_assert_ptr_eq(ends[0]->members[0].listener, listener);
	ck_assert_uint_eq(ends[0]->members[0].pair, 0);
	ck_assert_uint_eq(ends[0]->members[1].pair, 2);
	unit_assert_address(
	    &ends[0]->members[1].bound, "127.0.0.1:7000", "bound");
	/* A service that does not look at them has none. */
	ck_assert_ptr_null(ends[1]);
	siblings_free(ends, plan->service_count);
	siblings_free(NULL, 1);
	listener_free(listener);
	mh_batch_free(batch);
	bindings_clear(&bindings);
	plan_free(plan);
}
END_TEST

static const struct service_others *
known_others(const void *prepared)
{
	return prepared;
}

/* What is configured counts, and what the host has; not if that is unknown. */
START_TEST(test_learns)
{
	static const struct service knowing = { .name = "knowing",
		.wants = SERVICE_WANTS_ENDS,
		.others = known_others };
	const struct mh_address asked = unit_address("192.0.2.1");
	struct mh_address list[] = { asked, unit_address("192.0.2.2"),
		unit_address("192.0.2.3") };
	const struct service_others others = { .named = &list[2],
		.named_count = 1 };
	struct localnet localnet = { .candidates = { list, 3 } };
	const struct guard_own own = { .endpoints = NULL };
	struct plan *plan = scene_plan("--serve=192.0.2.0/24 echo=127.0.0.1:7");
	const struct service_others *before = plan->services[0].prepared;
	struct binding binding = { .service = 0 };
	struct bindings bindings = { .items = &binding, .count = 1 };
	struct ends **ends;

	ck_assert_ptr_null(before);
	plan->services[0].config->service = &knowing;
	plan->services[0].prepared = malloc(sizeof(others));
	ck_assert_ptr_nonnull(plan->services[0].prepared);
	memcpy(plan->services[0].prepared, &others, sizeof(others));
	ends = siblings_new(plan, &bindings);
	ck_assert_ptr_nonnull(ends);
	ck_assert_ptr_eq(ends[0]->serve, plan->services[0].rules.serve);
	siblings_learn(ends, plan->service_count, NULL, &own);
	ck_assert_ptr_null(ends_second(ends[0], &asked));
	siblings_learn(ends, plan->service_count, &localnet, &own);
	unit_assert_address(ends_second(ends[0], &asked), "192.0.2.3", "named");
	siblings_free(ends, plan->service_count);
	plan_free(plan);
}
END_TEST

Suite *
siblings_suite(void)
{
	Suite *suite = suite_create("siblings");
	TCase *tcase = scene_tcase("siblings");

	tcase_add_test(tcase, test_members);
	tcase_add_test(tcase, test_learns);
	suite_add_tcase(suite, tcase);
	return suite;
}
