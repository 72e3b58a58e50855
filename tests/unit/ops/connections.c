/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/connections.c: which connection goes when there is no room,
 * which takes too long, and how each ends.  The test holds the other end of
 * each.
 */
#include "daemon/ops/connections.h"

#include "daemon/ops/httprequest.h"
#include "platform/stream.h"
#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

enum { ENDS = 64, LARGE = 4 << 20 };

static struct event_base *base;
static struct connections *table;

/* What the owner has seen, and how it reacts. */
static bool may_ask;
static unsigned int requests, closes;
static int last_status;
static enum { ANSWER, ANSWER_LARGE, WAIT } reaction;
static struct connection *waiting;

/* The clients, by number; -1: closed. */
static evutil_socket_t ends[ENDS];
static unsigned int end_count;

static bool
on_may_ask(void *argument, const struct mh_address *peer)
{
	ck_assert_ptr_eq(argument, &requests);
	ck_assert_int_eq(mh_address_compare(peer, &fake_host.peer), 0);
	return may_ask;
}

static bool
is_whole(const char *text, size_t length)
{
	struct httprequest request;

	return httprequest_parse(text, length, &request) !=
	    HTTPREQUEST_INCOMPLETE;
}

static void
on_request(void *argument, struct connection *connection, const char *text,
    size_t length)
{
	static char large[LARGE];
	struct httprequest request;
	int status = httprequest_parse(text, length, &request);

	ck_assert_ptr_eq(argument, &requests);
	requests++;
	last_status = status;
	if (status == HTTPREQUEST_GOOD)
		ck_assert(httprequest_is(&request.path, "/a"));
	waiting = connection;
	if (reaction == WAIT)
		return;
	if (reaction == ANSWER)
		evbuffer_add_printf(connection->output, "answer");
	else
		evbuffer_add_reference(
		    connection->output, large, sizeof(large), NULL, NULL);
	connections_send(connection, status != HTTPREQUEST_GOOD);
}

static void
on_closed(void *argument, struct connection *connection)
{
	ck_assert_ptr_eq(argument, &requests);
	ck_assert_int_ne(connection->state, CONNECTION_FREE);
	closes++;
}

static struct connections_owner owner = { .name = "http",
	.request_max = HTTPREQUEST_MAX,
	.may_ask = on_may_ask,
	.is_whole = is_whole,
	.request = on_request,
	.closed = on_closed,
	.argument = &requests };

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
	base = event_base_new();
	table = connections_new(base, &owner);
	ck_assert_ptr_nonnull(table);
	may_ask = true;
	requests = closes = end_count = 0;
	reaction = ANSWER;
	owner.is_patient = false;
}

static void
teardown(void)
{
	unsigned int i;

	connections_free(table);
	connections_free(NULL);
	for (i = 0; i < end_count; i++)
		if (ends[i] >= 0)
			evutil_closesocket(ends[i]);
	event_base_free(base);
	scratch_remove();
}

static void
run(void)
{
	int i;

	for (i = 0; i < 3; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Until as much of a large answer is written as the system takes. */
static void
fill(void)
{
	int i;

	for (i = 0; i < 100; i++)
		run();
}

/* A connection from the peer, a little after the previous one; its number. */
static unsigned int
connect_from(const char *peer, const char *text)
{
	static const int small = 8192;
	evutil_socket_t pair[2];

	ck_assert_uint_lt(end_count, ENDS);
	ck_assert_int_eq(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	evutil_make_socket_nonblocking(pair[0]);
	evutil_make_socket_nonblocking(pair[1]);
	/* If the pair is TCP, it would take megabytes. */
	setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, (const char *)&small,
	    sizeof(small));
	ends[end_count] = pair[1];
	fake_host.peer = unit_address(peer);
	fake_host.monotonic_ns += 1000000;
	if (*text != '\0')
		ck_assert_int_eq(
		    send(pair[1], text, strlen(text), 0), strlen(text));
	connections_add(table, pair[0]);
	return end_count++;
}

static const char half[] = "GET /a";
static const char whole[] = "GET /a HTTP/1.0\r\n\r\n";

/* Has the server closed it, apart from what it sent? */
static bool
is_closed(unsigned int number)
{
	char bytes[4096];
	ev_ssize_t n;

	do
		n = recv(ends[number], bytes, sizeof(bytes), 0);
	while (n > 0);
	return n == 0 || !host_stream_is_dry();
}

static void
expect(enum snapshot_http result, unsigned int count)
{
	ck_assert_uint_eq(connections_counters(table)[result], count);
}

/* Half a request from each of many peers. */
static void
crowd(unsigned int first, unsigned int count)
{
	char peer[32];
	unsigned int i;

	for (i = 0; i < count; i++) {
		snprintf(peer, sizeof(peer), "192.0.2.%u", first + i);
		connect_from(peer, half);
	}
}

START_TEST(test_answers)
{
	char bytes[16] = "";
	unsigned int end = connect_from("192.0.2.1", whole);

	/* In the same turn, as it was there already. */
	ck_assert_int_eq(recv(ends[end], bytes, sizeof(bytes), 0), 6);
	ck_assert_str_eq(bytes, "answer");
	ck_assert_int_eq(last_status, HTTPREQUEST_GOOD);
	/* Nothing more is sent, but the client may still send. */
	ck_assert(is_closed(end));
	ck_assert_uint_eq(closes, 0);
	ck_assert_int_gt(send(ends[end], "more", 4, 0), 0);
	run();
	evutil_closesocket(ends[end]);
	ends[end] = -1;
	run();
	ck_assert_uint_eq(closes, 1);
	ck_assert_uint_eq(requests, 1);
	expect(SNAPSHOT_HTTP_ANSWERED, 1);
}
END_TEST

START_TEST(test_drips)
{
	unsigned int end = connect_from("192.0.2.1", "");
	size_t i;

	for (i = 0; i < sizeof(whole) - 1; i++) {
		ck_assert_uint_eq(requests, 0);
		ck_assert_int_eq(send(ends[end], whole + i, 1, 0), 1);
		run();
	}
	ck_assert_uint_eq(requests, 1);
}
END_TEST

START_TEST(test_refuses)
{
	unsigned int end = connect_from("192.0.2.1", "nonsense\r\n");

	ck_assert_int_eq(last_status, 400);
	ck_assert(is_closed(end));
	fake_host.monotonic_ns += SECOND;
	while (closes == 0)
		event_base_loop(base, EVLOOP_ONCE);
	expect(SNAPSHOT_HTTP_REFUSED, 1);
}
END_TEST

/*
 * What comes after the longest request is read, or closing would reset the
 * connection, and that may overtake the answer.
 */
START_TEST(test_overlong)
{
	static char text[HTTPREQUEST_MAX + 1000];
	unsigned int end;

	memset(text, 'x', sizeof(text) - 1);
	end = connect_from("192.0.2.1", text);
	run();
	ck_assert_uint_eq(requests, 1);
	ck_assert_int_ne(last_status, HTTPREQUEST_GOOD);
	ck_assert(is_closed(end));
	ck_assert_uint_eq(closes, 0);
	evutil_closesocket(ends[end]);
	ends[end] = -1;
	run();
	ck_assert_uint_eq(closes, 1);
}
END_TEST

START_TEST(test_forbidden)
{
	may_ask = false;
	ck_assert(is_closed(connect_from("192.0.2.1", whole)));
	ck_assert_uint_eq(requests, 0);
	ck_assert_uint_eq(closes, 0);
	expect(SNAPSHOT_HTTP_FORBIDDEN, 1);
}
END_TEST

START_TEST(test_abandoned)
{
	unsigned int end = connect_from("192.0.2.1", half);

	evutil_closesocket(ends[end]);
	ends[end] = -1;
	run();
	expect(SNAPSHOT_HTTP_ABANDONED, 1);
}
END_TEST

/* When full, the oldest without a whole request goes. */
START_TEST(test_full)
{
	unsigned int i;

	crowd(1, CONNECTIONS_MAX);
	expect(SNAPSHOT_HTTP_EVICTED, 0);
	for (i = 0; i < 5; i++) {
		ck_assert(!is_closed(i));
		connect_from("198.51.100.1", whole);
		ck_assert_uint_eq(requests, i + 1);
		ck_assert(is_closed(i) == (i == 0));
	}
	/* After the first, those that had their answer go. */
	expect(SNAPSHOT_HTTP_EVICTED, 1);
	crowd(101, 1);
	connect_from("203.0.113.1", half);
	ck_assert(is_closed(1));
	ck_assert(!is_closed(2));
	ck_assert_ptr_nonnull(strstr(scratch_log(),
	    "warning: http: too many connections: closed one from 192.0.2.1"));
}
END_TEST

static const struct {
	const char *one, *same, *other;
} peers[] = {
	{ "192.0.2.1", "192.0.2.1", "192.0.2.2" },
	{ "2001:db8::1", "2001:db8::ffff:0:0:2", "2001:db8:0:1::1" },
	{ "127.0.0.1", "127.255.0.9", "192.0.2.1" },
	{ "::1", "127.0.0.2", "2001:db8::1" },
};

/* One peer has half of the places at most, and loses only its own. */
START_TEST(test_peer)
{
	unsigned int i, other, first;

	other = connect_from(peers[_i].other, half);
	first = connect_from(peers[_i].one, half);
	for (i = 1; i < CONNECTIONS_OF_PEER_MAX; i++)
		connect_from(peers[_i].same, half);
	ck_assert(!is_closed(first));
	for (i = 0; i < 10; i++) {
		connect_from(peers[_i].same, half);
		ck_assert(is_closed(first + i));
		ck_assert(!is_closed(first + i + 1));
	}
	ck_assert(!is_closed(other));
	expect(SNAPSHOT_HTTP_EVICTED, 10);
	/* It is silent for the rest of a minute. */
	ck_assert_ptr_null(
	    strstr(strstr(scratch_log(), "closed one") + 1, "closed one"));
}
END_TEST

/* The peer that has most connections loses first. */
START_TEST(test_most)
{
	unsigned int i, old = connect_from("192.0.2.200", half), first;

	first = connect_from("192.0.2.100", half);
	for (i = 1; i < CONNECTIONS_OF_PEER_MAX; i++)
		connect_from("192.0.2.100", half);
	crowd(1, CONNECTIONS_MAX - CONNECTIONS_OF_PEER_MAX - 1);
	connect_from("192.0.2.201", half);
	ck_assert(is_closed(first));
	ck_assert(!is_closed(first + 1));
	ck_assert(!is_closed(old));
}
END_TEST

/* Of slow readers, the one that has made no progress for longest. */
START_TEST(test_slow_readers)
{
	unsigned int i;

	reaction = ANSWER_LARGE;
	for (i = 0; i < CONNECTIONS_OF_PEER_MAX; i++)
		connect_from("127.0.0.1", whole);
	fill();
	/* The first makes progress. */
	fake_host.monotonic_ns += SECOND;
	while (connections_at(table, 0)->progress != fake_host.monotonic_ns) {
		ck_assert(!is_closed(0));
		event_base_loop(base, EVLOOP_ONCE);
	}
	reaction = ANSWER;
	connect_from("127.0.0.1", whole);
	ck_assert_uint_eq(requests, CONNECTIONS_OF_PEER_MAX + 1);
	ck_assert(!is_closed(0));
	ck_assert(is_closed(1));
	ck_assert(!is_closed(2));
	expect(SNAPSHOT_HTTP_EVICTED, 1);
}
END_TEST

/*
 * Somebody's request is on the way while others come, take no answers and come
 * again: it keeps its place, but not for long.
 */
START_TEST(test_newcomer)
{
	unsigned int i, newcomer;

	reaction = ANSWER_LARGE;
	for (i = 0; i < CONNECTIONS_OF_PEER_MAX; i++)
		connect_from("127.0.0.1", whole);
	newcomer = connect_from("127.0.0.1", half);
	for (i = 0; i < 2 * CONNECTIONS_OF_PEER_MAX; i++) {
		connect_from("127.0.0.1", whole);
		ck_assert(!is_closed(newcomer));
	}
	fake_host.monotonic_ns += SECOND;
	connect_from("127.0.0.1", whole);
	ck_assert(is_closed(newcomer));
}
END_TEST

/* Of those that only begin, few are spared. */
START_TEST(test_newcomers)
{
	const unsigned int first = CONNECTIONS_OF_PEER_MAX - 1;
	unsigned int i;

	reaction = ANSWER_LARGE;
	for (i = 0; i < first; i++)
		connect_from("127.0.0.1", whole);
	connect_from("127.0.0.1", half);
	/* Four that write, then those that only began. */
	for (i = 1; i <= 20; i++) {
		connect_from("127.0.0.1", half);
		ck_assert(is_closed(i <= 4 ? i - 1 : 3));
		ck_assert(!is_closed(4));
		ck_assert(i <= 4 || is_closed(first + i - 5));
		ck_assert(!is_closed(i <= 4 ? first : first + i - 4));
	}
}
END_TEST

/* Others wait for their answers: a quarter of the places is not for them. */
START_TEST(test_newcomers_among_waiting)
{
	const unsigned int count = CONNECTIONS_OF_PEER_MAX;
	unsigned int i;

	reaction = WAIT;
	for (i = 0; i < count; i++)
		connect_from("127.0.0.1", whole);
	for (i = 0; i < 20; i++)
		connect_from("127.0.0.1", half);
	for (i = 0; i < count; i++)
		ck_assert(is_closed(i) == (i >= count - 5));
	for (i = count; i < end_count; i++)
		ck_assert(is_closed(i) == (i < end_count - 5));
}
END_TEST

/* Those that wait stay, unless all do: then the newest goes. */
START_TEST(test_waiting)
{
	unsigned int i;

	reaction = WAIT;
	for (i = 0; i < CONNECTIONS_OF_PEER_MAX; i++)
		connect_from("127.0.0.1", whole);
	reaction = ANSWER;
	connect_from("127.0.0.1", whole);
	ck_assert_uint_eq(requests, CONNECTIONS_OF_PEER_MAX + 1);
	for (i = 0; i < CONNECTIONS_OF_PEER_MAX - 1; i++)
		ck_assert(!is_closed(i));
	ck_assert(is_closed(i));
	connections_evict(connections_at(table, 0));
	expect(SNAPSHOT_HTTP_EVICTED, 2);
}
END_TEST

static const struct {
	const char *text;
	int reaction;
	int64_t seconds;
	enum snapshot_http result;
} slow[] = {
	{ "", ANSWER, 5, SNAPSHOT_HTTP_TIMED_OUT },
	{ half, ANSWER, 5, SNAPSHOT_HTTP_TIMED_OUT },
	{ whole, WAIT, 10, SNAPSHOT_HTTP_TIMED_OUT },
	{ whole, ANSWER_LARGE, 5, SNAPSHOT_HTTP_TIMED_OUT },
	{ whole, ANSWER, 1, SNAPSHOT_HTTP_ANSWERED },
};

/* No connection lasts forever, and none ends early. */
START_TEST(test_time)
{
	int i;

	reaction = slow[_i].reaction;
	connect_from("192.0.2.1", slow[_i].text);
	fill();
	fake_host.monotonic_ns += slow[_i].seconds * SECOND - 1;
	/* The timer fires, and is set again. */
	for (i = 0; i < 2; i++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_eq(closes, 0);
	/* Some systems take more of an answer later, which is progress. */
	do {
		fake_host.monotonic_ns = connections_at(table, 0)->progress +
		    slow[_i].seconds * SECOND;
		event_base_loop(base, EVLOOP_ONCE);
	} while (closes == 0);
	expect(slow[_i].result, 1);
}
END_TEST

/* Whatever progress it makes, it is over after ten seconds. */
START_TEST(test_total_time)
{
	unsigned int end, i;

	reaction = ANSWER_LARGE;
	end = connect_from("192.0.2.1", whole);
	for (i = 0; i < 9; i++) {
		fake_host.monotonic_ns += SECOND;
		ck_assert(!is_closed(end));
		run();
	}
	fake_host.monotonic_ns += SECOND;
	while (closes == 0)
		event_base_loop(base, EVLOOP_ONCE);
	expect(SNAPSHOT_HTTP_TIMED_OUT, 1);
}
END_TEST

/* But not where an answer may take any time to be made. */
START_TEST(test_patient)
{
	struct connection *kept;

	owner.is_patient = true;
	reaction = WAIT;
	connect_from("192.0.2.1", whole);
	kept = waiting;
	connect_from("192.0.2.1", half);
	fake_host.monotonic_ns += 3600 * SECOND;
	while (closes == 0)
		event_base_loop(base, EVLOOP_ONCE);
	expect(SNAPSHOT_HTTP_TIMED_OUT, 1);
	evbuffer_add_printf(kept->output, "late");
	connections_send(kept, false);
	ck_assert_int_eq(kept->state, CONNECTION_LINGERING);
}
END_TEST

/* After its answer, a client may not talk forever, either. */
START_TEST(test_talks_on)
{
	static char text[8192];
	unsigned int end = connect_from("192.0.2.1", whole);

	while (closes == 0) {
		(void)send(ends[end], text, sizeof(text), 0);
		event_base_loop(base, EVLOOP_ONCE);
	}
	ck_assert_uint_eq(closes, 1);
	expect(SNAPSHOT_HTTP_ANSWERED, 1);
}
END_TEST

/* Out of descriptors: a half request goes, nothing else does. */
START_TEST(test_failed)
{
	unsigned int first = connect_from("192.0.2.1", half);

	reaction = WAIT;
	connect_from("192.0.2.2", whole);
	connections_add_failed(table, "too many open files");
	ck_assert(is_closed(first));
	connections_add_failed(table, "too many open files");
	ck_assert_uint_eq(closes, 1);
	expect(SNAPSHOT_HTTP_FAILED, 2);
	ck_assert_ptr_nonnull(strstr(
	    scratch_log(), "cannot accept a connection: too many open files"));
}
END_TEST

/* The same with those that read slowly. */
START_TEST(test_failed_slow)
{
	unsigned int first;

	reaction = ANSWER_LARGE;
	first = connect_from("192.0.2.1", whole);
	connect_from("192.0.2.2", whole);
	connections_add_failed(table, "too many open files");
	ck_assert_uint_eq(closes, 1);
	ck_assert(is_closed(first));
	expect(SNAPSHOT_HTTP_EVICTED, 1);
}
END_TEST

/* Then there is one place fewer than there were descriptors, for a while. */
START_TEST(test_scarce)
{
	unsigned int i;

	crowd(1, 4);
	connections_add_failed(table, "too many open files");
	for (i = 1; i < 10; i++) {
		ck_assert(is_closed(i - 1));
		ck_assert(!is_closed(i));
		crowd(4 + i, 1);
	}
	fake_host.monotonic_ns += INT64_C(9900000000);
	crowd(50, 1);
	ck_assert(is_closed(i));
	fake_host.monotonic_ns += INT64_C(100000000);
	crowd(51, 1);
	ck_assert(!is_closed(i + 1));
	expect(SNAPSHOT_HTTP_FAILED, 1);
}
END_TEST

/* If there is only one, it serves. */
START_TEST(test_scarcest)
{
	unsigned int first;

	connections_add_failed(table, "too many open files");
	first = connect_from("192.0.2.1", half);
	connections_add_failed(table, "too many open files");
	ck_assert(is_closed(first));
	connect_from("192.0.2.2", whole);
	ck_assert_uint_eq(requests, 1);
}
END_TEST

Suite *
connections_suite(void)
{
	Suite *suite = suite_create("connections");
	TCase *tcase = tcase_create("connections");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_answers);
	tcase_add_test(tcase, test_drips);
	tcase_add_test(tcase, test_refuses);
	tcase_add_test(tcase, test_overlong);
	tcase_add_test(tcase, test_forbidden);
	tcase_add_test(tcase, test_abandoned);
	tcase_add_test(tcase, test_full);
	tcase_add_loop_test(tcase, test_peer, 0, LENGTH(peers));
	tcase_add_test(tcase, test_most);
	tcase_add_test(tcase, test_slow_readers);
	tcase_add_test(tcase, test_newcomer);
	tcase_add_test(tcase, test_newcomers);
	tcase_add_test(tcase, test_newcomers_among_waiting);
	tcase_add_test(tcase, test_waiting);
	tcase_add_loop_test(tcase, test_time, 0, LENGTH(slow));
	tcase_add_test(tcase, test_total_time);
	tcase_add_test(tcase, test_patient);
	tcase_add_test(tcase, test_talks_on);
	tcase_add_test(tcase, test_failed);
	tcase_add_test(tcase, test_failed_slow);
	tcase_add_test(tcase, test_scarce);
	tcase_add_test(tcase, test_scarcest);
	suite_add_tcase(suite, tcase);
	return suite;
}
