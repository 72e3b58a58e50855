/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/siblings.c: whose sockets know of one another; and that it takes
 * no more room than that.
 */
#include "daemon/siblings.h"

#include "unit/daemon/scene.h"
#include "unit/fixture.h"

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
	const struct ends_addresses addresses = { .ipv4 = { { .family = 0 } } };
	struct plan *plan = scene_plan(
	    "echo=127.0.0.1:7,127.0.0.2:7,127.0.0.3:7 discard=127.0.0.1:9");
	struct bindings bindings = scene_bindings(plan);
	const struct bindings none = { .items = NULL };
	struct mh_batch *batch = mh_batch_new(1);
	struct listener *listeners[4] = { NULL };
	struct ends *ends;

	plan->services[0].config->service = &wanting;
	ck_assert_int_eq(bindings_open(&bindings, plan, &none), 0);
	ck_assert_uint_eq(bindings.count, 4);
	/* A worker need not have all of them. */
	listeners[0] = listeners[2] = listeners[3] = make_listener(batch);
	ends = siblings_new(plan, &bindings, &addresses);
	ck_assert_ptr_nonnull(ends);
	ck_assert_uint_eq(ends[0].count, 0);
	siblings_join(ends, plan, &bindings, listeners);
	ck_assert_ptr_eq(ends[0].addresses, &addresses);
	ck_assert_uint_eq(ends[0].count, 2);
	ck_assert_ptr_eq(ends[0].members[0].listener, listener);
	ck_assert_uint_eq(ends[0].members[0].pair, 0);
	ck_assert_uint_eq(ends[0].members[1].pair, 2);
	unit_assert_address(
	    &ends[0].members[1].bound, "127.0.0.1:7000", "bound");
	/* A service that does not look at them has none. */
	ck_assert_ptr_null(ends[1].members);
	ck_assert_uint_eq(ends[1].count, 0);
	siblings_free(ends, plan->service_count);
	siblings_free(NULL, 1);
	listener_free(listener);
	mh_batch_free(batch);
	bindings_clear(&bindings);
	plan_free(plan);
}
END_TEST

Suite *
siblings_suite(void)
{
	Suite *suite = suite_create("siblings");
	TCase *tcase = scene_tcase("siblings");

	tcase_add_test(tcase, test_members);
	suite_add_tcase(suite, tcase);
	return suite;
}
