/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/netwatch.c in one thread: a burst of changes is read once, and
 * every worker gets the result.
 */
#include "daemon/netwatch.h"

#include "unit/daemon/scene.h"

#include <string.h>

#define WATCH 7777 /* a handle that no socket has */

static struct netwatch *netwatch;
static struct host_address addresses[2];
static struct event_base *elsewhere;

/* What a worker has. */
static struct known {
	struct localnet *localnet;
	unsigned int calls;
} known[3];

static void
learn(void *argument, struct localnet *localnet)
{
	struct known *mine = argument;

	localnet_release(mine->localnet);
	mine->localnet = localnet;
	mine->calls++;
}

static void
setup(void)
{
	memset(known, 0, sizeof(known));
	addresses[0] =
	    (struct host_address){ .address = unit_address("192.0.2.1") };
	addresses[1] =
	    (struct host_address){ .address = unit_address("192.0.2.2") };
	fake_host.addresses = addresses;
	fake_host.address_count = 1;
	fake_host.watch_handle = WATCH;
	elsewhere = events_base();
}

static void
teardown(void)
{
	unsigned int i;

	for (i = 0; i < LENGTH(known); i++) {
		if (netwatch != NULL)
			netwatch_leave(netwatch, i);
		localnet_release(known[i].localnet);
	}
	netwatch_free(netwatch);
	netwatch = NULL;
	event_base_free(elsewhere);
}

static void
start(void)
{
	unsigned int i;

	netwatch = netwatch_new(scene.base, LENGTH(known));
	ck_assert_ptr_nonnull(netwatch);
	for (i = 0; i < LENGTH(known); i++)
		ck_assert(
		    netwatch_join(netwatch, i, scene.base, learn, &known[i]));
}

/* Has each worker been called that often, and does it know that many? */
static void
assert_known(unsigned int calls, size_t count)
{
	unsigned int i;

	for (i = 0; i < LENGTH(known); i++) {
		ck_assert_uint_eq(known[i].calls, calls);
		if (calls == 0)
			continue;
		ck_assert_uint_eq(
		    known[i].localnet->guard.address_count, count);
		ck_assert_ptr_eq(known[i].localnet, known[0].localnet);
	}
}

START_TEST(test_all_know_at_once)
{
	start();
	assert_known(1, 1);
	ck_assert_uint_eq(fake_host.network_loads, 1);
}
END_TEST

/* However many messages, the list is read once. */
START_TEST(test_bursts)
{
	unsigned int i;

	start();
	fake_host.network_changed = true;
	fake_host.address_count = 2;
	for (i = 0; i < 100; i++)
		events_read(scene.base, WATCH);
	assert_known(1, 1);
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(2, 2);
	ck_assert_uint_eq(fake_host.network_loads, 2);
	/* Nothing more to do until the next. */
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
	fake_host.address_count = 1;
	events_read(scene.base, WATCH);
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(3, 1);
}
END_TEST

/* A message about something else. */
START_TEST(test_no_change)
{
	start();
	events_read(scene.base, WATCH);
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
	ck_assert_uint_eq(fake_host.network_loads, 1);
}
END_TEST

/* What changes while it is being read is read again. */
START_TEST(test_again)
{
	fake_host.network_again = true;
	start();
	fake_host.address_count = 2;
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(2, 2);
	fake_host.network_again = false;
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(3, 2);
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
}
END_TEST

/* It keeps what it knows, logs that once, and tries again. */
START_TEST(test_failure)
{
	const char *log;

	start();
	fake_host.network_error = MH_ESYSTEM;
	fake_host.network_changed = true;
	events_read(scene.base, WATCH);
	events_happen(scene.base, EV_TIMEOUT);
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(1, 1);
	log = strstr(scratch_log(), "cannot read the addresses");
	ck_assert_ptr_nonnull(log);
	ck_assert_ptr_null(strstr(log + 1, "cannot read the addresses"));
	fake_host.network_error = 0;
	fake_host.address_count = 2;
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(2, 2);
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
}
END_TEST

/* The first time: workers start all the same, and learn of it later. */
START_TEST(test_failure_at_start)
{
	fake_host.network_error = MH_ESYSTEM;
	start();
	assert_known(0, 0);
	fake_host.network_error = 0;
	events_happen(scene.base, EV_TIMEOUT);
	assert_known(1, 1);
}
END_TEST

/* The system cannot report changes. */
START_TEST(test_no_watch)
{
	fake_host.watch_handle = -1;
	start();
	assert_known(1, 1);
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
}
END_TEST

/* Without threads, nobody may be called in another loop. */
START_TEST(test_other_loop)
{
	netwatch = netwatch_new(scene.base, 1);
	ck_assert_ptr_nonnull(netwatch);
	ck_assert(!netwatch_join(netwatch, 0, elsewhere, learn, &known[0]));
	ck_assert_uint_eq(known[0].calls, 0);
	netwatch_leave(netwatch, 0);
	netwatch_free(netwatch);
	netwatch = NULL;
	netwatch_free(NULL);
}
END_TEST

/*
 * A worker that left is not called; one that has not joined yet gets the
 * newest.
 */
START_TEST(test_leave_and_join)
{
	start();
	netwatch_leave(netwatch, 1);
	netwatch_leave(netwatch, 1);
	fake_host.network_changed = true;
	fake_host.address_count = 2;
	events_read(scene.base, WATCH);
	events_happen(scene.base, EV_TIMEOUT);
	ck_assert_uint_eq(known[0].calls, 2);
	ck_assert_uint_eq(known[1].calls, 1);
	ck_assert(netwatch_join(netwatch, 1, scene.base, learn, &known[1]));
	assert_known(2, 2);
}
END_TEST

START_TEST(test_out_of_memory)
{
	scene.lacking = (unsigned int)_i;
	netwatch = netwatch_new(scene.base, LENGTH(known));
	ck_assert_int_eq(netwatch != NULL, _i == 0);
	scene.lacking = 0;
}
END_TEST

Suite *
netwatch_suite(void)
{
	Suite *suite = suite_create("netwatch");
	TCase *tcase = scene_tcase("netwatch");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_all_know_at_once);
	tcase_add_test(tcase, test_bursts);
	tcase_add_test(tcase, test_no_change);
	tcase_add_test(tcase, test_again);
	tcase_add_test(tcase, test_failure);
	tcase_add_test(tcase, test_failure_at_start);
	tcase_add_test(tcase, test_no_watch);
	tcase_add_test(tcase, test_other_loop);
	tcase_add_test(tcase, test_leave_and_join);
	tcase_add_loop_test(tcase, test_out_of_memory, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
