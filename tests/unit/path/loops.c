/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/loops.c: a loop ends, and nobody else is affected.  Pure; the
 * test sets the clock.
 */
#include "daemon/path/loops.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define START (12345 * SECOND)

static struct loops loops;
static struct mh_datagram request;
static char payload[1400];
static int64_t now;

static void
setup(void)
{
	ck_assert(loops_init(&loops, (const uint8_t *)"sixteen bytes of"));
	memset(payload, 'x', sizeof(payload));
	request = (struct mh_datagram){
		.peer = unit_address("198.51.100.9:4000"),
		.local = unit_address("192.0.2.1:7007"),
		.data = payload,
		.length = 1000,
	};
	now = START;
}

static void
teardown(void)
{
	loops_clear(&loops);
}

/* Send equal datagrams at that rate; returns how many are dropped. */
static unsigned int
send_evenly(unsigned int per_second, int64_t duration)
{
	int64_t end = now + duration;
	unsigned int dropped = 0;

	for (; now < end; now += SECOND / per_second)
		dropped += !loops_pass(&loops, &request, now);
	return dropped;
}

/*
 * A loop of datagrams, each of which comes back after a while if it was
 * answered; returns when the last one is dropped, or 0 if some are still going
 * round after a minute.
 */
static int64_t
run_loop(unsigned int count, int64_t way, int64_t between)
{
	int64_t due[1000], end = now + 60 * SECOND, begin = now;
	unsigned int i, next, left = count;

	ck_assert_uint_le(count, LENGTH(due));
	for (i = 0; i < count; i++)
		due[i] = now + (int64_t)i * between;
	while (left > 0) {
		for (next = i = 0; i < left; i++)
			if (due[i] < due[next])
				next = i;
		now = due[next];
		if (now > end)
			return 0;
		if (loops_pass(&loops, &request, now))
			due[next] = now + way;
		else
			due[next] = due[--left];
	}
	return now - begin;
}

static const struct {
	unsigned int count;
	int64_t way, between;
	size_t length;
} rings[] = {
	/* As many as there were, 20 ms away: 1500 a second. */
	{ 30, 20 * MILLISECOND, 0, 1000 },
	{ 30, 20 * MILLISECOND, MILLISECOND, 1000 },
	{ 30, 100 * MILLISECOND, 0, 1000 },
	{ 30, 100 * MILLISECOND, 3 * MILLISECOND, 1400 },
	/* In the same room, around the world. */
	{ 1, MILLISECOND / 20, 0, 100 },
	{ 4, MILLISECOND, 0, 64 },
	{ 1000, 380 * MILLISECOND, 0, 200 },
	{ 1000, 380 * MILLISECOND, MILLISECOND / 3, 200 },
	{ 6, 24 * MILLISECOND, 0, 1000 },
	{ 6, 24 * MILLISECOND, 4 * MILLISECOND, 1000 },
	/* Small ones. */
	{ 30, 20 * MILLISECOND, 0, 0 },
	{ 30, 20 * MILLISECOND, 0, 1 },
	{ 30, 20 * MILLISECOND, 0, 15 },
	{ 30, 20 * MILLISECOND, 0, 16 },
	{ 30, 20 * MILLISECOND, 0, 17 },
};

START_TEST(test_ends_loops)
{
	int64_t took;

	request.length = rings[_i].length;
	took = run_loop(rings[_i].count, rings[_i].way, rings[_i].between);
	ck_assert_msg(took > 0, "it goes on");
	ck_assert_msg(took <= 2 * SECOND, "it took %lld ms",
	    (long long)(took / MILLISECOND));
}
END_TEST

/* The next one fares no better. */
START_TEST(test_ends_the_next_loop)
{
	int i;

	for (i = 0; i < 20; i++) {
		ck_assert_int_gt(run_loop(30, 20 * MILLISECOND, 0), 0);
		now += 11 * SECOND;
	}
}
END_TEST

/* When nothing repeats itself any more, sampling suffices again. */
START_TEST(test_rests)
{
	uint32_t number;

	(void)send_evenly(1000, SECOND);
	ck_assert_uint_eq(loops.left, 0);
	request.data = (char *)&number;
	request.length = sizeof(number);
	for (number = 0; number < 100000; number++, now += SECOND / 1000)
		if (loops_pass(&loops, &request, now) && loops.left > 0)
			break;
	/* Hot as it was, it fades within seconds, but not at once. */
	ck_assert_uint_gt(number, 500);
	ck_assert_uint_lt(number, 6000);
}
END_TEST

/* Among much that is not a loop. */
START_TEST(test_finds_a_loop_in_traffic)
{
	struct mh_datagram other = request;
	char data[64] = { 0 };
	unsigned int n, dropped = 0;
	uint32_t number;

	other.data = data;
	other.length = sizeof(data);
	for (number = 0; number < 200000; number++, now += SECOND / 100000) {
		memcpy(data + 4, &number, sizeof(number));
		other.peer.port = (uint16_t)(1024 + number % 512);
		ck_assert(loops_pass(&loops, &other, now));
		/* 1250 a second. */
		n = number % 80;
		if (n == 0)
			dropped += !loops_pass(&loops, &request, now);
	}
	/* A silence's worth. */
	ck_assert_uint_ge(dropped, 490);
	ck_assert_uint_le(dropped, 510);
}
END_TEST

/* A silence lasts, whatever else arrives during it. */
START_TEST(test_keeps_silence_in_a_flood)
{
	struct mh_datagram other = request;
	uint32_t number;

	while (loops_pass(&loops, &request, now))
		now += MILLISECOND;
	other.data = (char *)&number;
	other.length = sizeof(number);
	now += LOOPS_SILENCE / 2;
	for (number = 0; number < 300000; number++)
		ck_assert(loops_pass(&loops, &other, now));
	now += LOOPS_SILENCE / 2 - MILLISECOND;
	ck_assert(!loops_pass(&loops, &request, now));
}
END_TEST

/* 100 a second for an hour, now and then some at once: not one is lost. */
static const struct {
	unsigned int per_second;
	int64_t burst; /* how long they are held up, every minute */
	size_t length;
} checks[] = {
	{ 1, 0, 4 },
	{ 10, 0, 0 },
	{ 100, 0, 4 },
	{ 100, 0, 1400 },
	{ 100, SECOND, 4 },
};

START_TEST(test_loses_no_health_check)
{
	unsigned int minute, i, held;

	request.length = checks[_i].length;
	held =
	    (unsigned int)(checks[_i].burst * checks[_i].per_second / SECOND);
	for (minute = 0; minute < 60; minute++) {
		ck_assert_uint_eq(send_evenly(checks[_i].per_second,
				      60 * SECOND - checks[_i].burst),
		    0);
		now += checks[_i].burst;
		for (i = 0; i < held; i++)
			ck_assert(loops_pass(&loops, &request, now));
	}
}
END_TEST

/* Several addresses of ours, each asked 100 times a second by one socket. */
START_TEST(test_tells_addresses_apart)
{
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		request.local.ip[3] = (uint8_t)(i % 50);
		ck_assert(loops_pass(&loops, &request, now));
		now += SECOND / 5000;
	}
}
END_TEST

/* A sender that ignores the silence loses only that, and then nothing more. */
START_TEST(test_spares_who_goes_on)
{
	unsigned int dropped = send_evenly(1000, 10 * SECOND);

	ck_assert_uint_ge(dropped, 399);
	ck_assert_uint_le(dropped, 401);
	ck_assert_uint_eq(send_evenly(1000, LOOPS_SPARED - 10 * SECOND), 0);
	dropped = send_evenly(1000, 10 * SECOND);
	ck_assert_uint_ge(dropped, 399);
	ck_assert_uint_le(dropped, 401);
}
END_TEST

/*
 * A closed loop with constant bytes: a window is outstanding, and another
 * begins when all of it is back, or after a timeout.
 */
static const struct {
	unsigned int window;
	int64_t way, patience;
} testers[] = {
	{ 1, MILLISECOND, SECOND },
	{ 1, MILLISECOND, SECOND / 2 },
	{ 32, 20 * MILLISECOND, SECOND },
	{ 64, 100 * MILLISECOND, 5 * SECOND },
};

START_TEST(test_costs_a_tester_one_window)
{
	unsigned int i, lost, windows = 0;
	int64_t end = now + LOOPS_SPARED;

	request.length = 16;
	while (now < end) {
		for (lost = i = 0; i < testers[_i].window; i++)
			lost += !loops_pass(&loops, &request, now);
		windows += lost > 0;
		now += lost > 0 ? testers[_i].patience : testers[_i].way;
	}
	ck_assert_uint_eq(windows, 1);
}
END_TEST

/* Nobody who does not know another's bytes can silence it. */
START_TEST(test_tells_payloads_apart)
{
	char own[1400];
	struct mh_datagram client = request;
	unsigned int i;
	size_t at;

	client.data = own;
	for (i = 0, at = 0; i < 20000; i++, now += SECOND / 2000) {
		/* Like the other's, but for one byte somewhere. */
		if (i % 20 != 0) {
			loops_pass(&loops, &request, now);
			continue;
		}
		memset(own, 'x', sizeof(own));
		own[at] = 'y';
		at = (at + 997) % request.length;
		ck_assert(loops_pass(&loops, &client, now));
	}
}
END_TEST

/* The same bytes from another endpoint count separately. */
START_TEST(test_tells_endpoints_apart)
{
	struct mh_datagram client = request;
	unsigned int i, dropped = 0;

	client.peer.port++;
	for (i = 0; i < 4000; i++, now += SECOND / 2000) {
		dropped += !loops_pass(&loops, &request, now);
		if (i % 20 == 0)
			ck_assert(loops_pass(&loops, &client, now));
	}
	ck_assert_uint_gt(dropped, 700);
}
END_TEST

/* More loops than there is room for: fixed memory, and none is silenced. */
START_TEST(test_bears_many)
{
	unsigned int round, i;

	for (round = 0; round < 20; round++, now += 10 * MILLISECOND)
		for (i = 0; i < 60000; i++) {
			request.peer.port = (uint16_t)i;
			(void)loops_pass(&loops, &request, now);
		}
	now += LOOPS_SILENCE + LOOPS_PATIENCE;
	ck_assert_int_gt(run_loop(30, 20 * MILLISECOND, 0), 0);
}
END_TEST

Suite *
loops_suite(void)
{
	Suite *suite = suite_create("loops");
	TCase *tcase = tcase_create("loops");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_ends_loops, 0, LENGTH(rings));
	tcase_add_test(tcase, test_ends_the_next_loop);
	tcase_add_test(tcase, test_rests);
	tcase_add_test(tcase, test_tells_payloads_apart);
	tcase_add_test(tcase, test_tells_endpoints_apart);
	tcase_add_test(tcase, test_bears_many);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("traffic");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_finds_a_loop_in_traffic);
	tcase_add_test(tcase, test_keeps_silence_in_a_flood);
	tcase_add_loop_test(
	    tcase, test_loses_no_health_check, 0, LENGTH(checks));
	tcase_add_test(tcase, test_tells_addresses_apart);
	tcase_add_test(tcase, test_spares_who_goes_on);
	tcase_add_loop_test(
	    tcase, test_costs_a_tester_one_window, 0, LENGTH(testers));
	suite_add_tcase(suite, tcase);
	return suite;
}
