/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/report.c: when datagrams left, and of which one that is
 * said.  First the numbers alone, then over loopback, with numbers that are
 * ours to choose and with those of the kernel, as before Linux 6.13.
 */
#include "platform/linux/report.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"
#include "unit/unit.h"
#include "unit/wrap.h"

#include "platform/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/*
 * Numbers.
 */

static struct mh__udp udp;
static uint8_t control[256];

/* A call: which of count datagrams would have a report? */
static unsigned int
ask(unsigned int count, uint64_t *ids)
{
	unsigned int i, given = 0;

	udp.reports.requested = 0;
	for (i = 0; i < count; i++) {
		(void)mh__report_request(&udp, control, 0, &ids[i]);
		given += ids[i] != 0;
	}
	return given;
}

static uint64_t
send_one(void)
{
	uint64_t id;

	ask(1, &id);
	mh__report_account(&udp.reports, id != 0, false);
	return id;
}

static void
fail_one(void)
{
	uint64_t id;

	mh__report_account(&udp.reports, 0, ask(1, &id) == 1);
}

static uint64_t
match(uint32_t number)
{
	return mh__report_match(&udp.reports, number, host_realtime_ns());
}

static void
numbers_setup(void)
{
	udp =
	    (struct mh__udp){ .reports = { .is_on = true, .is_probed = true } };
}

START_TEST(test_numbers)
{
	uint64_t ids[5];

	ck_assert_uint_eq(match(0), 0);
	ck_assert_uint_eq(ask(5, ids), 5);
	/* The last two were not sent, and are sent again. */
	mh__report_account(&udp.reports, 3, false);
	ck_assert_uint_eq(ids[0], 1);
	ck_assert_uint_eq(ids[2], 3);
	ck_assert_uint_eq(send_one(), 4);
	ck_assert_uint_eq(match(3), 4);
	ck_assert_uint_eq(match(0), 1);
	/* Twice, as a device on top of another makes it. */
	ck_assert_uint_eq(match(0), 1);
	ck_assert_uint_eq(match(4), 0);
	ck_assert_uint_eq(match(UINT32_MAX), 0);
}
END_TEST

/* The kernel's begin again, ours do not. */
START_TEST(test_numbers_wrap)
{
	udp.reports.next_number = UINT32_MAX;
	udp.reports.count = UINT32_MAX;
	ck_assert_uint_eq(send_one(), INT64_C(1) << 32);
	ck_assert_uint_eq(send_one(), (INT64_C(1) << 32) + 1);
	ck_assert_uint_eq(match(0), (INT64_C(1) << 32) + 1);
	ck_assert_uint_eq(match(UINT32_MAX), INT64_C(1) << 32);
	ck_assert_uint_eq(match(UINT32_MAX - 1), 0);
}
END_TEST

/* Those of long ago are not remembered. */
START_TEST(test_numbers_old)
{
	unsigned int i;

	for (i = 0; i < 65536 + 2; i++) {
		ck_assert_uint_eq(send_one(), i + 1);
		udp.reports.unread = 0;
	}
	ck_assert_uint_eq(match(1), 0);
	ck_assert_uint_eq(match(2), 3);
}
END_TEST

/* That many failed, and of those that many used up a number. */
static const struct {
	unsigned int failures, used;
} failures[] = { { 1, 0 }, { 1, 1 }, { 3, 0 }, { 3, 2 }, { 3, 3 } };

START_TEST(test_pilot)
{
	const unsigned int used = failures[_i].used;
	uint64_t ids[2];
	unsigned int i;

	ck_assert_uint_eq(send_one(), 1);
	ck_assert_uint_eq(send_one(), 2);
	for (i = 0; i < failures[_i].failures; i++)
		fail_one();
	/* One at a time. */
	ck_assert_uint_eq(ask(2, ids), 1);
	mh__report_account(&udp.reports, 1, false);
	ck_assert_uint_eq(ids[0], 3);
	ck_assert_uint_eq(send_one(), 0);
	/* Those before the failure are not in doubt. */
	ck_assert_uint_eq(match(1), 2);
	ck_assert_uint_eq(match(3 + failures[_i].failures), 0);
	ck_assert_uint_eq(send_one(), 0);
	/* The pilot: in step again. */
	ck_assert_uint_eq(match(2 + used), 3);
	ck_assert_uint_eq(match(2 + used), 3);
	ck_assert_uint_eq(match(1), used == 0 ? 2 : 0);
	ck_assert_uint_eq(send_one(), 4);
	ck_assert_uint_eq(match(3 + used), 4);
}
END_TEST

/* A pilot may fail, too; or be lost, and after a minute is. */
START_TEST(test_pilot_lost)
{
	const int64_t utc = host_realtime_ns(), now = host_monotonic_ns();

	fail_one();
	fail_one();
	ck_assert_uint_eq(udp.reports.doubt, 2);
	ck_assert_uint_eq(send_one(), 1);
	ck_assert_int_ge(udp.reports.pilot_ns, utc);
	ck_assert_int_le(udp.reports.pilot_ns, host_realtime_ns());
	ck_assert_int_ge(udp.reports.pilot_until, now + PILOT_PATIENCE);
	ck_assert_int_le(
	    udp.reports.pilot_until, host_monotonic_ns() + PILOT_PATIENCE);
	ck_assert_uint_eq(send_one(), 0);
	udp.reports.pilot_until -= PILOT_PATIENCE;
	ck_assert_uint_eq(send_one(), 2);
	ck_assert_uint_eq(send_one(), 0);
	/* The first one left before the second was sent, whatever it says. */
	ck_assert_uint_eq(
	    mh__report_match(&udp.reports, 2, udp.reports.pilot_ns - 1), 0);
	ck_assert_uint_eq(match(0), 1);
	ck_assert_uint_eq(match(3), 2);
	ck_assert_uint_eq(send_one(), 3);
	ck_assert_uint_eq(match(4), 3);
}
END_TEST

/* If they are ours, a failure costs none. */
START_TEST(test_chosen)
{
	udp.reports.is_chosen = true;
	ck_assert_uint_eq(send_one(), 1);
	fail_one();
	ck_assert_uint_eq(udp.reports.doubt, 0);
	ck_assert_uint_eq(send_one(), 2);
	ck_assert_uint_eq(match(1), 2);
}
END_TEST

/* No more than the receive buffer can bear; and none that were not wanted. */
START_TEST(test_most)
{
	uint64_t ids[REPORTS_MAX + 2];

	ck_assert_uint_eq(send_one(), 1);
	ck_assert_uint_eq(ask(REPORTS_MAX + 2, ids), REPORTS_MAX - 1);
	mh__report_account(&udp.reports, REPORTS_MAX - 1, false);
	ck_assert_uint_eq(send_one(), 0);
	udp.reports.unread = 0;
	ck_assert_uint_eq(send_one(), REPORTS_MAX + 1);
	udp.reports = (struct mh__reports){ .is_on = false };
	ck_assert_uint_eq(send_one(), 0);
	ck_assert_uint_eq(mh__report_request(&udp, control, 17, ids), 17);
}
END_TEST

/*
 * Over loopback.
 */

enum { CHOSEN, COUNTED, MODES };

static const char *const peers[] = { "127.0.0.1", "::1" };

/* Open a server that reports; in which mode, the first request finds out. */
static void
serve(int mode, unsigned int want)
{
	const struct mh_socket_options options = { .want = want };

	live_serve(":0", &options);
	ck_assert_uint_eq(mh_socket_info(live.sockets[0])->can & want, want);
	if (mode == CHOSEN)
		return;
	wrap.sendmsg.error = EINVAL;
	wrap.sendmsg.times = 1;
}

/* Queue one to this peer. */
static struct mh_datagram *
add(int fd, const char *peer, bool report_sent)
{
	struct mh_datagram *datagram = live_reply(fd, peer, peer);

	/* Or neighbours would leave as one. */
	datagram->length = 100 + live.batch->outgoing_count;
	datagram->report_sent = report_sent;
	return datagram;
}

static int
flush(void)
{
	return mh_batch_send(live.batch, live.sockets[0], &live_strict);
}

/* Take the next report, which must be this one; returns its time. */
static int64_t
take(uint64_t id)
{
	struct mh_report report;

	memset(&report, 0xa5, sizeof(report));
	ck_assert_int_eq(mh_socket_report(live.sockets[0], &report), 1);
	ck_assert_int_eq(report.kind, MH_REPORT_SENT);
	ck_assert_uint_eq(report.sent_id, id);
	ck_assert_uint_eq(report.icmp.peer.family, MH_FAMILY_NONE);
	return report.sent_ns;
}

static void
assert_none(void)
{
	struct mh_report report;

	ck_assert_int_eq(mh_socket_report(live.sockets[0], &report), 0);
}

/* Several under way, of both families, and others in between. */
START_TEST(test_left)
{
	int fds[] = { live_peer("127.0.0.1"), live_peer("::1") };
	struct mh_datagram *sent[8];
	int64_t before, after, time, last;
	int i;

	serve(_i, MH_CAN_SEND_TIME | MH_CAN_TIME);
	assert_none();
	for (i = 0; i < 8; i++)
		sent[i] = add(fds[i / 2 % 2], peers[i / 2 % 2], i % 2 == 0);
	before = last = host_realtime_ns();
	ck_assert_int_eq(flush(), 8);
	after = host_realtime_ns();
	ck_assert_int_eq(live.sockets[0]->udp.reports.is_chosen, _i == CHOSEN);
	for (i = 0; i < 8; i++) {
		ck_assert_uint_eq(sent[i]->sent_id, i % 2 == 0 ? i / 2 + 1 : 0);
		if (i % 2 == 1)
			continue;
		time = take(sent[i]->sent_id);
		ck_assert_int_ge(time, last);
		last = time;
	}
	ck_assert_int_ge(after, last);
	ck_assert_int_ge(last, before);
	assert_none();
}
END_TEST

/* Failures before the kernel counts, and after. */
static const struct {
	const char *name, *peer, *local;
	int status;
} unsendable[] = {
	{ "no route", "203.0.113.1:9", "127.0.0.1", MH_EUNREACHABLE },
	{ "not ours", "127.0.0.1:9", "203.0.113.1", MH_EGONE },
	{ "too big", "127.0.0.1:9", "127.0.0.1", MH_ETOOBIG },
	{ "too big, IPv6", "[::1]:9", "::1", MH_ETOOBIG },
};

START_TEST(test_left_after_failure)
{
	const int mode = _i % MODES, row = _i / MODES;
	static char large[MH_SLOT_SIZE];
	int fd = live_peer("127.0.0.1"), i;
	struct mh_datagram *sent[3];

	serve(mode, MH_CAN_SEND_TIME);
	for (i = 0; i < 3; i++)
		sent[i] = add(fd, "127.0.0.1", true);
	sent[1]->peer = unit_address(unsendable[row].peer);
	sent[1]->local = unit_address(unsendable[row].local);
	if (unsendable[row].status == MH_ETOOBIG) {
		sent[1]->data = large;
		sent[1]->length = sizeof(large) - 1;
	}
	ck_assert_int_eq(flush(), 2);
	ck_assert_msg(sent[1]->status == unsendable[row].status, "%s: %d",
	    unsendable[row].name, sent[1]->status);
	ck_assert_uint_eq(sent[1]->sent_id, 0);
	take(1);
	ck_assert_uint_eq(sent[2]->sent_id, 2);
	take(2);
	/* And that is not the end. */
	add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 1);
	take(3);
	assert_none();
}
END_TEST

/*
 * The kernel's numbers go on where ours do not, as after a failure that used
 * one up: from the next one on they are in step.
 */
START_TEST(test_left_in_doubt)
{
	int fd = live_peer("127.0.0.1"), i;
	struct mh_datagram *sent[2];

	serve(COUNTED, MH_CAN_SEND_TIME);
	for (i = 0; i < 3; i++) {
		add(fd, "127.0.0.1", true);
		ck_assert_int_eq(flush(), 1);
	}
	for (i = 1; i <= 3; i++)
		take((uint64_t)i);
	/* As if the last two had failed. */
	live.sockets[0]->udp.reports.next_number -= 2;
	live.sockets[0]->udp.reports.count -= 2;
	live.sockets[0]->udp.reports.doubt = 2;
	for (i = 0; i < 2; i++)
		sent[i] = add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 2);
	ck_assert_uint_eq(sent[0]->sent_id, 2);
	ck_assert_uint_eq(sent[1]->sent_id, 0);
	take(2);
	assert_none();
	sent[0] = add(fd, "127.0.0.1", true);
	sent[1] = add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 2);
	take(3);
	take(4);
	assert_none();
}
END_TEST

/* A filter that refuses sendmmsg(), and a part of what is to be sent. */
START_TEST(test_left_singly)
{
	const int mode = _i % MODES;
	int fd = live_peer("127.0.0.1"), i;
	struct mh_datagram *sent[3];

	serve(mode, MH_CAN_SEND_TIME);
	add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 1);
	take(1);
	wrap.sendmmsg.error = _i / MODES == 0 ? ENOSYS : EPERM;
	for (i = 0; i < 3; i++)
		sent[i] = add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 3);
	take(2);
	ck_assert_uint_eq(sent[1]->sent_id, mode == CHOSEN ? 3 : 0);
	if (mode == CHOSEN) {
		take(3);
		take(4);
	}
	assert_none();
}
END_TEST

/* One with a report is no part of a burst, and a burst has none. */
START_TEST(test_left_bursts)
{
	int fd = live_peer("127.0.0.1"), i;
	struct mh_datagram *sent[5];

	serve(CHOSEN, MH_CAN_SEND_TIME);
	for (i = 0; i < 4; i++) {
		sent[i] = add(fd, "127.0.0.1", i % 3 != 0);
		sent[i]->length = 100;
	}
	sent[4] = add(fd, "127.0.0.1", true);
	sent[4]->length = 100;
	sent[4]->segment = 40;
	sent[4]->sent_id = 77;
	wrap.sent_count = 0;
	ck_assert_int_eq(flush(), 5);
	ck_assert_uint_eq(wrap.sent_count, 5);
	ck_assert_uint_eq(sent[4]->sent_id, 0);
	take(1);
	take(2);
	assert_none();
}
END_TEST

static bool
is_ready(void)
{
	struct pollfd poller = { .fd = (int)mh_socket_handle(live.sockets[0]),
		.events = POLLIN };

	return poll(&poller, 1, 0) > 0;
}

/* One that never asks is not woken for ever, nor is its memory used up. */
START_TEST(test_left_ignored)
{
	int fd = live_peer("127.0.0.1"), i, reports = 0;
	unsigned int calls;
	struct mh_datagram *sent;

	serve(_i, MH_CAN_SEND_TIME);
	for (i = 0; i < 200; i++) {
		sent = add(fd, "127.0.0.1", true);
		ck_assert_int_eq(flush(), 1);
		reports += sent->sent_id != 0;
	}
	ck_assert_int_eq(reports, REPORTS_MAX);
	ck_assert(is_ready());
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
	ck_assert(!is_ready());
	assert_none();
	/* And nothing is asked of the system without need. */
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
	calls = wrap.recvmsg.calls;
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
	ck_assert_uint_eq(wrap.recvmsg.calls, calls);
	add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 1);
	take(REPORTS_MAX + 1);
}
END_TEST

/* One that asks does not lose what comes between that and receiving. */
START_TEST(test_left_kept)
{
	int fd = live_peer("127.0.0.1");

	serve(_i, MH_CAN_SEND_TIME);
	add(fd, "127.0.0.1", true);
	assert_none();
	ck_assert_int_eq(flush(), 1);
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
	take(1);
}
END_TEST

/* No ICMP error of one peer costs another its answer: those are not wanted. */
START_TEST(test_left_without_errors)
{
	int fd = live_peer(peers[_i]);
	struct mh_datagram *dead;

	serve(CHOSEN, MH_CAN_SEND_TIME);
	dead = add(fd, peers[_i], true);
	dead->peer.port = 9; /* nobody listens here in tests */
	ck_assert_int_eq(flush(), 1);
	add(fd, peers[_i], true);
	ck_assert_int_eq(flush(), 1);
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
	ck_assert(!is_ready());
	ck_assert_uint_eq(live.sockets[0]->udp.reports.doubt, 0);
}
END_TEST

/* Both by one call. */
START_TEST(test_left_and_errors)
{
	int fd = live_peer(peers[_i]);
	struct mh_datagram *large;
	struct mh_report report;

	serve(CHOSEN, MH_CAN_SEND_TIME | MH_CAN_ERRORS);
	add(fd, peers[_i], true)->peer.port = 9;
	ck_assert_int_eq(flush(), 1);
	take(1);
	ck_assert_int_eq(mh_socket_report(live.sockets[0], &report), 1);
	ck_assert_int_eq(report.kind, MH_REPORT_ICMP);
	ck_assert_int_eq(report.icmp.kind, MH_ICMP_PORT);
	ck_assert_uint_eq(report.icmp.peer.port, 9);
	ck_assert_uint_eq(report.sent_id, 0);
	assert_none();
	/* This host's own error is the status, and no report. */
	large = add(fd, peers[_i], true);
	large->length = MH_SLOT_SIZE - 1;
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(large->status, MH_ETOOBIG);
	assert_none();
}
END_TEST

/*
 * Options.
 */

static const struct {
	unsigned int want;
	unsigned int can; /* if SO_TIMESTAMPING is refused */
} options[] = {
	{ MH_CAN_SEND_TIME | MH_CAN_TIME, MH_CAN_TIME },
	{ MH_CAN_HARDWARE_TIME | MH_CAN_TIME, MH_CAN_TIME },
	{ MH_CAN_SEND_TIME | MH_CAN_HARDWARE_TIME, 0 },
};

/* Times of arrival are as they were, whatever else is wanted. */
START_TEST(test_option)
{
	const struct mh_datagram *got = live.batch->received;
	int fd = live_peer("::1");
	int64_t before = host_realtime_ns();

	serve(CHOSEN, options[_i].want);
	live_peer_send(fd, "::1", "hello", 5);
	live_receive("option");
	ck_assert_int_eq(got->hardware_ns, 0);
	ck_assert_uint_eq(got->flags & MH_CONTROL_TRUNCATED, 0);
	if ((options[_i].want & MH_CAN_TIME) == 0) {
		ck_assert_int_eq(got->arrived_ns, 0);
		return;
	}
	ck_assert_int_ge(got->arrived_ns, before);
	ck_assert_int_le(got->arrived_ns, host_realtime_ns());
}
END_TEST

/* No more is claimed than the system has accepted. */
START_TEST(test_option_refused)
{
	const struct mh_socket_options wanted = { .want = options[_i].want };

	wrap.setsockopt.error = EINVAL;
	wrap.setsockopt.which = SOL_SOCKET << 16 | SO_TIMESTAMPING;
	live_serve(":0", &wanted);
	ck_assert_uint_eq(mh_socket_info(live.sockets[0])->can &
		(options[_i].want | MH_CAN_ERRORS),
	    options[_i].can);
}
END_TEST

/* Where it is not on, a request is passed over. */
START_TEST(test_option_absent)
{
	int fd = live_peer("127.0.0.1");
	struct mh_report report;
	struct mh_datagram *sent;

	live_serve_stack(":0", MH_STACK_DUAL);
	sent = add(fd, "127.0.0.1", true);
	sent->sent_id = 77;
	ck_assert_int_eq(flush(), 1);
	ck_assert_uint_eq(sent->sent_id, 0);
	ck_assert_int_eq(
	    mh_socket_report(live.sockets[0], &report), MH_EUNSUPPORTED);
	ck_assert(!is_ready());
}
END_TEST

/* What a previous owner left does not count. */
START_TEST(test_option_adopted)
{
	const struct mh_socket_options wanted = { .want = MH_CAN_SEND_TIME };
	int fd = live_peer("127.0.0.1");
	intptr_t handle;

	serve(_i, MH_CAN_SEND_TIME);
	add(fd, "127.0.0.1", true);
	add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 2);
	handle = dup((int)mh_socket_handle(live.sockets[0]));
	mh_socket_close(live.sockets[0]);
	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], handle, &wanted, NULL), 0);
	ck_assert(!is_ready());
	assert_none();
	if (_i == COUNTED) {
		wrap.sendmsg.error = EINVAL;
		wrap.sendmsg.times = wrap.sendmsg.calls = 0;
	}
	add(fd, "127.0.0.1", true);
	ck_assert_int_eq(flush(), 1);
	take(1);
	assert_none();
}
END_TEST

Suite *
platform_report_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *numbers = tcase_create("numbers");
	TCase *left = live_case(suite, "left");
	TCase *option = live_case(suite, "options");

	tcase_add_checked_fixture(numbers, numbers_setup, NULL);
	tcase_add_test(numbers, test_numbers);
	tcase_add_test(numbers, test_numbers_wrap);
	tcase_add_test(numbers, test_numbers_old);
	tcase_add_loop_test(numbers, test_pilot, 0, LENGTH(failures));
	tcase_add_test(numbers, test_pilot_lost);
	tcase_add_test(numbers, test_chosen);
	tcase_add_test(numbers, test_most);
	suite_add_tcase(suite, numbers);
	tcase_add_loop_test(left, test_left, 0, MODES);
	tcase_add_loop_test(
	    left, test_left_after_failure, 0, MODES * LENGTH(unsendable));
	tcase_add_test(left, test_left_in_doubt);
	tcase_add_loop_test(left, test_left_singly, 0, 2 * MODES);
	tcase_add_test(left, test_left_bursts);
	tcase_add_loop_test(left, test_left_ignored, 0, MODES);
	tcase_add_loop_test(left, test_left_kept, 0, MODES);
	tcase_add_loop_test(left, test_left_without_errors, 0, 2);
	tcase_add_loop_test(left, test_left_and_errors, 0, 2);
	tcase_add_loop_test(option, test_option, 0, LENGTH(options));
	tcase_add_loop_test(option, test_option_refused, 0, LENGTH(options));
	tcase_add_test(option, test_option_absent);
	tcase_add_loop_test(option, test_option_adopted, 0, MODES);
	return suite;
}
