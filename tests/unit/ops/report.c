/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/report.c: what people and programs read of a sample.
 */
#include "daemon/ops/report.h"

#include "common/request.h"
#include "daemon/base/log.h"
#include "daemon/ops/records.h"
#include "services/table.h"
#include "unit/ops/sample.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define NOW (INT64_C(100000) * SECOND)

static struct records records;
static struct request query;
static struct strbuf text;

static void
setup(void)
{
	sample_make();
	memset(&records, 0, sizeof(records));
	records.now = NOW;
	query = (struct request){ .verb = REQUEST_STATUS, .level = -1 };
	sample.records = &records;
	sample.query = &query;
	sample.log_level = LOG_LEVEL_DEBUG;
}

static void
teardown(void)
{
	free(text.text);
	text = (struct strbuf){ .text = NULL };
}

static const char *
report(enum request_verb verb, bool is_json)
{
	struct snapshot_cursor cursor = { .part = 0 };

	query.verb = verb;
	query.is_json = is_json;
	text.length = 0;
	while (report_step(&sample, &cursor, &text))
		;
	return text.text;
}

START_TEST(test_status)
{
	ck_assert_str_eq(report(REQUEST_STATUS, false),
	    "multihomed 0.1.0 on gate <1> & co: ready, NOT HEALTHY\n"
	    "up 90 s, 3 workers, log level debug\n"
	    "configuration of 1970-01-01T00:18:00Z; reloads: 2, failed: 1, "
	    "and so did the last one\n"
	    "\n"
	    "SERVICE    ENDPOINT                        RECEIVED     ANSWERED "
	    "   DROPPED     KERNEL\n"
	    "echo       [::]:7                               100           80 "
	    "         6          9\n"
	    "echo:lab   192.0.2.1:7007                         0            0 "
	    "         0          0\n");
}
END_TEST

START_TEST(test_status_json)
{
	ck_assert_str_eq(report(REQUEST_STATUS, true),
	    "{\"version\":\"0.1.0\",\"node\":\"gate <1> & co\",\"ready\":true,"
	    "\"healthy\":false,\"workers\":3,\"log_level\":\"debug\","
	    "\"started\":\"1970-01-01T00:16:40Z\","
	    "\"configured\":\"1970-01-01T00:18:00Z\",\"reloads\":2,"
	    "\"reloads_failed\":1,\"last_reload_successful\":false,"
	    "\"sockets\":[\n"
	    "{\"service\":\"echo\",\"endpoint\":\"[::]:7\",\"received\":100,"
	    "\"answered\":80,\"silent\":5,\"dropped\":6,\"kernel_drops\":9},\n"
	    "{\"service\":\"echo:lab\",\"endpoint\":\"192.0.2.1:7007\","
	    "\"received\":0,\"answered\":0,\"silent\":0,\"dropped\":0,"
	    "\"kernel_drops\":0}]}\n");
}
END_TEST

static void
note(enum verdict verdict, const char *peer, int64_t seconds_ago)
{
	const struct drops_entry entry = { .peer = unit_address(peer),
		.local = unit_address("198.51.100.1:7"),
		.service = &service_echo,
		.last = NOW - seconds_ago * SECOND,
		.count = 1,
		.request = 1,
		.reply = 190 };

	drops_note(&records.drops, verdict, &entry);
}

/* Those of the sample are for DROP_SOURCE_GONE. */
START_TEST(test_drops)
{
	note(DROP_SOURCE_GONE, "192.0.2.9:4000", 119);
	note(DROP_SOURCE_GONE, "[2001:db8::9]:5", 86400);
	records.late = 1;
	ck_assert_str_eq(report(REQUEST_DROPS, false),
	    "1 of 3 workers did not answer\n"
	    "source-gone: 6\n"
	    "    echo to 192.0.2.9:4000: the address asked has left this "
	    "host\n"
	    "        asked 198.51.100.1:7, 1 time, last 119 s ago\n"
	    "    echo to [2001:db8::9]:5: the address asked has left this "
	    "host\n"
	    "        asked 198.51.100.1:7, 1 time, last 24 h ago\n");
	ck_assert_str_eq(report(REQUEST_DROPS, true),
	    "{\"workers_late\":1,\"drops\":[\n"
	    "{\"reason\":\"source-gone\",\"count\":6,"
	    "\"explanation\":\"the address asked has left this host\","
	    "\"peers\":[\n"
	    "{\"peer\":\"192.0.2.9:4000\",\"local\":\"198.51.100.1:7\","
	    "\"service\":\"echo\","
	    "\"explanation\":\"the address asked has left this host\","
	    "\"count\":1,\"seconds_ago\":119,"
	    "\"request_bytes\":1,\"reply_bytes\":190},\n"
	    "{\"peer\":\"[2001:db8::9]:5\",\"local\":\"198.51.100.1:7\","
	    "\"service\":\"echo\","
	    "\"explanation\":\"the address asked has left this host\","
	    "\"count\":1,\"seconds_ago\":86400,"
	    "\"request_bytes\":1,\"reply_bytes\":190}]}]}\n");
}
END_TEST

START_TEST(test_drops_of_a_peer)
{
	note(DROP_SOURCE_GONE, "192.0.2.9:4000", 1);
	note(DROP_SOURCE_GONE, "192.0.2.10:4000", 1);
	query.peer = unit_address("192.0.2.10");
	ck_assert_str_eq(report(REQUEST_DROPS, false),
	    "source-gone: 6\n"
	    "    echo to 192.0.2.10:4000: the address asked has left this "
	    "host\n"
	    "        asked 198.51.100.1:7, 1 time, last 1 s ago\n");
	query.peer = unit_address("192.0.2.11");
	ck_assert_str_eq(report(REQUEST_DROPS, false),
	    "192.0.2.11 is not among the last peers of any reason\n");
	ck_assert_str_eq(
	    report(REQUEST_DROPS, true), "{\"workers_late\":0,\"drops\":[]}\n");
}
END_TEST

START_TEST(test_no_drops)
{
	sample.bindings[0].counters[STATS_DROPPED + DROP_SOURCE_GONE] = 0;
	ck_assert_str_eq(report(REQUEST_DROPS, false), "nothing was dropped\n");
}
END_TEST

/* Two reasons are two items, with one comma between them. */
START_TEST(test_more_reasons)
{
	sample.bindings[1].counters[STATS_DROPPED + DROP_RATE] = 3;
	ck_assert_str_eq(report(REQUEST_DROPS, true),
	    "{\"workers_late\":0,\"drops\":[\n"
	    "{\"reason\":\"rate\",\"count\":3,"
	    "\"explanation\":\"more datagrams than rate allows: raise it, or "
	    "put the peer in trust\",\"peers\":[]},\n"
	    "{\"reason\":\"source-gone\",\"count\":6,"
	    "\"explanation\":\"the address asked has left this host\","
	    "\"peers\":[]}]}\n");
}
END_TEST

/* In words, even if nobody is known whom it was about. */
START_TEST(test_drops_of_nobody)
{
	ck_assert_str_eq(report(REQUEST_DROPS, false),
	    "source-gone: 6\n    the address asked has left this host\n");
}
END_TEST

static void
add_peer(const char *address, uint64_t count)
{
	const struct mh_address parsed = unit_address(address);

	top_add(&records.peers, &parsed, count);
}

START_TEST(test_top)
{
	records.peers_ns = 90 * SECOND;
	add_peer("192.0.2.9", 25);
	add_peer("2001:db8::", 75);
	ck_assert_str_eq(report(REQUEST_TOP, false),
	    "Peers, by samples of the last 90 s:\n"
	    "          75  75.0 %  2001:db8::/64\n"
	    "          25  25.0 %  192.0.2.9\n"
	    "Local addresses, since the start:\n"
	    "          70  70.0 %  2001:db8::1\n"
	    "          12  12.0 %  192.0.2.1\n");
	memset(&records.locals, 0, sizeof(records.locals));
	ck_assert_str_eq(report(REQUEST_TOP, true),
	    "{\"workers_late\":0,\"seconds\":90,\"peers\":[\n"
	    "{\"address\":\"2001:db8::/64\",\"datagrams\":75,"
	    "\"percent\":75.0},\n"
	    "{\"address\":\"192.0.2.9\",\"datagrams\":25,\"percent\":25.0}],"
	    "\"local_addresses\":[\n"
	    "{\"address\":\"2001:db8::1\",\"datagrams\":70,"
	    "\"percent\":70.0},\n"
	    "{\"address\":\"192.0.2.1\",\"datagrams\":12,"
	    "\"percent\":12.0}]}\n");
}
END_TEST

START_TEST(test_empty_top)
{
	sample.binding_count = 0;
	ck_assert_str_eq(report(REQUEST_TOP, false),
	    "Peers, by samples of the last 0 s:\n"
	    "        none\n"
	    "Local addresses, since the start:\n"
	    "        none\n");
}
END_TEST

START_TEST(test_sessions)
{
	records.tables[0] = (struct records_table){ "stamp",
		unit_address("[::]:862"), 1, 1024 };
	records.table_count = 1;
	records.sessions[0] = (struct records_session){ "stamp",
		{ unit_address("192.0.2.9:5000"),
		    unit_address("198.51.100.1:862"), NOW - 7 * SECOND } };
	records.session_count = 1;
	ck_assert_str_eq(report(REQUEST_SESSIONS, false),
	    "stamp [::]:862: 1 of 1024\n"
	    "    192.0.2.9:5000 to 198.51.100.1:862, stamp: idle for 7 s\n");
	ck_assert_str_eq(report(REQUEST_SESSIONS, true),
	    "{\"workers_late\":0,\"sockets\":[\n"
	    "{\"service\":\"stamp\",\"endpoint\":\"[::]:862\",\"sessions\":1,"
	    "\"limit\":1024}],\"sessions\":[\n"
	    "{\"service\":\"stamp\",\"peer\":\"192.0.2.9:5000\","
	    "\"local\":\"198.51.100.1:862\",\"idle_seconds\":7}]}\n");
	records.table_count = records.session_count = 0;
	ck_assert_str_eq(
	    report(REQUEST_SESSIONS, false), "no service has sessions\n");
	ck_assert_str_eq(report(REQUEST_SESSIONS, true),
	    "{\"workers_late\":0,\"sockets\":[],\"sessions\":[]}\n");
}
END_TEST

Suite *
report_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *tcase = tcase_create("report");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_status);
	tcase_add_test(tcase, test_status_json);
	tcase_add_test(tcase, test_drops);
	tcase_add_test(tcase, test_drops_of_a_peer);
	tcase_add_test(tcase, test_no_drops);
	tcase_add_test(tcase, test_drops_of_nobody);
	tcase_add_test(tcase, test_more_reasons);
	tcase_add_test(tcase, test_top);
	tcase_add_test(tcase, test_empty_top);
	tcase_add_test(tcase, test_sessions);
	suite_add_tcase(suite, tcase);
	return suite;
}
