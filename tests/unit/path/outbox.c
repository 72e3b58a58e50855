/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/outbox.c: what becomes of a reply whose socket is full, whose
 * source has left, or that leaves through a sibling's socket; and the final
 * change that a service makes to it.  Whatever happens, each is counted once.
 */
#include "daemon/path/outbox.h"

#include "services/table.h"
#include "unit/path/traffic.h"

#include <string.h>

/* Every way that sending can fail, with the middle one of three. */
static const struct failure_case {
	int error;
	bool source_gone;
	enum verdict verdict;
} failures[] = {
	{ MH_EADDRESS, true, DROP_SOURCE_GONE },
	{ MH_EADDRESS, false, DROP_UNREACHABLE },
	{ MH_EUNREACHABLE, false, DROP_UNREACHABLE },
	{ MH_EPERMISSION, false, DROP_NOT_PERMITTED },
	{ MH_ENOBUFFERS, false, DROP_NO_BUFFERS },
	{ MH_ENOMEMORY, false, DROP_NO_BUFFERS },
	{ MH_ETOOBIG, false, DROP_TOO_BIG },
	{ MH_EINVALID, true, DROP_SOURCE_GONE },
	{ MH_EINVALID, false, DROP_SOURCE_REFUSED },
	{ MH_EUNSUPPORTED, false, DROP_SEND_FAILED },
	{ MH_ESYSTEM, false, DROP_SEND_FAILED },
};

START_TEST(test_one_of_three_fails)
{
	const struct failure_case *c = &failures[_i];
	const struct fake_fault fault = {
		.call = FAKE_SEND, .port = 101, .code = c->error
	};
	const struct mh_address here = unit_address("192.0.2.1");

	if (c->source_gone)
		fake_local_remove(&here);
	fake_fault(&fault);
	traffic_deliver(100, 3);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 2);
	ck_assert_uint_eq(fake.sent[0].peer.port, 100);
	ck_assert_uint_eq(fake.sent[1].peer.port, 102);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2);
	ck_assert_msg(traffic_dropped(c->verdict) == 1, "%s: not %s",
	    mh_strerror(c->error), verdict_name(c->verdict));
	/* Nothing had to wait, so there is no room for it. */
	ck_assert_ptr_null(traffic.respond.outbox.queue);
	traffic_assert_sum(0);
}
END_TEST

/* An ICMP error about somebody else does not cost anybody a reply. */
START_TEST(test_late_icmp_error)
{
	const struct fake_fault fault = {
		.call = FAKE_SEND, .times = 1, .skip = 5, .code = MH_EREFUSED
	};

	fake_fault(&fault);
	traffic_deliver(100, 10);
	traffic_respond();
	traffic_assert_sent(0, 100, 10);
	traffic_assert_sum(0);
}
END_TEST

START_TEST(test_relaxed_sends_once_more)
{
	const struct fake_fault fault = { .call = FAKE_SEND,
		.condition = FAKE_WITH_SOURCE,
		.code = MH_EADDRESS };

	fake_fault(&fault);
	traffic.source.relaxed = true;
	traffic_deliver(100, 3);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 3);
	unit_assert_address(&fake.sent[0].local, "", "relaxed");
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 3);
	ck_assert_uint_eq(traffic_count(STATS_UNPINNED), 3);
	traffic_assert_sum(0);
}
END_TEST

/* The system takes some at a time. */
START_TEST(test_partial_sends)
{
	fake.send_most = (unsigned int)_i;
	traffic_deliver(100, TRAFFIC_SLOTS);
	traffic_respond();
	traffic_assert_sent(0, 100, TRAFFIC_SLOTS);
	ck_assert_uint_eq(fake.send_calls,
	    (TRAFFIC_SLOTS + fake.send_most - 1) / fake.send_most);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), TRAFFIC_SLOTS);
	traffic_assert_sum(0);
}
END_TEST

/* Full forever: nothing is sent, all is counted, and nothing spins. */
START_TEST(test_full_for_ever)
{
	traffic_block(0);
	traffic_deliver(100, TRAFFIC_SLOTS);
	traffic_respond();
	ck_assert_uint_eq(fake.send_calls, 1);
	ck_assert(mh_queue_count(traffic.respond.outbox.queue) > 0);
	traffic_assert_sum(TRAFFIC_SLOTS);
	fake_host.monotonic_ns += OUTBOX_TIMEOUT - 1;
	ck_assert(!traffic_flush());
	ck_assert_uint_eq(fake.send_calls, 2);
	traffic_assert_sum(TRAFFIC_SLOTS);
	fake_host.monotonic_ns += 1;
	ck_assert(traffic_flush());
	ck_assert_uint_eq(fake.send_calls, 2);
	ck_assert_uint_eq(traffic_dropped(DROP_QUEUE_EXPIRED), TRAFFIC_SLOTS);
	traffic_assert_sum(0);
	ck_assert_uint_eq(fake.sent_count, 0);
}
END_TEST

/* Full for a while: all are sent, in the order of the requests. */
START_TEST(test_full_for_a_while)
{
	traffic_block(5);
	traffic_deliver(100, TRAFFIC_SLOTS);
	traffic_respond();
	traffic_assert_sent(0, 100, 5);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 5);
	traffic_assert_sum(TRAFFIC_SLOTS - 5);
	/* These may not overtake the others, though the socket is free. */
	fake_heal();
	traffic_deliver(100 + TRAFFIC_SLOTS, TRAFFIC_SLOTS);
	traffic_respond();
	traffic_assert_sent(0, 100, 5);
	traffic_assert_sum(2 * TRAFFIC_SLOTS - 5);
	ck_assert(traffic_flush());
	traffic_assert_sent(0, 100, 2 * TRAFFIC_SLOTS);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2 * TRAFFIC_SLOTS);
	ck_assert_uint_eq(
	    traffic_count(STATS_BYTES_OUT), 4 * 2 * TRAFFIC_SLOTS);
	traffic_assert_sum(0);
	/* And then it is as usual. */
	traffic_deliver(1, 1);
	traffic_respond();
	traffic_assert_sent(2 * TRAFFIC_SLOTS, 1, 1);
}
END_TEST

/* The socket takes some of what is queued, again and again. */
START_TEST(test_full_again)
{
	unsigned int i;

	traffic_block(0);
	for (i = 0; i < 3; i++) {
		traffic_deliver(100 + i * TRAFFIC_SLOTS, TRAFFIC_SLOTS);
		traffic_respond();
	}
	for (i = 0; i < 96; i += 7) {
		traffic_assert_sent(0, 100, i);
		fake_heal();
		traffic_block(7);
		ck_assert(traffic_flush() == (i + 7 > 96));
		traffic_assert_sum(i + 7 < 96 ? 96 - i - 7 : 0);
	}
	traffic_assert_sent(0, 100, 96);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 96);
}
END_TEST

/* One that waits and then fails does not delay those after it. */
START_TEST(test_queued_one_fails)
{
	const struct fake_fault fault = {
		.call = FAKE_SEND, .port = 101, .code = MH_EPERMISSION
	};

	traffic_block(0);
	traffic_deliver(100, 3);
	traffic_respond();
	fake_heal();
	fake_fault(&fault);
	ck_assert(traffic_flush());
	ck_assert_uint_eq(fake.sent_count, 2);
	ck_assert_uint_eq(traffic_dropped(DROP_NOT_PERMITTED), 1);
	traffic_assert_sum(0);
}
END_TEST

/* The oldest leave first, even if they are dropped. */
START_TEST(test_deadlines_are_each_ones_own)
{
	traffic_block(0);
	traffic_deliver(100, 2);
	traffic_respond();
	fake_host.monotonic_ns += OUTBOX_TIMEOUT / 2;
	traffic_deliver(102, 3);
	traffic_respond();
	fake_host.monotonic_ns += OUTBOX_TIMEOUT / 2;
	fake_heal();
	ck_assert(traffic_flush());
	ck_assert_uint_eq(traffic_dropped(DROP_QUEUE_EXPIRED), 2);
	traffic_assert_sent(0, 102, 3);
	traffic_assert_sum(0);
}
END_TEST

START_TEST(test_queue_is_full)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");
	unsigned int i;

	incoming.data = NULL;
	incoming.length = 60000;
	for (i = 0; i < 10; i++)
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_block(1);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 1);
	ck_assert_uint_eq(traffic_dropped(DROP_QUEUE_FULL), 5);
	traffic_assert_sum(4);
	fake_heal();
	ck_assert(traffic_flush());
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 5);
	ck_assert_uint_eq(fake.sent[4].length, 60000);
	traffic_assert_sum(0);
}
END_TEST

/* The end: what is queued is counted too. */
START_TEST(test_abandon)
{
	traffic_block(2);
	traffic_deliver(100, 7);
	traffic_respond();
	outbox_abandon(&traffic.respond.outbox);
	ck_assert(mh_queue_count(traffic.respond.outbox.queue) == 0);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2);
	ck_assert_uint_eq(traffic_dropped(DROP_QUEUE_EXPIRED), 5);
	traffic_assert_sum(0);
}
END_TEST

/* Put the time into the reply, like a service whose replies have one. */
static unsigned int departures;

/* What answer() wants depart() to know, however long a reply waits. */
#define NOTE INT64_C(-4711000000000)

static void
stamp(const struct service_context *context, struct service_reply *reply)
{
	departures++;
	ck_assert_ptr_null(context->state);
	ck_assert_str_eq(context->node, "gate");
	ck_assert_uint_eq(reply->length, reply->room);
	ck_assert_int_eq(reply->note, NOTE);
	if (reply->length >= sizeof(context->now.monotonic_ns))
		memcpy(reply->data, &context->now.monotonic_ns,
		    sizeof(context->now.monotonic_ns));
}

static enum service_outcome
stamped_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)request;
	(void)context;
	memset(reply->data, 0, 8);
	reply->length = 8;
	reply->note = NOTE;
	return SERVICE_REPLY;
}

/* Each once, with the time that depart() had and what answer() noted. */
static unsigned int departed;

static void
note_departed(
    const struct service_context *context, const struct service_reply *reply)
{
	departed++;
	ck_assert_ptr_eq(context->counts, &traffic.respond.stats.own);
	ck_assert_int_eq(context->now.utc_ns, fake_host.now);
	ck_assert_int_eq(reply->note, NOTE);
}

static const struct service stamped = {
	.name = "stamped",
	.answer = stamped_answer,
	.depart = stamp,
	.departed = note_departed,
};

static int64_t
time_sent(unsigned int i)
{
	int64_t time;

	ck_assert_uint_lt(i, fake.sent_count);
	ck_assert_uint_eq(fake.sent[i].length, sizeof(time));
	memcpy(&time, fake.sent[i].data, sizeof(time));
	return time;
}

/* Before every attempt, the first and later ones alike. */
START_TEST(test_departs_each_time)
{
	departures = departed = 0;
	traffic.respond.set.service = &stamped;
	traffic_block(1);
	traffic_deliver(100, 3);
	traffic_respond();
	ck_assert_uint_eq(departures, 3);
	ck_assert_uint_eq(departed, 1);
	ck_assert_int_eq(time_sent(0), fake_host.monotonic_ns);
	fake_host.monotonic_ns += 1000;
	ck_assert(!traffic_flush());
	ck_assert_uint_eq(departures, 5);
	ck_assert_uint_eq(departed, 1);
	fake_host.monotonic_ns += 1000;
	fake_heal();
	ck_assert(traffic_flush());
	ck_assert_uint_eq(departures, 7);
	ck_assert_uint_eq(departed, 3);
	ck_assert_int_eq(time_sent(1), fake_host.monotonic_ns);
	ck_assert_int_eq(time_sent(2), fake_host.monotonic_ns);
	traffic_assert_sum(0);
}
END_TEST

/* What an earlier service queued is sent as it is; later replies are not. */
START_TEST(test_departs_only_its_own)
{
	struct outbox *outbox = &traffic.respond.outbox;

	departures = departed = 0;
	traffic_block(0);
	traffic_deliver(100, 3);
	traffic_respond();
	outbox_configure(outbox, traffic.batch, &stamped);
	traffic.respond.set.service = &stamped;
	traffic_deliver(103, 2);
	traffic_respond();
	ck_assert_uint_eq(departures, 0); /* they wait behind the others */
	fake_heal();
	traffic_block(2);
	ck_assert(!traffic_flush());
	ck_assert_uint_eq(departures, 2);
	ck_assert_uint_eq(departed, 0);
	fake_heal();
	ck_assert(traffic_flush());
	ck_assert_uint_eq(departures, 4);
	ck_assert_uint_eq(departed, 2);
	ck_assert_uint_eq(fake.sent_count, 5);
	ck_assert_mem_eq(fake.sent[2].data, "data", 4);
	ck_assert_int_eq(time_sent(3), fake_host.monotonic_ns);
	traffic_assert_sum(0);
}
END_TEST

/* Those that expire are not counted for the new service either. */
START_TEST(test_forgets_with_what_expires)
{
	struct outbox *outbox = &traffic.respond.outbox;

	departures = departed = 0;
	traffic_block(0);
	traffic_deliver(100, 2);
	traffic_respond();
	outbox_configure(outbox, traffic.batch, &stamped);
	traffic.respond.set.service = &stamped;
	fake_host.monotonic_ns += OUTBOX_TIMEOUT / 2;
	traffic_deliver(102, 1);
	traffic_respond();
	fake_host.monotonic_ns += OUTBOX_TIMEOUT / 2;
	fake_heal();
	ck_assert(traffic_flush());
	ck_assert_uint_eq(departures, 1);
	ck_assert_uint_eq(departed, 1);
	ck_assert_uint_eq(traffic_dropped(DROP_QUEUE_EXPIRED), 2);
	traffic_assert_sum(0);
}
END_TEST

/* The service does not finish the self-probe's reply. */
START_TEST(test_departs_no_selfprobe)
{
	struct selfprobe_secret secret = { .enabled = true, .ports = { 4000 } };
	struct fake_incoming incoming =
	    traffic_from("127.0.0.1:4000", "127.0.0.1");
	struct selfprobe_message message = { .number = { 0 } };

	departures = departed = 0;
	memcpy(secret.bytes, "0123456789abcdef", sizeof(secret.bytes));
	memcpy(message.secret, secret.bytes, sizeof(secret.bytes));
	incoming.data = &message;
	incoming.length = sizeof(message);
	traffic.respond.set.secret = &secret;
	traffic.respond.set.service = &stamped;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 2);
	ck_assert_uint_eq(departures, 1);
	ck_assert_uint_eq(departed, 1);
	ck_assert_mem_eq(fake.sent[0].data, secret.bytes, 16);
}
END_TEST

/* Taken over: copied, counted, and sent with the next flush. */
START_TEST(test_takes_over)
{
	struct outbox *outbox = &traffic.respond.outbox;
	char text[] = "from the other port";
	struct mh_datagram reply = { .peer = unit_address("198.51.100.9:99"),
		.local = unit_address("192.0.2.1:7"),
		.data = text,
		.length = sizeof(text) };

	ck_assert(!outbox->taken);
	outbox_take(outbox, &reply);
	ck_assert(outbox->taken);
	text[0] = 'X';
	traffic_assert_sum(1);
	ck_assert(traffic_flush());
	ck_assert(!outbox->taken);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_mem_eq(fake.sent[0].data, "from the other port", 20);
	ck_assert_uint_eq(traffic_count(STATS_TAKEN_OVER), 1);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 1);
	traffic_assert_sum(0);
}
END_TEST

static void
wake(void *owner, int64_t due)
{
	(void)owner;
	(void)due;
}

static struct mh_datagram
reply_to(unsigned int port)
{
	static char text[16];
	struct mh_datagram reply = { .peer = unit_address("198.51.100.9:1"),
		.local = unit_address("192.0.2.1:7"),
		.data = text,
		.length = 8,
		.arrived_ns = NOTE };

	reply.peer.port = (uint16_t)port;
	return reply;
}

/* What is held leaves before the settings change that complete it. */
static const struct {
	const struct service *before, *after;
	unsigned int sent, departures;
} changes[] = {
	{ &stamped, &stamped, 1, 1 },
	{ &stamped, &service_echo, 1, 1 },
	{ &service_echo, &stamped, 1, 0 },
	{ &service_echo, &service_echo, 0, 0 },
};

START_TEST(test_held_at_a_reload)
{
	struct outbox *outbox = &traffic.respond.outbox;
	const struct mh_datagram reply = reply_to(99);

	departures = 0;
	outbox->wake = wake;
	traffic.respond.set.service = changes[_i].before;
	ck_assert(
	    outbox_hold(outbox, &reply, fake_host.monotonic_ns + 1000, false));
	outbox_configure(outbox, traffic.batch, changes[_i].after);
	ck_assert_uint_eq(fake.sent_count, changes[_i].sent);
	ck_assert_uint_eq(departures, changes[_i].departures);
	ck_assert_uint_eq(held_count(outbox->held), 1 - changes[_i].sent);
	outbox_hurry(outbox, traffic.batch);
}
END_TEST

/* What was taken over leaves before its copy; a full socket is remembered. */
START_TEST(test_sends_taken)
{
	struct outbox *outbox = &traffic.respond.outbox;
	const struct mh_datagram replies[] = { reply_to(1), reply_to(2) };
	const int64_t now = fake_host.monotonic_ns;

	outbox->wake = wake;
	ck_assert(outbox_hold(outbox, &replies[1], now, false));
	outbox_send_taken(outbox, traffic.batch, now);
	ck_assert_uint_eq(fake.sent_count, 0); /* its original is not there */
	outbox_take(outbox, &replies[0]);
	traffic_block(0);
	outbox_send_taken(outbox, traffic.batch, now);
	ck_assert(outbox->taken);
	ck_assert_uint_eq(fake.sent_count, 0);
	fake_heal();
	outbox_send_taken(outbox, traffic.batch, now);
	ck_assert(!outbox->taken);
	ck_assert_uint_eq(fake.sent_count, 2);
	ck_assert_uint_eq(fake.sent[0].peer.port, 1);
	ck_assert_uint_eq(fake.sent[1].peer.port, 2);
}
END_TEST

/* A service that asks when each reply left. */
static uint64_t told_token;
static int64_t told_ns;
static unsigned int times_told;

static enum service_outcome
curious_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)context;
	reply->data = request->data;
	reply->length = request->length;
	reply->report = request->peer.port;
	return SERVICE_REPLY;
}

static void
curious_sent(void *state, uint64_t report, int64_t utc_ns)
{
	ck_assert_ptr_eq(state, &times_told);
	told_token = report;
	told_ns = utc_ns;
	times_told++;
}

static const struct service curious = {
	.name = "curious", .answer = curious_answer, .sent = curious_sent
};

static void
be_curious(unsigned int want)
{
	traffic_reopen(want);
	traffic.respond.set.service = &curious;
	times_told = 0;
}

/* The system says when it sent the one with this number. */
static void
report(uint64_t id)
{
	fake.reports[0] = (struct mh_report){ .kind = MH_REPORT_SENT,
		.sent_id = id,
		.sent_ns = (int64_t)id * 1000 };
	fake.report_count = 1;
	outbox_take_reports(&traffic.respond.outbox, &times_told);
}

START_TEST(test_tells_when_it_left)
{
	be_curious(MH_CAN_SEND_TIME);
	traffic_deliver(100, 3);
	traffic_respond();
	ck_assert_uint_eq(fake.sent[2].sent_id, 3);
	report(3);
	ck_assert_uint_eq(told_token, 102);
	ck_assert_int_eq(told_ns, 3000);
	report(1);
	ck_assert_uint_eq(told_token, 100);
	ck_assert_uint_eq(times_told, 2);
	/* Nobody is left who knows what is meant. */
	outbox_forget_reports(&traffic.respond.outbox);
	report(2);
	ck_assert_uint_eq(times_told, 2);
}
END_TEST

/* Where the system does not report, nothing is asked of it. */
START_TEST(test_cannot_tell)
{
	be_curious(0);
	traffic_deliver(100, 3);
	traffic_respond();
	ck_assert_ptr_null(traffic.respond.outbox.reports);
	ck_assert_uint_eq(fake.sent[0].sent_id, 0);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 3);
}
END_TEST

/* One that fails or waits is not reported on, nor what waits after it. */
START_TEST(test_tells_of_no_queued_one)
{
	const struct fake_fault fault = {
		.call = FAKE_SEND, .port = 101, .times = 1, .code = MH_ETOOBIG
	};

	be_curious(MH_CAN_SEND_TIME);
	fake_fault(&fault);
	traffic_block(2);
	traffic_deliver(100, 5);
	traffic_respond();
	traffic_deliver(105, 1);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 2);
	fake_heal();
	ck_assert(traffic_flush());
	ck_assert_uint_eq(fake.sent_count, 5);
	ck_assert_uint_eq(fake.sent[0].sent_id, 1);
	ck_assert_uint_eq(fake.sent[1].sent_id, 2);
	ck_assert_uint_eq(fake.sent[2].sent_id, 0);
	ck_assert_uint_eq(fake.sent[3].sent_id, 0);
	ck_assert_uint_eq(fake.sent[4].sent_id, 0);
	report(2);
	ck_assert_uint_eq(told_token, 102);
	traffic_deliver(106, 1);
	traffic_respond();
	report(3);
	ck_assert_uint_eq(told_token, 106);
	ck_assert_uint_eq(times_told, 2);
	traffic_assert_sum(0);
}
END_TEST

Suite *
outbox_suite(void)
{
	Suite *suite = suite_create("outbox");
	TCase *tcase = traffic_tcase("outbox");

	tcase_add_loop_test(
	    tcase, test_one_of_three_fails, 0, LENGTH(failures));
	tcase_add_test(tcase, test_late_icmp_error);
	tcase_add_test(tcase, test_relaxed_sends_once_more);
	tcase_add_loop_test(tcase, test_partial_sends, 1, TRAFFIC_SLOTS + 1);
	tcase_add_test(tcase, test_full_for_ever);
	tcase_add_test(tcase, test_full_for_a_while);
	tcase_add_test(tcase, test_full_again);
	tcase_add_test(tcase, test_queued_one_fails);
	tcase_add_test(tcase, test_deadlines_are_each_ones_own);
	tcase_add_test(tcase, test_queue_is_full);
	tcase_add_test(tcase, test_abandon);
	tcase_add_test(tcase, test_departs_each_time);
	tcase_add_test(tcase, test_departs_only_its_own);
	tcase_add_test(tcase, test_forgets_with_what_expires);
	tcase_add_test(tcase, test_departs_no_selfprobe);
	tcase_add_test(tcase, test_takes_over);
	tcase_add_loop_test(tcase, test_held_at_a_reload, 0, LENGTH(changes));
	tcase_add_test(tcase, test_sends_taken);
	tcase_add_test(tcase, test_tells_when_it_left);
	tcase_add_test(tcase, test_cannot_tell);
	tcase_add_test(tcase, test_tells_of_no_queued_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
