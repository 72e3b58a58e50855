/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/reports.c: which reply a report is about, in fixed memory,
 * whatever the system reports, or does not.
 */
#include "daemon/path/reports.h"

#include "lib/multihome_report.h"
#include "unit/fixture.h"

#include <string.h>

static struct mh_socket *sockets[MH_SOCKETS_MAX];
static struct mh_batch *batch;
static struct reports *reports;

/* What the service has learnt last. */
static uint64_t told_token;
static int64_t told_ns;
static unsigned int times_told;

static void
tell(void *state, uint64_t token, int64_t utc_ns)
{
	ck_assert_ptr_eq(state, &times_told);
	told_token = token;
	told_ns = utc_ns;
	times_told++;
}

static void
setup(void)
{
	const struct mh_socket_options options = { .want = MH_CAN_SEND_TIME };
	const struct mh_address any = unit_address(":7");

	ck_assert_int_eq(mh_socket_open(sockets, &any, &options, NULL), 1);
	batch = mh_batch_new(2 * REPORTS_KEPT);
	reports = reports_new();
	ck_assert(batch != NULL && reports != NULL);
	times_told = 0;
}

static void
teardown(void)
{
	reports_free(reports);
	mh_batch_free(batch);
	mh_socket_close(sockets[0]);
}

/* Send as many in one batch, with the tokens first, first + 1, ... */
static void
send_batch(uint64_t first, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		reports_request(reports,
		    fixture_reply(batch, "198.51.100.9:99", "192.0.2.1", 0),
		    first + i);
	mh_batch_send(batch, sockets[0], NULL);
	reports_finish(reports);
}

static void
report(enum mh_report_kind kind, uint64_t id)
{
	fake.reports[0] = (struct mh_report){
		.kind = kind, .sent_id = id, .sent_ns = (int64_t)id + 1000
	};
	fake.report_count = 1;
	reports_take(reports, sockets[0], tell, &times_told);
}

static void
assert_told(unsigned int times, uint64_t token, uint64_t id)
{
	ck_assert_uint_eq(times_told, times);
	ck_assert_uint_eq(told_token, token);
	ck_assert_int_eq(told_ns, (int64_t)id + 1000);
}

START_TEST(test_matches)
{
	send_batch(70, 3);
	ck_assert(reports_are_awaited(reports));
	report(MH_REPORT_SENT, 2);
	assert_told(1, 71, 2);
	report(MH_REPORT_SENT, 1);
	assert_told(2, 70, 1);
	ck_assert(reports_are_awaited(reports));
	report(MH_REPORT_SENT, 3);
	assert_told(3, 72, 3);
	ck_assert(!reports_are_awaited(reports));
	/* A second one counts as well. */
	report(MH_REPORT_SENT, 2);
	assert_told(4, 71, 2);
	ck_assert(!reports_are_awaited(reports));
}
END_TEST

/* What it is not about. */
START_TEST(test_others)
{
	send_batch(70, 1);
	report(MH_REPORT_SENT, 0);
	report(MH_REPORT_SENT, 2);
	report(MH_REPORT_SENT, 1 + REPORTS_KEPT);
	report(MH_REPORT_ICMP, 1);
	ck_assert_uint_eq(times_told, 0);
	ck_assert(reports_are_awaited(reports));
	/* Nobody wants to know: taken all the same. */
	fake.report_count = 1;
	fake.reports[0].kind = MH_REPORT_SENT;
	reports_take(reports, sockets[0], NULL, NULL);
	ck_assert_uint_eq(fake.report_count, 0);
	ck_assert(!reports_are_awaited(reports));
}
END_TEST

/* A batch can ask for this many; the last ones sent are remembered. */
START_TEST(test_keeps_the_last)
{
	unsigned int i;

	send_batch(100, 2 * REPORTS_KEPT);
	ck_assert_uint_eq(fake.sent_count, 2 * REPORTS_KEPT);
	for (i = 0; i < 2 * REPORTS_KEPT; i++)
		ck_assert_int_eq(fake.sent[i].sent_id != 0, i < REPORTS_KEPT);
	report(MH_REPORT_SENT, REPORTS_KEPT);
	assert_told(1, 100 + REPORTS_KEPT - 1, REPORTS_KEPT);
	send_batch(500, 2);
	report(MH_REPORT_SENT, 2);
	ck_assert_uint_eq(times_told, 1);
	report(MH_REPORT_SENT, 3);
	assert_told(2, 102, 3);
	report(MH_REPORT_SENT, REPORTS_KEPT + 2);
	assert_told(3, 501, REPORTS_KEPT + 2);
	for (i = 4; i < REPORTS_KEPT; i++)
		report(MH_REPORT_SENT, i);
	ck_assert(reports_are_awaited(reports));
	report(MH_REPORT_SENT, REPORTS_KEPT + 1);
	ck_assert(!reports_are_awaited(reports));
}
END_TEST

/* Not sent: no report, and the reply, which may be queued, asks for none. */
START_TEST(test_not_sent)
{
	const struct fake_fault fault = {
		.call = FAKE_SEND, .skip = 1, .code = MH_EAGAIN
	};

	fake_fault(&fault);
	send_batch(70, 3);
	ck_assert(!batch->outgoing[0].report_sent);
	ck_assert(!batch->outgoing[2].report_sent);
	ck_assert_uint_eq(reports->awaited, 1);
	report(MH_REPORT_SENT, 1);
	assert_told(1, 70, 1);
	report(MH_REPORT_SENT, 2);
	ck_assert_uint_eq(times_told, 1);
	/* Nor is the next one mistaken for it. */
	fake_heal();
	send_batch(90, 1);
	report(MH_REPORT_SENT, 2);
	assert_told(2, 90, 2);
}
END_TEST

/* A device that never reports costs a look each time for a while only. */
START_TEST(test_gives_up)
{
	unsigned int looks = 0;

	send_batch(70, 5);
	for (; reports_are_awaited(reports); looks++)
		reports_take(reports, sockets[0], tell, &times_told);
	ck_assert_uint_eq(looks, 64);
	/* If it comes after all, it is welcome. */
	report(MH_REPORT_SENT, 4);
	assert_told(1, 73, 4);
	send_batch(80, 1);
	ck_assert(reports_are_awaited(reports));
	report(MH_REPORT_SENT, 6);
	assert_told(2, 80, 6);
	ck_assert(!reports_are_awaited(reports));
}
END_TEST

START_TEST(test_forgets)
{
	send_batch(70, 5);
	reports_forget(reports);
	ck_assert(!reports_are_awaited(reports));
	report(MH_REPORT_SENT, 4);
	ck_assert_uint_eq(times_told, 0);
	reports_free(NULL);
}
END_TEST

Suite *
reports_suite(void)
{
	Suite *suite = suite_create("reports");
	TCase *tcase = fixture_tcase("reports");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_matches);
	tcase_add_test(tcase, test_others);
	tcase_add_test(tcase, test_keeps_the_last);
	tcase_add_test(tcase, test_not_sent);
	tcase_add_test(tcase, test_gives_up);
	tcase_add_test(tcase, test_forgets);
	suite_add_tcase(suite, tcase);
	return suite;
}
