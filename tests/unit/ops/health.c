/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/health.c: rounds over the fake system, with a clock that the
 * test sets and a timer that it fires.
 */
#include "daemon/ops/health.h"

#include "unit/events.h"
#include "unit/fake_host.h"
#include "unit/fixture.h"
#include "unit/scratch.h"

#include <stdio.h>
#include <string.h>

enum { WORKERS = 2, TRIES = 4 };

static struct selfprobe_secret secret = { .enabled = true,
	.bytes = "0123456789abcde" };
static struct event_base *base;
static struct health *health;
static struct liveness_count counted; /* of each socket */
static bool queued;                   /* a datagram, at each */
static bool stuck;                    /* a thread */
static bool unasked_fails;

static void
count(void *argument, const struct selfprobe_socket *socket,
    struct liveness_count *result)
{
	(void)argument;
	ck_assert_uint_lt(socket->worker, WORKERS);
	*result = counted;
}

static bool
waiting(void *argument, const struct selfprobe_socket *socket)
{
	(void)argument;
	ck_assert_uint_lt(socket->worker, WORKERS);
	return queued;
}

static bool
turning(void *argument)
{
	(void)argument;
	return !stuck;
}

static const struct liveness_source source = { count, waiting, turning, NULL };

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
	counted = (struct liveness_count){ 0 };
	queued = stuck = unasked_fails = false;
	base = events_base();
	health = health_new(base, &source, &secret);
	ck_assert_ptr_nonnull(health);
}

static void
teardown(void)
{
	health_free(health);
	event_base_free(base);
	scratch_remove();
}

static struct selfprobe_target targets[2];

/* Begin with sockets at those endpoints; "": only one. */
static void
begin(const char *one, const char *other, unsigned int interval)
{
	struct health_subject subject = { targets, 1, interval, unasked_fails };

	targets[0] = (struct selfprobe_target){ .bound = unit_address(one),
		.can = MH_CAN_IPV4,
		.sockets = WORKERS };
	targets[1] = targets[0];
	targets[1].bound = unit_address(other);
	subject.target_count += *other != '\0';
	health_restart(health, &subject);
}

/* Every query from number first on, except every skip-th, gets its reply. */
static void
reply(unsigned int first, unsigned int skip)
{
	struct selfprobe_message message;
	struct fake_incoming incoming = { .data = &message,
		.length = sizeof(message) };
	unsigned int i;

	for (i = first; i < fake.sent_count; i++) {
		if (skip != 0 && (i + 1) % skip == 0)
			continue;
		memcpy(&message, fake.sent[i].data, sizeof(message));
		memcpy(message.worker, message.number, sizeof(message.worker));
		incoming.peer = fake.sent[i].peer;
		fake_deliver(fake.sent[i].handle, &incoming);
	}
	events_happen(base, EV_READ);
}

/* The rest of the round, and thus the beginning of the next one. */
static void
finish(void)
{
	int i;

	for (i = 0; i < TRIES; i++)
		events_happen(base, EV_TIMEOUT);
}

static void
wind(int64_t seconds)
{
	fake_host.monotonic_ns += seconds * 1000000000;
}

START_TEST(test_good_when_all_reply)
{
	begin("127.0.0.1:7", "127.0.0.2:8", 10);
	ck_assert_uint_eq(fake.sent_count, 2 * WORKERS);
	ck_assert(!health_is_good(health));
	ck_assert_str_eq(fake_host.notices, "");
	reply(0, 0);
	/* At once, and for one interval. */
	ck_assert(health_is_good(health));
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
	wind(10);
	ck_assert(health_is_good(health));
	wind(1);
	ck_assert(!health_is_good(health));
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* One notification per round, one query per socket. */
START_TEST(test_round_after_round)
{
	unsigned int round;

	begin("127.0.0.1:7", "", 10);
	for (round = 0; round < 3; round++) {
		ck_assert_uint_eq(fake.sent_count, (round + 1) * WORKERS);
		reply(round * WORKERS, 0);
		wind(4);
		finish();
		ck_assert(health_is_good(health));
	}
	ck_assert_str_eq(fake_host.notices, "ALIVE|ALIVE|ALIVE|");
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* Only what has not replied is queried again; a late reply counts, too. */
START_TEST(test_retries_what_is_missing)
{
	begin("127.0.0.1:7", "", 10);
	reply(0, WORKERS);
	ck_assert(!health_is_good(health));
	events_happen(base, EV_TIMEOUT);
	events_happen(base, EV_TIMEOUT);
	ck_assert_uint_eq(fake.sent_count, WORKERS + 2);
	reply(WORKERS + 1, 0);
	ck_assert(health_is_good(health));
	events_happen(base, EV_TIMEOUT);
	ck_assert_uint_eq(fake.sent_count, WORKERS + 2);
	events_happen(base, EV_TIMEOUT);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/*
 * The log names a socket that has datagrams and does not read them, and nothing
 * keeps it alive.
 */
START_TEST(test_deaf_socket)
{
	begin("127.0.0.1:7", "", 10);
	reply(0, WORKERS);
	queued = true;
	finish();
	ck_assert(!health_is_good(health));
	ck_assert_str_eq(fake_host.notices, "");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: self-probe: not all sockets answered: "
	    "127.0.0.1:7 of worker 2 of 2\n");
	ck_assert_uint_eq(health_unknown(health), 0);
	/* Once a minute. */
	finish();
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

START_TEST(test_deaf_sockets)
{
	begin("127.0.0.1:7", "127.0.0.2:8", 10);
	queued = true;
	finish();
	ck_assert_ptr_nonnull(strstr(scratch_log(), ", and others\n"));
	ck_assert_str_eq(fake_host.notices, "");
}
END_TEST

/* Nor does anything keep alive a thread that hangs, whatever is unknown. */
START_TEST(test_stuck_thread)
{
	begin("127.0.0.1:7", "192.0.2.1:8", 10);
	stuck = true;
	reply(0, 0);
	finish();
	ck_assert(!health_is_good(health));
	ck_assert_str_eq(fake_host.notices, "");
	ck_assert_ptr_nonnull(strstr(
	    scratch_log(), "not all sockets answered: a worker is stuck\n"));
	stuck = false;
	finish();
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
}
END_TEST

/* A socket that is flooded is alive, if not healthy. */
START_TEST(test_busy_socket)
{
	begin("127.0.0.1:7", "", 10);
	queued = true;
	counted.received += 1000;
	counted.drops++;
	finish();
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
	ck_assert(!health_is_good(health));
	ck_assert_ptr_nonnull(strstr(scratch_log(), "not all sockets"));
	/* What counts is what came in this round. */
	finish();
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
}
END_TEST

/* What kept a query or its reply away, and how that is logged. */
static const struct {
	uint64_t queries; /* that each socket has received */
	const char *why;
} lost[] = {
	{ 0,
	    "no query arrives: is lo down, or does a firewall drop what this "
	    "host sends to itself?" },
	{ 4,
	    "queries arrive, but replies do not come back: does a firewall "
	    "drop what this host sends to itself?" },
};

/*
 * It is read, or there is nothing to read: a restart would change nothing, and
 * /healthz says what health-unasked says.  Logged once.
 */
START_TEST(test_out_of_reach)
{
	char line[300];
	int i;

	unasked_fails = _i % 2 != 0;
	begin("127.0.0.1:7", "127.0.0.2:8", 10);
	counted.received += lost[_i / 2].queries;
	counted.queries += lost[_i / 2].queries;
	finish();
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
	ck_assert(health_is_good(health) == !unasked_fails);
	ck_assert_uint_eq(health_unknown(health), 2);
	snprintf(line, sizeof(line),
	    "multihomed: warning: self-probe: cannot query 127.0.0.1:7 and 1 "
	    "more: %s\n",
	    lost[_i / 2].why);
	ck_assert_str_eq(scratch_log(), line);
	for (i = 0; i < 3; i++) {
		counted.received += lost[_i / 2].queries;
		counted.queries += lost[_i / 2].queries;
		finish();
	}
	ck_assert_str_eq(scratch_log(), "");
	reply(fake.sent_count - 2 * WORKERS, 0);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: self-probe: all sockets can be queried again\n");
	ck_assert_uint_eq(health_unknown(health), 0);
	ck_assert(health_is_good(health));
}
END_TEST

/* Nothing at all can be queried: known after the first try. */
START_TEST(test_no_way_in)
{
	begin("192.0.2.1:7", "192.0.2.1:8", 10);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert(!health_is_good(health));
	events_happen(base, EV_TIMEOUT);
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
	ck_assert(health_is_good(health));
	ck_assert_uint_eq(health_unknown(health), 2);
}
END_TEST

/* Many sockets are queried in slices, which together take a round. */
START_TEST(test_spread)
{
	enum { TARGETS = 8 * SELFPROBE_SLICE };
	static struct selfprobe_target many[TARGETS];
	const struct health_subject subject = { many, TARGETS, 10, false };
	unsigned int i, most = 0, before, ticks;

	for (i = 0; i < TARGETS; i++)
		many[i] = (struct selfprobe_target){
			.bound = { .family = MH_FAMILY_IPV4,
			    .ip = { 127, 0, 0, 2 },
			    .port = (uint16_t)(1000 + i) },
			.can = MH_CAN_IPV4,
			.sockets = 1,
		};
	health_restart(health, &subject);
	for (ticks = 0; fake.sent_count < TARGETS; ticks++) {
		before = fake.sent_count;
		events_happen(base, EV_TIMEOUT);
		if (fake.sent_count - before > most)
			most = fake.sent_count - before;
		ck_assert_uint_lt(ticks, TARGETS);
	}
	ck_assert_uint_le(most, SELFPROBE_SLICE);
	reply(0, 0);
	/* As many batches as there are, since a reply waits for its turn. */
	for (i = 0; i < TARGETS / 32 && !health_is_good(health); i++)
		events_happen(base, EV_READ);
	ck_assert(health_is_good(health));
}
END_TEST

/* An address that is gone is no reason to be killed. */
START_TEST(test_absent_address)
{
	unasked_fails = _i != 0;
	begin("127.0.0.1:7", "192.0.2.1:8", 10);
	ck_assert_uint_eq(fake.sent_count, WORKERS);
	reply(0, 0);
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
	ck_assert(health_is_good(health) == !unasked_fails);
	finish();
	ck_assert_str_eq(fake_host.notices, "ALIVE|");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: self-probe: cannot query 192.0.2.1:8: its "
	    "address is not on this host\n");
	ck_assert_uint_eq(health_unknown(health), 1);
	ck_assert_uint_eq(health_unknown(NULL), 0);
}
END_TEST

/* Other targets: replies missing from the old ones do not matter. */
START_TEST(test_restart)
{
	begin("127.0.0.1:7", "127.0.0.2:8", 10);
	begin("127.0.0.1:9", "", 10);
	ck_assert_uint_eq(fake.sent_count, 3 * WORKERS);
	reply(2 * WORKERS, 0);
	ck_assert(health_is_good(health));
}
END_TEST

/*
 * How long a try lasts, in seconds.  Long, so that the time that the test
 * itself takes does not matter.
 */
static const struct {
	unsigned int interval, watchdog;
	long seconds;
} periods[] = {
	{ 3600, 0, 360 }, { 3600, 600, 50 }, { 3600, 36000, 360 },
	{ 0, 600, 50 }, { 0, 3600, 300 }, { 0, 0, 0 }, /* a quarter */
};

START_TEST(test_keeps_the_period)
{
	const struct timeval tenth = { .tv_sec = periods[_i].seconds / 10 };
	struct timeval now, then, left, wanted, least, most;

	fake_host.watchdog = periods[_i].watchdog * UINT64_C(1000000000);
	begin("127.0.0.1:7", "", periods[_i].interval);
	ck_assert(
	    event_pending(events_waiting(base, EV_TIMEOUT), EV_TIMEOUT, &then));
	evutil_gettimeofday(&now, NULL);
	evutil_timersub(&then, &now, &left);
	wanted = (struct timeval){ .tv_sec = periods[_i].seconds };
	evutil_timersub(&wanted, &tenth, &least);
	evutil_timeradd(&wanted, &tenth, &most);
	if (periods[_i].seconds == 0)
		most.tv_sec = 5;
	ck_assert_msg(evutil_timercmp(&left, &most, <), "%ld s is too long",
	    (long)left.tv_sec);
	ck_assert_msg(
	    periods[_i].seconds == 0 || evutil_timercmp(&left, &least, >),
	    "%ld s is too short", (long)left.tv_sec);
}
END_TEST

START_TEST(test_no_sockets)
{
	static const struct fake_fault none = { .call = FAKE_CREATE,
		.code = MH_ESYSTEM };

	fake_fault(&none);
	ck_assert_ptr_null(health_new(base, &source, &secret));
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "error: self-probe: cannot open a socket"));
	health_free(NULL);
}
END_TEST

Suite *
health_suite(void)
{
	Suite *suite = suite_create("health");
	TCase *tcase = fixture_tcase("health");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_good_when_all_reply);
	tcase_add_test(tcase, test_round_after_round);
	tcase_add_test(tcase, test_retries_what_is_missing);
	tcase_add_test(tcase, test_deaf_socket);
	tcase_add_test(tcase, test_deaf_sockets);
	tcase_add_test(tcase, test_busy_socket);
	tcase_add_test(tcase, test_stuck_thread);
	tcase_add_loop_test(tcase, test_out_of_reach, 0, 2 * LENGTH(lost));
	tcase_add_test(tcase, test_no_way_in);
	tcase_add_test(tcase, test_spread);
	tcase_add_loop_test(tcase, test_absent_address, 0, 2);
	tcase_add_test(tcase, test_restart);
	tcase_add_loop_test(tcase, test_keeps_the_period, 0, LENGTH(periods));
	tcase_add_test(tcase, test_no_sockets);
	suite_add_tcase(suite, tcase);
	return suite;
}
