/* SPDX-License-Identifier: ISC */
/*
 * src/probe/session.c: how answers are judged, case by case.
 */
#include "probe/session.h"

#include "probe/describe.h"

#include "unit/probe/suites.h"

#include <stdlib.h>
#include <string.h>

#define PEER "192.0.2.1:7"

/*
 * A script of what happens: WHAT@MILLISECOND, or WHAT@MILLISECOND=FROM if it is
 * not from where it was asked.
 *
 *	s	the next request is sent
 *	0-9	the answer to that request
 *	x	a datagram that is no answer
 *	e	time passes
 *	p, h	ICMP: port, host unreachable
 *	u	the next request cannot be sent
 */
struct session_case {
	const char *name;
	const char *script;
	enum session_verdict verdict;
	const char *source, *notes;
	unsigned int received, lost;
	bool done;
};

static const struct session_case cases[] = {
	{ "all well", "s@0 0@1 s@100 1@101 s@200 2@201", SESSION_OK, "ok", "",
	    3, 0, true },
	{ "still waiting", "s@0 0@1 s@100", SESSION_OK, "ok", "", 1, 0, false },
	{ "nothing sent", "e@0", SESSION_SILENT, "no answer", "", 0, 0, false },
	{ "silence", "s@0 s@100 s@200 e@1000 e@1100 e@1200", SESSION_SILENT,
	    "no answer", "", 0, 3, true },
	{ "one lost", "s@0 s@100 1@101 s@200 2@201 e@1000", SESSION_OK, "ok",
	    "", 2, 1, true },
	{ "just in time", "s@0 e@999 0@999 s@100 1@101 s@200 2@202", SESSION_OK,
	    "ok", "", 3, 0, true },

	/* From elsewhere. */
	{ "wrong address",
	    "s@0 0@1=192.0.2.2:7 s@100 1@101=192.0.2.2:7 s@200 "
	    "2@201=192.0.2.2:7",
	    SESSION_WRONG, "WRONG 192.0.2.2", "", 3, 0, true },
	{ "wrong address once", "s@0 0@1 s@100 1@101=192.0.2.2:7 s@200 2@201",
	    SESSION_WRONG, "WRONG 192.0.2.2", "1 from elsewhere", 3, 0, true },
	{ "wrong family",
	    "s@0 0@1=[2001:db8::1]:7 s@100 1@101=[2001:db8::1]:7 s@200 "
	    "2@201=[2001:db8::1]:7",
	    SESSION_WRONG, "WRONG 2001:db8::1", "", 3, 0, true },
	{ "wrong port",
	    "s@0 0@1=192.0.2.1:8 s@100 1@101=192.0.2.1:8 s@200 "
	    "2@201=192.0.2.1:8",
	    SESSION_WRONG_PORT, "WRONG PORT 8", "", 3, 0, true },
	{ "wrong port, then wrong address",
	    "s@0 0@1=192.0.2.1:8 s@100 1@101=192.0.2.2:7 s@200 2@201",
	    SESSION_WRONG, "WRONG 192.0.2.2", "1 from elsewhere", 3, 0, true },
	{ "right, and from elsewhere too",
	    "s@0 0@1 0@2=192.0.2.2:7 s@100 1@101 s@200 2@201", SESSION_WRONG,
	    "WRONG 192.0.2.2", "1 from elsewhere, 1 duplicate", 3, 0, true },

	/* Not as it should be. */
	{ "twice", "s@0 0@1 0@2 s@100 1@101 1@102 s@200 2@201 2@202",
	    SESSION_OK, "ok", "3 duplicate", 3, 0, true },
	{ "out of order", "s@0 s@100 s@200 2@201 0@202 1@203", SESSION_OK, "ok",
	    "2 out of order", 3, 0, true },
	{ "late", "s@0 s@100 1@101 s@200 2@201 e@1000 0@1001", SESSION_OK, "ok",
	    "1 late", 2, 1, true },
	{ "late, twice", "s@0 e@1000 0@1001 0@1002 s@1100 e@2200 s@2300 e@3300",
	    SESSION_SILENT, "no answer", "1 duplicate, 1 late", 0, 3, true },
	{ "late from elsewhere",
	    "s@0 s@100 1@101 s@200 2@201 e@1000 0@1001=192.0.2.2:7",
	    SESSION_WRONG, "WRONG 192.0.2.2", "1 from elsewhere, 1 late", 2, 1,
	    true },
	{ "another nonce", "s@0 x@1 s@100 x@101 s@200 x@201 e@1200",
	    SESSION_SILENT, "no answer", "3 not an answer", 0, 3, true },
	{ "another nonce from elsewhere",
	    "s@0 x@1=192.0.2.2:7 0@2 s@100 1@101 s@200 2@201", SESSION_OK, "ok",
	    "1 not an answer", 3, 0, true },
	{ "to a request that was never sent",
	    "s@0 1@1 0@2 s@100 1@101 s@200 2@201", SESSION_OK, "ok",
	    "1 not an answer", 3, 0, true },
	{ "before any request", "0@0", SESSION_SILENT, "no answer",
	    "1 not an answer", 0, 0, false },

	/* ICMP. */
	{ "nobody there", "s@0 p@1 s@100 p@101 s@200 p@201",
	    SESSION_UNREACHABLE, "port unreachable", "", 0, 0, true },
	{ "says another",
	    "s@0 h@1=192.0.2.254 s@100 h@101=192.0.2.254 s@200 "
	    "p@201=192.0.2.254",
	    SESSION_UNREACHABLE, "host unreachable",
	    "1 port unreachable, says 192.0.2.254", 0, 0, true },
	{ "first nobody, then somebody", "s@0 p@1 s@100 1@101 s@200 2@201",
	    SESSION_OK, "ok", "1 port unreachable", 2, 0, true },
	{ "an error for nothing", "p@0", SESSION_UNREACHABLE,
	    "port unreachable", "", 0, 0, false },

	/* This host. */
	{ "cannot send", "u@0 u@100 u@200", SESSION_ERROR, "error", "no way", 0,
	    0, true },
	{ "could not send once", "u@0 s@100 1@101 s@200 2@201", SESSION_OK,
	    "ok", "no way", 2, 0, true },
	{ "could not send in between", "s@0 u@100 s@200 2@201 0@300",
	    SESSION_OK, "ok", "no way, 1 out of order", 2, 0, true },
};

static void
refuse(struct session *session, enum mh_icmp_kind kind, const char *from)
{
	struct mh_icmp_error error = { .kind = kind,
		.peer = session->peer,
		.reporter = unit_address(from == NULL ? "192.0.2.1" : from) };

	session_refuse(session, &error, 0);
}

static void
stray(struct session *session, const char *from)
{
	char data[] = "this is no answer of an echo server";
	const struct mh_datagram datagram = {
		.peer = unit_address(from), .data = data, .length = sizeof(data)
	};

	suites_receive(session, &datagram, 0, 0);
}

static void
happen(struct session *session, char what, unsigned int ms, const char *from)
{
	const int64_t now = ms * INT64_C(1000000);
	const char *source = from == NULL ? PEER : from;

	switch (what) {
	case 's':
		ck_assert(session_is_due(session, now));
		suites_send(session, ms);
		break;
	case 'x':
		stray(session, source);
		break;
	case 'e':
		session_expire(session, now);
		break;
	case 'p':
		refuse(session, MH_ICMP_PORT, from);
		break;
	case 'h':
		refuse(session, MH_ICMP_HOST, from);
		break;
	case 'u':
		session_unsent(session, "no way", false, now);
		break;
	default:
		ck_assert(what >= '0' && what <= '9');
		suites_answer(session, (uint32_t)(what - '0'), source, ms);
		break;
	}
}

static void
play(struct session *session, const char *script)
{
	char copy[256], *word, *rest = copy, *from;

	ck_assert_uint_lt(strlen(script), sizeof(copy));
	strcpy(copy, script);
	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		from = strchr(word, '=');
		if (from != NULL)
			*from++ = '\0';
		happen(session, word[0], (unsigned int)atoi(word + 2), from);
	}
}

START_TEST(test_case)
{
	const struct session_case *wanted = &cases[_i];
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, PEER);
	char text[DESCRIBE_TEXT];

	play(session, wanted->script);
	ck_assert_msg(session_verdict(session) == wanted->verdict,
	    "%s: verdict %d", wanted->name, (int)session_verdict(session));
	ck_assert_msg(
	    strcmp(describe_source(session, text), wanted->source) == 0,
	    "%s: %s", wanted->name, text);
	ck_assert_msg(strcmp(describe_notes(session, text), wanted->notes) == 0,
	    "%s: %s", wanted->name, text);
	ck_assert_msg(session->received == wanted->received, "%s: %u received",
	    wanted->name, (unsigned int)session->received);
	ck_assert_msg(session->lost == wanted->lost, "%s: %u lost",
	    wanted->name, (unsigned int)session->lost);
	ck_assert_msg(
	    session_is_done(session) == wanted->done, "%s: done", wanted->name);
	session_free(session);
}
END_TEST

/* When it wants to be called. */
START_TEST(test_wake)
{
	const int64_t ms = 1000000;
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, PEER);

	ck_assert_int_eq(session_wake(session), 0);
	suites_send(session, 5);
	ck_assert_int_eq(session_wake(session), 105 * ms);
	ck_assert(!session_is_due(session, 104 * ms));
	ck_assert(session_is_due(session, 105 * ms));
	suites_send(session, 105);
	suites_send(session, 205);
	ck_assert_int_eq(session_wake(session), 1005 * ms);
	ck_assert(!session_is_due(session, 10000 * ms));
	suites_answer(session, 0, PEER, 300);
	ck_assert_int_eq(session_wake(session), 1105 * ms);
	suites_answer(session, 2, PEER, 301);
	suites_answer(session, 1, PEER, 302);
	ck_assert_int_eq(session_wake(session), INT64_MAX);
	ck_assert_int_eq(session->rtt.max, (300 - 5) * ms);
	ck_assert_int_eq(session->rtt.min, (301 - 205) * ms);
	session_free(session);
}
END_TEST

/*
 * The time that an answer waited in the socket is not the network's; but a
 * clock that was set meanwhile could make it anything.
 */
static const struct {
	int64_t arrived, realtime; /* ns, UTC; 0: unknown */
	int64_t rtt;               /* of what was read 500 ms after sending */
} arrivals[] = {
	{ 0, 1000, 500000000 },
	{ 1000, 1000, 500000000 },
	{ 1000, 1001, 499999999 },
	{ 1001, 1000, 500000000 },
	{ 1000, 400001000, 100000000 },
	/*
	 * As old as the request; and older: the clock was set, or the probe had
	 * to wait between reading the two clocks.
	 */
	{ 1000, 500001000, 0 },
	{ 1000, 500001001, 500000000 },
	{ 1000, 1000000999, 500000000 },
	{ 1000, 1000001000, 500000000 },
	{ 1000, INT64_C(1700000000000000000), 500000000 },
	{ INT64_C(1700000000000000000), 1000, 500000000 },
};

START_TEST(test_arrival)
{
	const struct session_clock clock = { .monotonic = 505000000,
		.realtime = arrivals[_i].realtime };
	struct session_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = { .peer = unit_address(PEER),
		.data = data,
		.length = 1,
		.arrived_ns = arrivals[_i].arrived };
	struct session *session;

	plan.protocol = &protocol_raw;
	session = suites_session(&plan, PEER);
	suites_send(session, 5);
	session_receive(session, &datagram, 0, &clock);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_int_eq(session->rtt.max, arrivals[_i].rtt);
	session_free(session);
}
END_TEST

/*
 * From when it left to when the answer came, both by the system: no more than
 * what was seen here, 500 ms less the age of 100.
 */
static const struct {
	const char *name;
	uint64_t sent_id; /* the report's */
	uint32_t path;
	int64_t left, arrived; /* ns before it was read, UTC; 0: unknown */
	int64_t rtt;
	bool by_system;
} departures[] = {
	{ "both", 7, 1, 300000000, 100000000, 200000000, true },
	{ "at once", 7, 1, 100000000, 100000000, 0, true },
	{ "as it was sent", 7, 1, 500000000, 100000000, 400000000, true },
	{ "clock set back", 7, 1, 99999999, 100000000, 400000000, false },
	{ "clock set on", 7, 1, 500000001, 100000000, 400000000, false },
	{ "no arrival", 7, 1, 300000000, 0, 500000000, false },
	{ "another's", 8, 1, 300000000, 100000000, 400000000, false },
	{ "another path's", 7, 0, 300000000, 100000000, 400000000, false },
	{ "none", 0, 1, 300000000, 100000000, 400000000, false },
};

START_TEST(test_departure)
{
	const int64_t utc = INT64_C(1700000000000000000);
	const struct session_clock clock = { .monotonic = 505000000,
		.realtime = utc };
	struct session_plan plan = suites_plan();
	char data[] = "x";
	struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	const struct mh_report report = { .kind = MH_REPORT_SENT,
		.sent_id = departures[_i].sent_id,
		.sent_ns = utc - departures[_i].left };
	struct session *session;

	plan.protocol = &protocol_raw;
	plan.paths = 2;
	session = suites_session(&plan, PEER);
	suites_send(session, 4);
	session_sent(session, 1, 7, 5000000);
	session_left(session, &report, departures[_i].path);
	if (departures[_i].arrived != 0)
		datagram.arrived_ns = utc - departures[_i].arrived;
	session_receive(session, &datagram, 1, &clock);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_msg(session->rtt.max == departures[_i].rtt, "%s: %lld ns",
	    departures[_i].name, (long long)session->rtt.max);
	ck_assert_uint_eq(session->rtt.by_system, departures[_i].by_system);
	session_free(session);
}
END_TEST

/* Without end, with more outstanding than there is memory for. */
START_TEST(test_endless)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	unsigned int i;

	plan.count = 0;
	plan.interval = 1000000 / 2;
	plan.timeout = INT64_C(3600000000000);
	session = suites_session(&plan, PEER);
	for (i = 0; i < 3 * SESSION_WINDOW_MAX; i++) {
		ck_assert(!session_is_done(session));
		suites_send(session, i);
	}
	ck_assert_uint_eq(session->lost, 2 * SESSION_WINDOW_MAX);
	ck_assert_uint_eq(session->waiting, SESSION_WINDOW_MAX);
	suites_answer(session, 2 * SESSION_WINDOW_MAX, PEER, i);
	ck_assert_uint_eq(session->received, 1);
	suites_answer(session, 2 * SESSION_WINDOW_MAX - 1, PEER, i);
	ck_assert_uint_eq(session->received, 1);
	ck_assert_uint_eq(session->stray, 1);
	session_free(session);
}
END_TEST

/* With more outstanding than usual, each has its full timeout. */
START_TEST(test_many_waiting)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	unsigned int ms;

	plan.count = 4000;
	plan.interval = 1000000;
	plan.timeout = INT64_C(3000000000);
	session = suites_session(&plan, PEER);
	for (ms = 0; ms < 3000; ms++)
		suites_send(session, ms);
	suites_answer(session, 0, PEER, ms - 1);
	ck_assert_uint_eq(session->received, 1);
	for (; ms < 4000; ms++) {
		session_expire(session, ms * INT64_C(1000000));
		suites_send(session, ms);
	}
	ck_assert_uint_eq(session->lost, 999);
	ck_assert_uint_eq(session->waiting, 3000);
	session_free(session);
}
END_TEST

/* Short sequence numbers wrap around. */
START_TEST(test_few_bits)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	uint32_t i;

	plan.protocol = &protocol_dns;
	plan.count = 70000;
	session = suites_session(&plan, PEER);
	for (i = 0; i < 70000; i++)
		suites_send(session, 0);
	session->sent = 0;
	/* A DNS answer is the query with one more bit set. */
	{
		uint8_t answer[512];
		struct mh_datagram datagram = { .peer = session->peer,
			.data = answer };

		datagram.length = (size_t)plan.protocol->build(
		    &session->query, 69999, answer);
		answer[2] |= 0x80;
		suites_receive(session, &datagram, 0, 1000);
		ck_assert_uint_eq(session->received, 1);
		ck_assert_uint_eq(session->highest, 70000);
	}
	session_free(session);
}
END_TEST

/* A protocol without numbers: the newest first, in any order. */
START_TEST(test_no_number)
{
	const int64_t ms = 1000000;
	struct session_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	struct session *session;

	plan.protocol = &protocol_raw;
	session = suites_session(&plan, PEER);
	suites_send(session, 0);
	suites_send(session, 100);
	suites_receive(session, &datagram, 0, 150 * ms);
	ck_assert_int_eq(session->rtt.max, 50 * ms);
	suites_receive(session, &datagram, 0, 150 * ms);
	ck_assert_uint_eq(session->received, 2);
	ck_assert_int_eq(session->rtt.max, 150 * ms);
	ck_assert_uint_eq(session->reordered, 0);
	suites_receive(session, &datagram, 0, 150 * ms);
	ck_assert_uint_eq(session->duplicates, 1);
	session_free(session);
}
END_TEST

/* A lost one does not distort the times of those after it. */
START_TEST(test_no_number_lost)
{
	const int64_t ms = 1000000;
	struct session_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	struct session *session;
	unsigned int at;

	plan.protocol = &protocol_raw;
	session = suites_session(&plan, PEER);
	suites_send(session, 0);
	for (at = 100; at < 300; at += 100) {
		suites_send(session, at);
		suites_receive(session, &datagram, 0, (at + 1) * ms);
	}
	ck_assert_int_eq(session->rtt.max, ms);
	session_expire(session, 1000 * ms);
	ck_assert_uint_eq(session->received, 2);
	ck_assert_uint_eq(session->lost, 1);
	ck_assert(session_is_done(session));
	session_free(session);
}
END_TEST

/* One path has no answer. */
START_TEST(test_paths)
{
	struct session_plan plan = suites_plan();
	char text[DESCRIBE_TEXT];
	struct session *session;
	unsigned int i;

	plan.paths = 4;
	plan.count = 1;
	plan.interval = 1;
	session = suites_session(&plan, PEER);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(session_path(session), i);
		suites_send(session, 0);
	}
	suites_answer(session, 0, PEER, 1);
	suites_answer(session, 1, PEER, 1);
	suites_answer(session, 3, PEER, 1);
	session_expire(session, INT64_C(2000000000));
	ck_assert(session_is_done(session));
	ck_assert_int_eq(session_verdict(session), SESSION_SILENT);
	ck_assert_str_eq(
	    describe_notes(session, text), "3 of 4 source ports answered");
	suites_answer(session, 2, PEER, 3000);
	ck_assert_int_eq(session_verdict(session), SESSION_SILENT); /* late */
	session_free(session);
}
END_TEST

/* An answer belongs to a request of the path that it came by. */
START_TEST(test_paths_no_number)
{
	const int64_t ms = 1000000;
	struct session_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	struct session *session;
	unsigned int i;

	plan.protocol = &protocol_raw;
	plan.paths = 3;
	plan.count = 2;
	session = suites_session(&plan, PEER);
	suites_send(session, 0);
	suites_receive(
	    session, &datagram, 2, 10 * ms); /* nothing was sent there */
	ck_assert_uint_eq(session->stray, 1);
	for (i = 1; i < 6; i++)
		suites_send(session, 100 * i);
	suites_receive(session, &datagram, 2, 510 * ms);
	suites_receive(session, &datagram, 2, 510 * ms);
	ck_assert_uint_eq(session->received, 2);
	ck_assert_uint_eq(session->paths_answered, 1);
	ck_assert(session->path_answered[2]);
	ck_assert_int_eq(session->rtt.max, 310 * ms);
	ck_assert_int_eq(session->rtt.min, 10 * ms);
	suites_receive(session, &datagram, 2, 510 * ms);
	ck_assert_uint_eq(session->duplicates, 1);
	session_free(session);
}
END_TEST

/* An ICMP error is about a request of the path that it came by. */
START_TEST(test_paths_refused)
{
	const struct mh_icmp_error error = { .kind = MH_ICMP_PORT };
	struct session_plan plan = suites_plan();
	struct session *session;
	unsigned int i;

	plan.paths = 3;
	plan.count = 2;
	plan.interval = 1;
	session = suites_session(&plan, PEER);
	for (i = 0; i < 6; i++)
		suites_send(session, i);
	session_refuse(session, &error, 1);
	session_refuse(session, &error, 1);
	session_refuse(session, &error, 1); /* for no request */
	for (i = 0; i < 6; i++)
		ck_assert_int_eq(session->requests[i].outcome,
		    i % 3 == 1 ? SESSION_REFUSED : SESSION_WAITING);
	ck_assert_uint_eq(session->waiting, 4);
	ck_assert_uint_eq(session->icmp[MH_ICMP_PORT], 3);
	session_free(session);
}
END_TEST

/* Over a path that takes 1000 bytes. */
START_TEST(test_sweep)
{
	struct session_plan plan = suites_plan();
	char text[DESCRIBE_TEXT];
	unsigned int ms = 0, size;
	struct session *session;

	plan.count = 2;
	plan.sweep_from = 500;
	plan.sweep_to = 1500;
	session = suites_session(&plan, PEER);
	while (!session_is_done(session)) {
		ck_assert(session_is_due(session, ms * INT64_C(1000000)));
		suites_send(session, ms);
		/* One at a time. */
		ck_assert(!session_is_due(session, INT64_MAX));
		size =
		    session
			->requests[(session->next - 1) % session->request_count]
			.size;
		if (size <= 1000)
			suites_answer(session, session->next - 1, PEER, ms + 1);
		else
			session_expire(session, (ms + 1000) * INT64_C(1000000));
		ms += 1000;
	}
	ck_assert_int_eq(session_verdict(session), SESSION_OK);
	ck_assert_str_eq(describe_notes(session, text),
	    "1000 bytes sent, 1000 bytes received");
	session_free(session);
}
END_TEST

/* Refused by this host, or by ICMP: at once. */
START_TEST(test_sweep_certain)
{
	struct session_plan plan = suites_plan();
	struct session *session;

	plan.sweep_from = 500;
	plan.sweep_to = 501;
	session = suites_session(&plan, PEER);
	session_unsent(session, "too big", true, 0);
	ck_assert_str_eq(session->error, "");
	suites_send(session, 0);
	ck_assert_uint_eq(session->requests[1].size, 500);
	refuse(session, MH_ICMP_TOO_BIG, NULL);
	ck_assert(session_is_done(session));
	ck_assert_int_eq(session_verdict(session), SESSION_UNREACHABLE);
	session_free(session);
}
END_TEST

static const struct {
	uint32_t count, sent, sweep_to;
	const char *error, *note;
} interrupts[] = {
	{ 3, 0, 0, "interrupted before it was asked", "" },
	{ 3, 2, 0, "", "interrupted after 2 of 3 requests" },
	{ 3, 3, 0, "", "" },
	{ 0, 3, 0, "", "" },
	{ 1, 0, 900, "interrupted before it was asked", "" },
	{ 1, 2, 900, "interrupted before the largest size was found", "" },
};

/* What was not asked, or not as often as planned, is said. */
START_TEST(test_interrupt)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	uint32_t i;

	plan.count = interrupts[_i].count;
	plan.sweep_to = interrupts[_i].sweep_to;
	plan.sweep_from = plan.sweep_to > 0 ? 500 : 0;
	session = suites_session(&plan, PEER);
	for (i = 0; i < interrupts[_i].sent; i++) {
		suites_send(session, i * 2000);
		/* In a sweep, the largest size is too large. */
		if (plan.sweep_to == 0 || i > 0)
			suites_answer(session, i, PEER, i * 2000 + 1);
		session_expire(session, (i + 1) * INT64_C(2000000000));
	}
	session_interrupt(session);
	ck_assert_str_eq(session->error, interrupts[_i].error);
	ck_assert_str_eq(session->note, interrupts[_i].note);
	ck_assert_int_eq(session_verdict(session),
	    interrupts[_i].error[0] != '\0' ? SESSION_ERROR : SESSION_OK);
	session_free(session);
}
END_TEST

/* Notes add up; what went wrong before remains. */
START_TEST(test_note)
{
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, PEER);

	session_note(session, "one");
	session_note(session, "two");
	ck_assert_str_eq(session->note, "one, two");
	strcpy(session->error, "too far");
	session_interrupt(session);
	ck_assert_str_eq(session->error, "too far");
	session_free(session);
}
END_TEST

/*
 * IPv6: the request that taught the path's MTU was lost for that, and is due
 * again at once, but only if that can help.
 */
static const struct {
	const char *name, *peer;
	bool dont_fragment;
	uint32_t mtu, known; /* now, and said before */
	uint32_t sent;       /* requests so far */
	bool again;
} too_bigs[] = {
	{ "first", "[2001:db8::1]:7", false, 1280, 0, 1, true },
	{ "narrower still", "[2001:db8::1]:7", false, 1280, 1400, 1, true },
	{ "as before", "[2001:db8::1]:7", false, 1280, 1280, 1, false },
	{ "not to be cut", "[2001:db8::1]:7", true, 1280, 0, 1, false },
	{ "no number", "[2001:db8::1]:7", false, 0, 0, 1, false },
	{ "IPv4", PEER, false, 1280, 0, 1, false },
	{ "the second", "[2001:db8::1]:7", false, 1280, 0, 2, true },
	{ "for nothing", "[2001:db8::1]:7", false, 1280, 0, 0, false },
};

START_TEST(test_too_big)
{
	const char *name = too_bigs[_i].name;
	struct session_plan plan = suites_plan();
	struct mh_icmp_error error = { .kind = MH_ICMP_TOO_BIG,
		.mtu = too_bigs[_i].mtu };
	uint32_t i, sent = too_bigs[_i].sent - too_bigs[_i].again;
	struct session *session;

	plan.dont_fragment = too_bigs[_i].dont_fragment;
	session = suites_session(&plan, too_bigs[_i].peer);
	session->path_mtu = too_bigs[_i].known;
	for (i = 0; i < too_bigs[_i].sent; i++)
		suites_send(session, 100 * i);
	session_refuse(session, &error, 0);
	ck_assert_msg(session->sent == sent, "%s: sent %u", name,
	    (unsigned int)session->sent);
	ck_assert_uint_eq(session->next, sent);
	ck_assert_uint_eq(session->icmp[MH_ICMP_TOO_BIG], 1);
	ck_assert_int_eq(session_is_due(session, INT64_C(100000000) * i - 1),
	    too_bigs[_i].again);
	for (i = sent; i < plan.count; i++)
		suites_send(session, 1000 + 100 * i);
	for (i = 0; i < plan.count; i++)
		suites_answer(session, i, too_bigs[_i].peer, 1300);
	ck_assert_msg(session->received == plan.count, "%s: received %u", name,
	    (unsigned int)session->received);
	session_free(session);
}
END_TEST

/* One of several ports: an error for an older request costs no newer one. */
START_TEST(test_too_big_elsewhere)
{
	const struct mh_icmp_error error = { .kind = MH_ICMP_TOO_BIG,
		.mtu = 1280 };
	struct session_plan plan = suites_plan();
	struct session *session;

	plan.paths = 2;
	session = suites_session(&plan, "[2001:db8::1]:7");
	suites_send(session, 0);
	suites_send(session, 1);
	session_refuse(session, &error, 0);
	ck_assert_uint_eq(session->sent, 2);
	ck_assert_int_eq(session->requests[0].outcome, SESSION_REFUSED);
	ck_assert_int_eq(session->requests[1].outcome, SESSION_WAITING);
	session_free(session);
}
END_TEST

Suite *
probe_session_suite(void)
{
	Suite *suite = suite_create("probe session");
	TCase *tcase = tcase_create("session");

	tcase_add_loop_test(tcase, test_case, 0, LENGTH(cases));
	tcase_add_test(tcase, test_wake);
	tcase_add_loop_test(tcase, test_arrival, 0, LENGTH(arrivals));
	tcase_add_loop_test(tcase, test_departure, 0, LENGTH(departures));
	tcase_add_test(tcase, test_endless);
	tcase_add_test(tcase, test_many_waiting);
	tcase_add_test(tcase, test_few_bits);
	tcase_add_test(tcase, test_no_number);
	tcase_add_test(tcase, test_no_number_lost);
	tcase_add_test(tcase, test_paths);
	tcase_add_test(tcase, test_paths_no_number);
	tcase_add_test(tcase, test_paths_refused);
	tcase_add_loop_test(tcase, test_too_big, 0, LENGTH(too_bigs));
	tcase_add_test(tcase, test_too_big_elsewhere);
	tcase_add_test(tcase, test_sweep);
	tcase_add_test(tcase, test_sweep_certain);
	tcase_add_loop_test(tcase, test_interrupt, 0, LENGTH(interrupts));
	tcase_add_test(tcase, test_note);
	suite_add_tcase(suite, tcase);
	return suite;
}
