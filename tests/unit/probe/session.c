/* SPDX-License-Identifier: ISC */
/*
 * src/probe/session.c: the judge of answers, case by case.
 */
#include "probe/session.h"

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
struct row_case {
	const char *name;
	const char *script;
	enum row_verdict verdict;
	const char *source, *notes;
	unsigned int received, lost;
	bool done;
};

static const struct row_case cases[] = {
	{ "all well", "s@0 0@1 s@100 1@101 s@200 2@201", ROW_OK, "ok", "", 3, 0,
	    true },
	{ "still waiting", "s@0 0@1 s@100", ROW_OK, "ok", "", 1, 0, false },
	{ "nothing sent", "e@0", ROW_SILENT, "no answer", "", 0, 0, false },
	{ "silence", "s@0 s@100 s@200 e@1000 e@1100 e@1200", ROW_SILENT,
	    "no answer", "", 0, 3, true },
	{ "one lost", "s@0 s@100 1@101 s@200 2@201 e@1000", ROW_OK, "ok", "", 2,
	    1, true },
	{ "just in time", "s@0 e@999 0@999 s@100 1@101 s@200 2@202", ROW_OK,
	    "ok", "", 3, 0, true },

	/* From elsewhere. */
	{ "wrong address",
	    "s@0 0@1=192.0.2.2:7 s@100 1@101=192.0.2.2:7 s@200 "
	    "2@201=192.0.2.2:7",
	    ROW_WRONG, "WRONG 192.0.2.2", "", 3, 0, true },
	{ "wrong address once", "s@0 0@1 s@100 1@101=192.0.2.2:7 s@200 2@201",
	    ROW_WRONG, "WRONG 192.0.2.2", "1 from elsewhere", 3, 0, true },
	{ "wrong family",
	    "s@0 0@1=[2001:db8::1]:7 s@100 1@101=[2001:db8::1]:7 s@200 "
	    "2@201=[2001:db8::1]:7",
	    ROW_WRONG, "WRONG 2001:db8::1", "", 3, 0, true },
	{ "wrong port",
	    "s@0 0@1=192.0.2.1:8 s@100 1@101=192.0.2.1:8 s@200 "
	    "2@201=192.0.2.1:8",
	    ROW_WRONG_PORT, "WRONG PORT 8", "", 3, 0, true },
	{ "wrong port, then wrong address",
	    "s@0 0@1=192.0.2.1:8 s@100 1@101=192.0.2.2:7 s@200 2@201",
	    ROW_WRONG, "WRONG 192.0.2.2", "1 from elsewhere", 3, 0, true },
	{ "right, and from elsewhere too",
	    "s@0 0@1 0@2=192.0.2.2:7 s@100 1@101 s@200 2@201", ROW_WRONG,
	    "WRONG 192.0.2.2", "1 from elsewhere, 1 duplicate", 3, 0, true },

	/* Not as it should be. */
	{ "twice", "s@0 0@1 0@2 s@100 1@101 1@102 s@200 2@201 2@202", ROW_OK,
	    "ok", "3 duplicate", 3, 0, true },
	{ "out of order", "s@0 s@100 s@200 2@201 0@202 1@203", ROW_OK, "ok",
	    "2 out of order", 3, 0, true },
	{ "late", "s@0 s@100 1@101 s@200 2@201 e@1000 0@1001", ROW_OK, "ok",
	    "1 late", 2, 1, true },
	{ "late, twice", "s@0 e@1000 0@1001 0@1002 s@1100 e@2200 s@2300 e@3300",
	    ROW_SILENT, "no answer", "1 duplicate, 1 late", 0, 3, true },
	{ "late from elsewhere",
	    "s@0 s@100 1@101 s@200 2@201 e@1000 0@1001=192.0.2.2:7", ROW_WRONG,
	    "WRONG 192.0.2.2", "1 from elsewhere, 1 late", 2, 1, true },
	{ "another nonce", "s@0 x@1 s@100 x@101 s@200 x@201 e@1200", ROW_SILENT,
	    "no answer", "3 not an answer", 0, 3, true },
	{ "another nonce from elsewhere",
	    "s@0 x@1=192.0.2.2:7 0@2 s@100 1@101 s@200 2@201", ROW_OK, "ok",
	    "1 not an answer", 3, 0, true },
	{ "to a request that was never sent",
	    "s@0 1@1 0@2 s@100 1@101 s@200 2@201", ROW_OK, "ok",
	    "1 not an answer", 3, 0, true },
	{ "before any request", "0@0", ROW_SILENT, "no answer",
	    "1 not an answer", 0, 0, false },

	/* ICMP. */
	{ "nobody there", "s@0 p@1 s@100 p@101 s@200 p@201", ROW_UNREACHABLE,
	    "port unreachable", "", 0, 0, true },
	{ "says another",
	    "s@0 h@1=192.0.2.254 s@100 h@101=192.0.2.254 s@200 "
	    "p@201=192.0.2.254",
	    ROW_UNREACHABLE, "host unreachable",
	    "1 port unreachable, says 192.0.2.254", 0, 0, true },
	{ "first nobody, then somebody", "s@0 p@1 s@100 1@101 s@200 2@201",
	    ROW_OK, "ok", "1 port unreachable", 2, 0, true },
	{ "an error for nothing", "p@0", ROW_UNREACHABLE, "port unreachable",
	    "", 0, 0, false },

	/* This host. */
	{ "cannot send", "u@0 u@100 u@200", ROW_ERROR, "error", "no way", 0, 0,
	    true },
	{ "could not send once", "u@0 s@100 1@101 s@200 2@201", ROW_OK, "ok",
	    "no way", 2, 0, true },
	{ "could not send in between", "s@0 u@100 s@200 2@201 0@300", ROW_OK,
	    "ok", "no way, 1 out of order", 2, 0, true },
};

static void
refuse(struct row *row, enum mh_icmp_kind kind, const char *from)
{
	struct mh_icmp_error error = { .kind = kind,
		.peer = row->peer,
		.reporter = unit_address(from == NULL ? "192.0.2.1" : from) };

	row_refuse(row, &error, 0);
}

static void
stray(struct row *row, const char *from)
{
	char data[] = "this is no answer of an echo server";
	const struct mh_datagram datagram = {
		.peer = unit_address(from), .data = data, .length = sizeof(data)
	};

	row_receive(row, &datagram, 0, 0);
}

static void
happen(struct row *row, char what, unsigned int ms, const char *from)
{
	const int64_t now = ms * INT64_C(1000000);
	const char *source = from == NULL ? PEER : from;

	switch (what) {
	case 's':
		ck_assert(row_is_due(row, now));
		suites_send(row, ms);
		break;
	case 'x':
		stray(row, source);
		break;
	case 'e':
		row_expire(row, now);
		break;
	case 'p':
		refuse(row, MH_ICMP_PORT, from);
		break;
	case 'h':
		refuse(row, MH_ICMP_HOST, from);
		break;
	case 'u':
		row_unsent(row, "no way", false, now);
		break;
	default:
		ck_assert(what >= '0' && what <= '9');
		suites_answer(row, (uint32_t)(what - '0'), source, ms);
		break;
	}
}

static void
play(struct row *row, const char *script)
{
	char copy[256], *word, *rest = copy, *from;

	ck_assert_uint_lt(strlen(script), sizeof(copy));
	strcpy(copy, script);
	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		from = strchr(word, '=');
		if (from != NULL)
			*from++ = '\0';
		happen(row, word[0], (unsigned int)atoi(word + 2), from);
	}
}

START_TEST(test_case)
{
	const struct row_case *wanted = &cases[_i];
	struct row_plan plan = suites_plan();
	struct row *row = suites_row(&plan, PEER);
	char text[ROW_TEXT];

	play(row, wanted->script);
	ck_assert_msg(row_verdict(row) == wanted->verdict, "%s: verdict %d",
	    wanted->name, (int)row_verdict(row));
	ck_assert_msg(strcmp(row_source(row, text), wanted->source) == 0,
	    "%s: %s", wanted->name, text);
	ck_assert_msg(strcmp(row_notes(row, text), wanted->notes) == 0,
	    "%s: %s", wanted->name, text);
	ck_assert_msg(row->received == wanted->received, "%s: %u received",
	    wanted->name, (unsigned int)row->received);
	ck_assert_msg(row->lost == wanted->lost, "%s: %u lost", wanted->name,
	    (unsigned int)row->lost);
	ck_assert_msg(
	    row_is_done(row) == wanted->done, "%s: done", wanted->name);
	row_free(row);
}

/* When it wants to be called. */
START_TEST(test_wake)
{
	const int64_t ms = 1000000;
	struct row_plan plan = suites_plan();
	struct row *row = suites_row(&plan, PEER);

	ck_assert_int_eq(row_wake(row), 0);
	suites_send(row, 5);
	ck_assert_int_eq(row_wake(row), 105 * ms);
	ck_assert(!row_is_due(row, 104 * ms));
	ck_assert(row_is_due(row, 105 * ms));
	suites_send(row, 105);
	suites_send(row, 205);
	ck_assert_int_eq(row_wake(row), 1005 * ms);
	ck_assert(!row_is_due(row, 10000 * ms));
	suites_answer(row, 0, PEER, 300);
	ck_assert_int_eq(row_wake(row), 1105 * ms);
	suites_answer(row, 2, PEER, 301);
	suites_answer(row, 1, PEER, 302);
	ck_assert_int_eq(row_wake(row), INT64_MAX);
	ck_assert_int_eq(row->rtt.max, (300 - 5) * ms);
	ck_assert_int_eq(row->rtt.min, (301 - 205) * ms);
	row_free(row);
}

/* Without end, with more in flight than there is memory for. */
START_TEST(test_endless)
{
	struct row_plan plan = suites_plan();
	struct row *row;
	unsigned int i;

	plan.count = 0;
	plan.interval = 1000000 / 2;
	plan.timeout = INT64_C(3600000000000);
	row = suites_row(&plan, PEER);
	for (i = 0; i < 3 * ROW_WINDOW_MAX; i++) {
		ck_assert(!row_is_done(row));
		suites_send(row, i);
	}
	ck_assert_uint_eq(row->lost, 2 * ROW_WINDOW_MAX);
	ck_assert_uint_eq(row->waiting, ROW_WINDOW_MAX);
	suites_answer(row, 2 * ROW_WINDOW_MAX, PEER, i);
	ck_assert_uint_eq(row->received, 1);
	suites_answer(row, 2 * ROW_WINDOW_MAX - 1, PEER, i);
	ck_assert_uint_eq(row->received, 1);
	ck_assert_uint_eq(row->stray, 1);
	row_free(row);
}

/* With more in flight than usual, all have the time they were given. */
START_TEST(test_many_waiting)
{
	struct row_plan plan = suites_plan();
	struct row *row;
	unsigned int ms;

	plan.count = 4000;
	plan.interval = 1000000;
	plan.timeout = INT64_C(3000000000);
	row = suites_row(&plan, PEER);
	for (ms = 0; ms < 3000; ms++)
		suites_send(row, ms);
	suites_answer(row, 0, PEER, ms - 1);
	ck_assert_uint_eq(row->received, 1);
	for (; ms < 4000; ms++) {
		row_expire(row, ms * INT64_C(1000000));
		suites_send(row, ms);
	}
	ck_assert_uint_eq(row->lost, 999);
	ck_assert_uint_eq(row->waiting, 3000);
	row_free(row);
}

/* Numbers of few bits go on around the corner. */
START_TEST(test_few_bits)
{
	struct row_plan plan = suites_plan();
	struct row *row;
	uint32_t i;

	plan.ask = &ask_dns;
	plan.count = 70000;
	row = suites_row(&plan, PEER);
	for (i = 0; i < 70000; i++)
		suites_send(row, 0);
	row->sent = 0;
	/* A DNS answer is the query with one bit more. */
	{
		uint8_t answer[512];
		struct mh_datagram datagram = { .peer = row->peer,
			.data = answer };

		datagram.length =
		    (size_t)plan.ask->build(&row->question, 69999, answer);
		answer[2] |= 0x80;
		row_receive(row, &datagram, 0, 1000);
		ck_assert_uint_eq(row->received, 1);
		ck_assert_uint_eq(row->highest, 70000);
	}
	row_free(row);
}

/* A protocol without numbers: the newest first, in no order. */
START_TEST(test_no_number)
{
	const int64_t ms = 1000000;
	struct row_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	struct row *row;

	plan.ask = &ask_raw;
	row = suites_row(&plan, PEER);
	suites_send(row, 0);
	suites_send(row, 100);
	row_receive(row, &datagram, 0, 150 * ms);
	ck_assert_int_eq(row->rtt.max, 50 * ms);
	row_receive(row, &datagram, 0, 150 * ms);
	ck_assert_uint_eq(row->received, 2);
	ck_assert_int_eq(row->rtt.max, 150 * ms);
	ck_assert_uint_eq(row->reordered, 0);
	row_receive(row, &datagram, 0, 150 * ms);
	ck_assert_uint_eq(row->duplicates, 1);
	row_free(row);
}

/* One that is lost does no harm to the times of those after it. */
START_TEST(test_no_number_lost)
{
	const int64_t ms = 1000000;
	struct row_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	struct row *row;
	unsigned int at;

	plan.ask = &ask_raw;
	row = suites_row(&plan, PEER);
	suites_send(row, 0);
	for (at = 100; at < 300; at += 100) {
		suites_send(row, at);
		row_receive(row, &datagram, 0, (at + 1) * ms);
	}
	ck_assert_int_eq(row->rtt.max, ms);
	row_expire(row, 1000 * ms);
	ck_assert_uint_eq(row->received, 2);
	ck_assert_uint_eq(row->lost, 1);
	ck_assert(row_is_done(row));
	row_free(row);
}

/* Of one path there is no answer. */
START_TEST(test_paths)
{
	struct row_plan plan = suites_plan();
	char text[ROW_TEXT];
	struct row *row;
	unsigned int i;

	plan.paths = 4;
	plan.count = 1;
	plan.interval = 1;
	row = suites_row(&plan, PEER);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(row_path(row), i);
		suites_send(row, 0);
	}
	suites_answer(row, 0, PEER, 1);
	suites_answer(row, 1, PEER, 1);
	suites_answer(row, 3, PEER, 1);
	row_expire(row, INT64_C(2000000000));
	ck_assert(row_is_done(row));
	ck_assert_int_eq(row_verdict(row), ROW_SILENT);
	ck_assert_str_eq(row_notes(row, text), "3 of 4 source ports answered");
	suites_answer(row, 2, PEER, 3000);
	ck_assert_int_eq(row_verdict(row), ROW_SILENT); /* late */
	row_free(row);
}

/* An answer belongs to a request of the path that it came by. */
START_TEST(test_paths_no_number)
{
	const int64_t ms = 1000000;
	struct row_plan plan = suites_plan();
	char data[] = "x";
	const struct mh_datagram datagram = {
		.peer = unit_address(PEER), .data = data, .length = 1
	};
	struct row *row;
	unsigned int i;

	plan.ask = &ask_raw;
	plan.paths = 3;
	plan.count = 2;
	row = suites_row(&plan, PEER);
	suites_send(row, 0);
	row_receive(row, &datagram, 2, 10 * ms); /* nothing was sent there */
	ck_assert_uint_eq(row->stray, 1);
	for (i = 1; i < 6; i++)
		suites_send(row, 100 * i);
	row_receive(row, &datagram, 2, 510 * ms);
	row_receive(row, &datagram, 2, 510 * ms);
	ck_assert_uint_eq(row->received, 2);
	ck_assert_uint_eq(row->paths_answered, 1);
	ck_assert(row->path_answered[2]);
	ck_assert_int_eq(row->rtt.max, 310 * ms);
	ck_assert_int_eq(row->rtt.min, 10 * ms);
	row_receive(row, &datagram, 2, 510 * ms);
	ck_assert_uint_eq(row->duplicates, 1);
	row_free(row);
}

/* An ICMP error is about a request of the path that it came by. */
START_TEST(test_paths_refused)
{
	const struct mh_icmp_error error = { .kind = MH_ICMP_PORT };
	struct row_plan plan = suites_plan();
	struct row *row;
	unsigned int i;

	plan.paths = 3;
	plan.count = 2;
	plan.interval = 1;
	row = suites_row(&plan, PEER);
	for (i = 0; i < 6; i++)
		suites_send(row, i);
	row_refuse(row, &error, 1);
	row_refuse(row, &error, 1);
	row_refuse(row, &error, 1); /* for nothing */
	for (i = 0; i < 6; i++)
		ck_assert_int_eq(
		    row->shots[i].fate, i % 3 == 1 ? ROW_REFUSED : ROW_WAITING);
	ck_assert_uint_eq(row->waiting, 4);
	ck_assert_uint_eq(row->icmp[MH_ICMP_PORT], 3);
	row_free(row);
}

/* Over a way that takes 1000 bytes. */
START_TEST(test_sweep)
{
	struct row_plan plan = suites_plan();
	char text[ROW_TEXT];
	unsigned int ms = 0, size;
	struct row *row;

	plan.count = 2;
	plan.sweep_from = 500;
	plan.sweep_to = 1500;
	row = suites_row(&plan, PEER);
	while (!row_is_done(row)) {
		ck_assert(row_is_due(row, ms * INT64_C(1000000)));
		suites_send(row, ms);
		/* One at a time. */
		ck_assert(!row_is_due(row, INT64_MAX));
		size = row->shots[(row->next - 1) % row->shot_count].size;
		if (size <= 1000)
			suites_answer(row, row->next - 1, PEER, ms + 1);
		else
			row_expire(row, (ms + 1000) * INT64_C(1000000));
		ms += 1000;
	}
	ck_assert_int_eq(row_verdict(row), ROW_OK);
	ck_assert_str_eq(
	    row_notes(row, text), "1000 bytes there, 1000 bytes back");
	row_free(row);
}

/* Refused by this host, or by ICMP: at once. */
START_TEST(test_sweep_certain)
{
	struct row_plan plan = suites_plan();
	struct row *row;

	plan.sweep_from = 500;
	plan.sweep_to = 501;
	row = suites_row(&plan, PEER);
	row_unsent(row, "too big", true, 0);
	ck_assert_str_eq(row->error, "");
	suites_send(row, 0);
	ck_assert_uint_eq(row->shots[1].size, 500);
	refuse(row, MH_ICMP_TOO_BIG, NULL);
	ck_assert(row_is_done(row));
	ck_assert_int_eq(row_verdict(row), ROW_UNREACHABLE);
	row_free(row);
}

static const struct {
	const char *peer, *name, *zone, *label;
} labels[] = {
	{ "192.0.2.1:7", "", "", "192.0.2.1:7" },
	{ "[2001:db8::1]:7", "", "", "[2001:db8::1]:7" },
	{ "[fe80::1%1]:7", "", "%eth0", "[fe80::1%eth0]:7" },
	{ "192.0.2.1:7", "", "%eth0", "192.0.2.1%eth0:7" },
	{ "192.0.2.1:7", "example.net", "", "example.net 192.0.2.1:7" },
	{ "", "example.invalid", "", "example.invalid" },
};

START_TEST(test_label)
{
	struct row_plan plan = suites_plan();
	struct row *row = suites_row(&plan, labels[_i].peer);
	char text[ROW_TEXT];

	row->name = labels[_i].name;
	strcpy(row->zone, labels[_i].zone);
	ck_assert_str_eq(row_label(row, text), labels[_i].label);
	row_free(row);
}

Suite *
probe_row_suite(void)
{
	Suite *suite = suite_create("probe row");
	TCase *tcase = tcase_create("row");

	tcase_add_loop_test(tcase, test_case, 0, LENGTH(cases));
	tcase_add_test(tcase, test_wake);
	tcase_add_test(tcase, test_endless);
	tcase_add_test(tcase, test_many_waiting);
	tcase_add_test(tcase, test_few_bits);
	tcase_add_test(tcase, test_no_number);
	tcase_add_test(tcase, test_no_number_lost);
	tcase_add_test(tcase, test_paths);
	tcase_add_test(tcase, test_paths_no_number);
	tcase_add_test(tcase, test_paths_refused);
	tcase_add_test(tcase, test_sweep);
	tcase_add_test(tcase, test_sweep_certain);
	tcase_add_loop_test(tcase, test_label, 0, LENGTH(labels));
	suite_add_tcase(suite, tcase);
	return suite;
}
