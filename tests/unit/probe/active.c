/* SPDX-License-Identifier: ISC */
/*
 * src/probe/active.c over the fake system: what the event loop watches for a
 * session, and for how long.
 */
#include "probe/active.h"

#include "unit/fixture.h"
#include "unit/probe/suites.h"
#include "platform/clock.h"

#include <event2/event.h>

enum { PATHS = 3 };

static struct options options;
static struct probe probe;
static struct event_base *base;
static struct active_place place;
static struct active *active;

static void
on_wake(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	(void)argument;
}

static void
setup(void)
{
	struct event_config *config = event_config_new();

	/* It would look for the handles of the fake system. */
	event_config_avoid_method(config, "epoll");
	base = event_base_new_with_config(config);
	event_config_free(config);
	options = (struct options){ .protocol = &protocol_echo,
		.count = 1,
		.interval = 1,
		.timeout = INT64_C(3600000000000),
		.size = -1 };
	ck_assert_int_eq(probe_init(&probe, &options), 0);
	place = (struct active_place){ &probe, base,
		evtimer_new(base, on_wake, NULL) };
	active = NULL;
}

static void
teardown(void)
{
	if (active != NULL)
		active_finish(active);
	event_free(place.wake);
	event_base_free(base);
	probe_clear(&probe);
}

/* The event that watches a socket; NULL: none does. */
struct search {
	intptr_t handle;
	const struct event *found;
	unsigned int count; /* of all sockets */
};

static int
match(const struct event_base *of, const struct event *event, void *argument)
{
	struct search *search = argument;

	(void)of;
	if ((event_get_events(event) & EV_READ) == 0)
		return 0;
	search->count++;
	if (event_get_fd(event) == search->handle)
		search->found = event;
	return 0;
}

static struct search
watched(intptr_t handle)
{
	struct search search = { .handle = handle };

	event_base_foreach_event(base, match, &search);
	return search;
}

/* A socket is readable, as the loop would find. */
static void
readable(intptr_t handle)
{
	const struct event *event = watched(handle).found;

	ck_assert_ptr_nonnull(event);
	event_get_callback(event)(
	    event_get_fd(event), EV_READ, event_get_callback_arg(event));
}

static void
start(struct session *session)
{
	ck_assert_int_eq(
	    active_start(&active, &place, session), ACTIVE_STARTED);
}

static struct session *
new_session(const char *peer)
{
	return suites_session(&probe.plan, peer);
}

/* Each socket is watched, and what arrives wakes the loop. */
START_TEST(test_paths)
{
	struct session *session;
	struct fake_incoming incoming = { .ttl = 64 };
	unsigned int i;

	probe.plan.paths = PATHS;
	session = new_session("192.0.2.1:7");
	start(session);
	ck_assert_uint_eq(watched(0).count, PATHS);
	while (session->sent < PATHS)
		ck_assert_int_ge(active_step(active), 0);
	incoming.peer = session->peer;
	for (i = 0; i < PATHS; i++) {
		event_del(place.wake);
		incoming.data = fake.sent[i].data;
		incoming.length = fake.sent[i].length;
		fake_deliver(fake.sent[i].handle, &incoming);
		readable(fake.sent[i].handle);
		ck_assert_uint_eq(session->received, i + 1);
		ck_assert(evtimer_pending(place.wake, NULL) != 0);
	}
	active_finish(active);
	active = NULL;
	ck_assert_uint_eq(watched(0).count, 0);
	ck_assert_uint_eq(fake_open_count(), 0);
	session_free(session);
}
END_TEST

/* Answered, it keeps listening for duplicates: no longer than for answers. */
START_TEST(test_linger)
{
	static const int64_t timeouts[] = { 1, INT64_C(3600000000000) };
	struct session *session;
	struct fake_incoming incoming = { .ttl = 64 };
	int64_t before, end;

	probe.plan.timeout = timeouts[_i];
	session = new_session("192.0.2.1:7");
	start(session);
	ck_assert_int_ge(active_step(active), 0);
	incoming.peer = session->peer;
	incoming.data = fake.sent[0].data;
	incoming.length = fake.sent[0].length;
	fake_deliver(fake.sent[0].handle, &incoming);
	readable(fake.sent[0].handle);
	ck_assert(session_is_done(session));
	before = host_monotonic_ns();
	end = active_step(active);
	if (_i == 1)
		ck_assert_int_ge(end, before + INT64_C(100000000));
	else {
		ck_assert_int_le(end, host_monotonic_ns() + 1);
		while (active_step(active) != ACTIVE_OVER)
			;
	}
	session_free(session);
}
END_TEST

/* Without an answer there is nothing to wait for. */
START_TEST(test_over)
{
	struct session *session = new_session("192.0.2.1:7");

	start(session);
	ck_assert_int_ge(active_step(active), 0);
	fake.reports[0].icmp = (struct mh_icmp_error){ .kind = MH_ICMP_PORT };
	fake.report_count = 1;
	readable(fake.sent[0].handle);
	ck_assert(session_is_done(session));
	ck_assert_int_eq(active_step(active), ACTIVE_OVER);
	session_free(session);
}
END_TEST

/* It says why. */
START_TEST(test_refused)
{
	struct session *session = new_session("192.0.2.1:7");

	options.only_ipv6 = true;
	ck_assert_int_eq(
	    active_start(&active, &place, session), ACTIVE_REFUSED);
	ck_assert_int_eq(session_verdict(session), SESSION_ERROR);
	ck_assert_uint_eq(watched(0).count, 0);
	session_free(session);
}
END_TEST

/* Some of the sockets, and then no more: they are given back. */
START_TEST(test_no_sockets)
{
	const struct fake_fault fault = {
		.call = FAKE_CREATE, .skip = 1, .code = MH_ESYSTEM
	};
	struct session *session;

	probe.plan.paths = PATHS;
	session = new_session("192.0.2.1:7");
	fake_fault(&fault);
	ck_assert_int_eq(
	    active_start(&active, &place, session), ACTIVE_NO_SOCKETS);
	ck_assert_uint_eq(watched(0).count, 0);
	ck_assert_uint_eq(fake_open_count(), 0);
	session_free(session);
}
END_TEST

Suite *
probe_active_suite(void)
{
	Suite *suite = suite_create("probe active");
	TCase *tcase = fixture_tcase("active");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_paths);
	tcase_add_loop_test(tcase, test_linger, 0, 2);
	tcase_add_test(tcase, test_over);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_no_sockets);
	suite_add_tcase(suite, tcase);
	return suite;
}
