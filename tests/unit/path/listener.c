/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/listener.c: how much it does in a turn, and which events it
 * waits for.  No loop waits: a test looks up the event that it is about, and
 * makes it happen.
 */
#include "daemon/path/listener.h"

#include "unit/events.h"
#include "unit/scratch.h"
#include "unit/path/traffic.h"
#include "services/table.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { BUDGET = 8 * TRAFFIC_SLOTS, FAILURES = 10 };

static struct event_base *base;
static struct listener *listener;

static void
setup(void)
{
	scratch_log_begin();
	base = events_base();
	listener = listener_new(
	    base, traffic.socket, traffic.batch, &traffic.respond.set, "echo");
	ck_assert_ptr_nonnull(listener);
	traffic.socket = NULL; /* taken over */
	ck_assert(listener_start(listener));
}

static void
teardown(void)
{
	listener_free(listener);
	event_base_free(base);
	scratch_remove();
}

static uint64_t
counter(enum stats_counter which)
{
	return stats_get(listener_stats(listener), which);
}

static void
deliver(unsigned int first, unsigned int count)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:1", "192.0.2.1");
	unsigned int i;

	for (i = first; i < first + count; i++) {
		incoming.peer.port = (uint16_t)i;
		fake_deliver(FAKE_HANDLE, &incoming);
	}
}

static struct event *
waiting(short kind)
{
	return events_waiting(base, kind);
}

static void
happen(short kind)
{
	events_happen(base, kind);
}

static void
block(void)
{
	const struct fake_fault full = { .call = FAKE_SEND, .code = MH_EAGAIN };

	fake_fault(&full);
}

/* How many datagrams wait, and how many turns until they are gone. */
static const struct {
	unsigned int waiting, receives, answered;
} turns[] = {
	{ 0, 1, 0 },
	{ 1, 1, 1 },
	{ TRAFFIC_SLOTS - 1, 1, TRAFFIC_SLOTS - 1 },
	{ TRAFFIC_SLOTS, 2, TRAFFIC_SLOTS },
	{ TRAFFIC_SLOTS + 1, 2, TRAFFIC_SLOTS + 1 },
	{ BUDGET - 1, 8, BUDGET - 1 },
	{ BUDGET, 8, BUDGET },
	{ BUDGET + 1, 8, BUDGET },
	{ 10 * BUDGET, 8, BUDGET },
};

START_TEST(test_keeps_to_its_budget)
{
	deliver(1001, turns[_i].waiting);
	listener_turn(listener);
	ck_assert_uint_eq(fake.receive_calls, turns[_i].receives);
	traffic_assert_sent(0, 1001, turns[_i].answered);
	ck_assert_uint_eq(counter(STATS_ANSWERED), turns[_i].answered);
	/* The loop comes back for the others. */
	ck_assert_ptr_nonnull(
	    waiting(turns[_i].waiting < BUDGET ? EV_READ : EV_TIMEOUT));
	ck_assert_ptr_null(waiting(EV_WRITE));
}
END_TEST

START_TEST(test_reads_on_when_readable)
{
	deliver(1001, BUDGET + 10);
	happen(EV_READ);
	happen(EV_TIMEOUT);
	ck_assert_ptr_nonnull(waiting(EV_READ));
	traffic_assert_sent(0, 1001, BUDGET + 10);
}
END_TEST

/* While there is more than a turn can take, no event is needed. */
START_TEST(test_watches_no_flood)
{
	deliver(1001, 2 * BUDGET);
	happen(EV_READ);
	ck_assert_ptr_null(waiting(EV_READ));
	/* That is one turn per round: the other sockets get theirs. */
	ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	traffic_assert_sent(0, 1001, 2 * BUDGET);
	ck_assert_ptr_null(waiting(EV_READ));
	happen(EV_TIMEOUT);
	ck_assert_ptr_null(waiting(EV_TIMEOUT));
	deliver(1001 + 2 * BUDGET, 1);
	happen(EV_READ);
	traffic_assert_sent(0, 1001, 2 * BUDGET + 1);
}
END_TEST

/* Nothing more comes: it stops polling in time. */
START_TEST(test_polls_busily)
{
	traffic.respond.set.busy_poll = 50;
	listener_configure(listener, &traffic.respond.set, "echo");
	fake_host.step = 10000;
	deliver(1001, 3);
	listener_turn(listener);
	traffic_assert_sent(0, 1001, 3);
	ck_assert_uint_eq(fake.receive_calls, 6);
	ck_assert_int_eq(
	    event_pending(waiting(EV_READ), EV_READ, NULL), EV_READ);
}
END_TEST

/* One after another, as long as they come; but the loop gets its turn. */
START_TEST(test_polls_busily_for_more)
{
	const struct fake_incoming error = { .code = MH_EREFUSED };
	unsigned int i;

	traffic.respond.set.busy_poll = _i == 0 ? 0 : 50;
	listener_configure(listener, &traffic.respond.set, "echo");
	fake_host.step = 10000;
	/* An error ends a batch. */
	for (i = 0; i < 6; i++) {
		deliver(1001 + i, 1);
		fake_deliver(FAKE_HANDLE, &error);
	}
	listener_turn(listener);
	traffic_assert_sent(0, 1001, _i == 0 ? 1 : 4);
	ck_assert_int_eq(waiting(EV_READ) != NULL, _i == 0);
	ck_assert_int_eq(waiting(EV_TIMEOUT) != NULL, _i == 1);
}
END_TEST

/* A late ICMP error does not end the turn, and is not a failure. */
START_TEST(test_goes_on_after_an_icmp_error)
{
	const struct fake_incoming error = { .code = MH_EREFUSED };

	fake_deliver(FAKE_HANDLE, &error);
	fake_deliver(FAKE_HANDLE, &error);
	deliver(1001, 3);
	listener_turn(listener);
	traffic_assert_sent(0, 1001, 3);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* A socket that returns nothing but errors cannot keep the loop busy. */
START_TEST(test_gives_up_on_icmp_errors_in_time)
{
	const struct fake_incoming error = { .code = MH_EREFUSED };
	unsigned int i;

	for (i = 0; i < 100; i++)
		fake_deliver(FAKE_HANDLE, &error);
	listener_turn(listener);
	ck_assert_uint_eq(fake.receive_calls, 8);
}
END_TEST

START_TEST(test_backs_off_after_failures)
{
	const struct fake_fault fault = { .call = FAKE_RECEIVE,
		.code = MH_ESYSTEM };
	struct timeval when;
	unsigned int i;

	fake_fault(&fault);
	for (i = 0; i < FAILURES; i++) {
		ck_assert_ptr_nonnull(waiting(EV_READ));
		ck_assert_ptr_null(waiting(EV_TIMEOUT));
		happen(EV_READ);
		ck_assert_uint_eq(fake.receive_calls, i + 1);
	}
	/* Now it is left alone, for a moment. */
	ck_assert_ptr_null(waiting(EV_READ));
	ck_assert_int_ne(
	    event_pending(waiting(EV_TIMEOUT), EV_TIMEOUT, &when), 0);
	fake_heal();
	deliver(1001, 1);
	happen(EV_TIMEOUT);
	ck_assert_ptr_null(waiting(EV_TIMEOUT));
	happen(EV_READ);
	traffic_assert_sent(0, 1001, 1);
	/* One line for all of it. */
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: echo: cannot receive: system error\n");
	ck_assert_uint_eq(counter(STATS_RECEIVE_FAILED), FAILURES);
	ck_assert_uint_eq(counter(STATS_RECEIVED), 1);
}
END_TEST

START_TEST(test_forgives_failures_in_between)
{
	const struct fake_fault fault = { .call = FAKE_RECEIVE,
		.code = MH_ENOMEMORY };
	unsigned int i;

	for (i = 0; i < 3 * FAILURES; i++) {
		if (i % (FAILURES - 1) != 0)
			fake_fault(&fault);
		happen(EV_READ);
		fake_heal();
	}
	ck_assert_ptr_nonnull(waiting(EV_READ));
}
END_TEST

START_TEST(test_waits_until_writable)
{
	deliver(1001, 10);
	block();
	happen(EV_READ);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_ptr_nonnull(waiting(EV_WRITE));
	/* In vain. */
	happen(EV_WRITE);
	ck_assert_ptr_nonnull(waiting(EV_WRITE));
	fake_heal();
	happen(EV_WRITE);
	traffic_assert_sent(0, 1001, 10);
	ck_assert_ptr_null(waiting(EV_WRITE));
	ck_assert_uint_eq(counter(STATS_ANSWERED), 10);
}
END_TEST

/* More requests may come first: what is queued still leaves first. */
START_TEST(test_sends_what_waits_before_it_reads)
{
	deliver(1001, 3);
	block();
	happen(EV_READ);
	fake_heal();
	deliver(1004, 3);
	happen(EV_READ);
	traffic_assert_sent(0, 1001, 6);
}
END_TEST

START_TEST(test_drops_what_waits_too_long)
{
	deliver(1001, 10);
	block();
	happen(EV_READ);
	fake_host.monotonic_ns += OUTBOX_TIMEOUT;
	/* Without another attempt. */
	fake.send_calls = 0;
	happen(EV_WRITE);
	ck_assert_uint_eq(fake.send_calls, 0);
	ck_assert_ptr_null(waiting(EV_WRITE));
	ck_assert_uint_eq(counter(STATS_DROPPED + DROP_QUEUE_EXPIRED), 10);
	ck_assert_uint_eq(counter(STATS_RECEIVED), 10);
}
END_TEST

/* A socket that never becomes writable: there is a timeout, too. */
START_TEST(test_waits_no_longer_than_a_deadline)
{
	struct timeval now, when = { 0 };

	deliver(1001, 1);
	block();
	happen(EV_READ);
	event_base_gettimeofday_cached(base, &now);
	ck_assert_int_ne(
	    event_pending(waiting(EV_WRITE), EV_TIMEOUT, &when), 0);
	evutil_timersub(&when, &now, &when);
	ck_assert_int_lt(when.tv_sec, 1);
}
END_TEST

START_TEST(test_stops)
{
	deliver(1001, 3);
	block();
	happen(EV_READ);
	deliver(1004, 3);
	ck_assert(!listener_stop(listener));
	ck_assert_ptr_null(waiting(EV_READ));
	ck_assert_ptr_null(waiting(EV_TIMEOUT));
	fake_heal();
	ck_assert(listener_stop(listener));
	/* What came later was not even read. */
	traffic_assert_sent(0, 1001, 3);
	ck_assert_uint_eq(counter(STATS_RECEIVED), 3);
}
END_TEST

/* Faults for a peer in trust, and a request of such a one. */
static const struct fault_rules late = {
	.kinds = { [FAULT_DELAY] = { .every = 1, .low = 1500, .high = 1500 } }
};

static void
delay_one(void)
{
	struct fake_incoming incoming = traffic_from("10.0.0.9:9", "192.0.2.1");

	traffic.respond.set.faults = &late;
	traffic.respond.set.examines = true;
	listener_configure(listener, &traffic.respond.set, "echo");
	fake_deliver(FAKE_HANDLE, &incoming);
	happen(EV_READ);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_uint_eq(counter(STATS_FAULT + FAULT_DELAY), 1);
}

/* The loop comes back when it is time, and not before. */
START_TEST(test_delays)
{
	struct timeval now, when;

	delay_one();
	ck_assert_ptr_nonnull(waiting(EV_TIMEOUT));
	ck_assert(event_pending(waiting(EV_TIMEOUT), EV_TIMEOUT, &when) != 0);
	evutil_gettimeofday(&now, NULL);
	ck_assert_int_ge(when.tv_sec - now.tv_sec, 0);
	ck_assert_int_le(when.tv_sec - now.tv_sec, 2);
	/* Too early: it waits again. */
	happen(EV_TIMEOUT);
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_ptr_nonnull(waiting(EV_TIMEOUT));
	fake_host.monotonic_ns += INT64_C(1500000000);
	happen(EV_TIMEOUT);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_ptr_null(waiting(EV_TIMEOUT));
	ck_assert_uint_eq(counter(STATS_ANSWERED), 1);
}
END_TEST

/* A full socket is tried again, and costs nothing else. */
START_TEST(test_delays_on_a_full_socket)
{
	delay_one();
	deliver(1001, 1);
	block();
	happen(EV_READ);
	fake_host.monotonic_ns += INT64_C(1500000000) - OUTBOX_TIMEOUT / 2;
	deliver(1002, 1);
	happen(EV_READ);
	fake_host.monotonic_ns += OUTBOX_TIMEOUT / 2;
	happen(EV_TIMEOUT);
	ck_assert_ptr_nonnull(waiting(EV_TIMEOUT));
	ck_assert_ptr_nonnull(waiting(EV_WRITE));
	fake_heal();
	happen(EV_WRITE);
	happen(EV_TIMEOUT);
	ck_assert_ptr_null(waiting(EV_TIMEOUT));
	ck_assert_uint_eq(fake.sent_count, 2);
	ck_assert_uint_eq(fake.sent[1].peer.port, 9);
}
END_TEST

/* What is held leaves before the end: with a stop, or another service. */
START_TEST(test_hurries)
{
	delay_one();
	if (_i == 0) {
		ck_assert(listener_stop(listener));
	} else {
		traffic.respond.set.service = &service_whoami;
		listener_configure(listener, &traffic.respond.set, "whoami");
	}
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(fake.sent[0].length, 4);
	ck_assert_uint_eq(counter(STATS_ANSWERED), 1);
}
END_TEST

/* What the socket cannot take then leaves when it can, without a request. */
START_TEST(test_hurries_to_a_full_socket)
{
	delay_one();
	block();
	traffic.respond.set.service = &service_whoami;
	listener_configure(listener, &traffic.respond.set, "whoami");
	ck_assert_ptr_nonnull(waiting(EV_WRITE));
	fake_heal();
	happen(EV_WRITE);
	ck_assert_uint_eq(fake.sent_count, 1);
}
END_TEST

/* A reload of anything else leaves it alone. */
START_TEST(test_holds_through_a_reload)
{
	delay_one();
	traffic.respond.set.faults = NULL;
	traffic.respond.set.examines = false;
	listener_configure(listener, &traffic.respond.set, "echo");
	ck_assert_uint_eq(fake.sent_count, 0);
	fake_host.monotonic_ns += INT64_C(1500000000);
	happen(EV_TIMEOUT);
	ck_assert_uint_eq(fake.sent_count, 1);
}
END_TEST

START_TEST(test_stops_while_backing_off)
{
	const struct fake_fault fault = { .call = FAKE_RECEIVE,
		.code = MH_ESYSTEM };
	unsigned int i;

	fake_fault(&fault);
	for (i = 0; i < FAILURES; i++)
		happen(EV_READ);
	ck_assert_ptr_nonnull(waiting(EV_TIMEOUT));
	ck_assert(listener_stop(listener));
	ck_assert_ptr_null(waiting(EV_READ));
	ck_assert_ptr_null(waiting(EV_TIMEOUT));
}
END_TEST

START_TEST(test_abandons)
{
	deliver(1001, 3);
	block();
	happen(EV_READ);
	listener_abandon(listener);
	ck_assert_uint_eq(counter(STATS_DROPPED + DROP_QUEUE_EXPIRED), 3);
	ck_assert_uint_eq(counter(STATS_RECEIVED), 3);
}
END_TEST

START_TEST(test_tells_of_itself)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:1", "192.0.2.1");

	incoming.drops = 5;
	fake_deliver(FAKE_HANDLE, &incoming);
	listener_turn(listener);
	ck_assert_str_eq(listener_name(listener), "echo");
	ck_assert(listener_info(listener)->dual_stack);
	listener_log_stats(listener);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: echo [::]:7: received=1 answered=1 silent=0 "
	    "dropped=0 unpinned=0 bytes-in=4 bytes-out=4 kernel-drops=5\n");
	ck_assert_int_eq(listener_set_vrf(listener, (uint32_t[]){ 9 }, 1), 0);
	ck_assert_uint_eq(fake.vrf_calls, 1);
	ck_assert_uint_eq(fake.vrf_count, 1);
	ck_assert_uint_eq(fake.vrf_first, 9);
}
END_TEST

/* A reload: another service from the next datagram on, the counters stay. */
START_TEST(test_takes_a_new_configuration)
{
	struct path_settings other = traffic.respond.set;

	deliver(1001, 2);
	listener_turn(listener);
	other.service = &service_discard;
	listener_configure(listener, &other, "discard");
	deliver(1003, 2);
	listener_turn(listener);
	traffic_assert_sent(0, 1001, 2);
	ck_assert_str_eq(listener_name(listener), "discard");
	ck_assert_uint_eq(counter(STATS_RECEIVED), 4);
	ck_assert_uint_eq(counter(STATS_SILENT), 2);
}
END_TEST

static enum service_outcome
counting_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)request;
	(void)reply;
	service_event(context, 2, 3);
	service_event(context, 1, 0);
	service_packet(context, 1);
	service_lost(context, 1, 4);
	service_residence(context, 1, 7000);
	return SERVICE_QUIET;
}

static const struct service counting = { .name = "counting",
	.answer = counting_answer };

/* What is counted of the second mode. */
static void
assert_mode(const struct stats *stats, unsigned int times)
{
	const struct service_mode *mode = &stats->own.modes[1];

	ck_assert_uint_eq(mode->packets, times);
	ck_assert_uint_eq(mode->lost, 4 * times);
	ck_assert_uint_eq(mode->residences[1], times);
	ck_assert_uint_eq(mode->residence_sum, 7000 * times);
}

/* Events are those of one service. */
START_TEST(test_counts_events)
{
	struct path_settings other = traffic.respond.set;
	const struct stats *stats = listener_stats(listener);

	other.service = &counting;
	listener_configure(listener, &other, "counting");
	deliver(1001, 2);
	listener_turn(listener);
	ck_assert_uint_eq(stats->own.events[2], 6);
	ck_assert_uint_eq(stats->own.events[1], 0);
	listener_configure(listener, &other, "counting");
	ck_assert_uint_eq(stats->own.events[2], 6);
	assert_mode(stats, 2);
	listener_configure(listener, &traffic.respond.set, "echo");
	ck_assert_uint_eq(stats->own.events[2], 0);
	assert_mode(stats, 0);
}
END_TEST

/* What waits for a full socket survives a reload. */
START_TEST(test_keeps_its_queue)
{
	deliver(1001, 2);
	block();
	listener_turn(listener);
	listener_configure(listener, &traffic.respond.set, "echo");
	fake_heal();
	happen(EV_WRITE);
	traffic_assert_sent(0, 1001, 2);
}
END_TEST

/* Made is not started: nothing is read yet. */
START_TEST(test_waits_for_the_start)
{
	listener_detach(listener);
	ck_assert_ptr_null(events_waiting(base, EV_READ));
	listener_free(listener);
	listener = listener_new(base, fixture_open(":8", MH_STACK_DUAL),
	    traffic.batch, &traffic.respond.set, "echo");
	ck_assert_ptr_null(events_waiting(base, EV_READ));
	ck_assert(listener_start(listener));
	ck_assert_ptr_nonnull(events_waiting(base, EV_READ));
}
END_TEST

/* Detached, it waits for nothing; what it cannot send any more is counted. */
START_TEST(test_detaches)
{
	deliver(1001, 3);
	block();
	listener_turn(listener);
	ck_assert_ptr_nonnull(events_waiting(base, EV_WRITE));
	listener_detach(listener);
	ck_assert_ptr_null(events_waiting(base, EV_READ));
	ck_assert_ptr_null(events_waiting(base, EV_WRITE));
	ck_assert_ptr_null(events_waiting(base, EV_TIMEOUT));
	ck_assert_uint_eq(counter(STATS_RECEIVED), 3);
	ck_assert_uint_eq(counter(STATS_DROPPED + DROP_QUEUE_EXPIRED), 3);
	/* Once is enough. */
	listener_detach(listener);
}
END_TEST

START_TEST(test_exchanges_states)
{
	void *first = malloc(1), *second = malloc(1);

	ck_assert_ptr_null(listener_exchange_state(listener, first));
	ck_assert_ptr_eq(listener_exchange_state(listener, second), first);
	ck_assert_ptr_eq(listener_exchange_state(listener, NULL), second);
	free(first);
	free(second);
}
END_TEST

START_TEST(test_frees_nothing)
{
	listener_free(NULL);
}
END_TEST

static const struct {
	const char *bound;
	bool answers;
	unsigned int worker;
	int error;
	const char *did; /* with interfaces 1 and 2 */
	const char *said;
} groups[] = {
	{ "239.1.2.3:77", true, 0, 0,
	    "join 1001 239.1.2.3 1\njoin 1001 239.1.2.3 2\n", "" },
	{ "[ff05::1]:77", true, 0, 0,
	    "join 1001 ff05::1 1\njoin 1001 ff05::1 2\n", "" },
	{ "[ff02::1%2]:77", true, 0, 0, "join 1001 ff02::1%2 2\n", "" },
	/* Of several workers, one is enough. */
	{ "239.1.2.3:77", true, 1, 0, "keep out 1001 239.1.2.3\n", "" },
	/* What is not answered need not come in. */
	{ "239.1.2.3:77", false, 0, 0, "", "" },
	{ "192.0.2.1:77", true, 0, 0, "", "" },
	{ "[::]:77", true, 0, 0, "", "" },
	{ "[ff02::1%9]:77", true, 0, 0, "",
	    "echo: cannot join ff02::1%9 on any interface" },
	{ "239.1.2.3:77", true, 0, MH_ENOBUFFERS,
	    "join 1001 239.1.2.3 1\njoin 1001 239.1.2.3 2\n",
	    "echo: cannot join 239.1.2.3 on any interface" },
};

START_TEST(test_joins_groups)
{
	struct host_interface interfaces[] = { { .index = 1 }, { .index = 2 } };
	const struct host_network network = { .interfaces = interfaces,
		.interface_count = LENGTH(interfaces) };
	const struct mh_socket_options options = { .receive_buffer = 0 };
	const struct mh_address bound = unit_address(groups[_i].bound);
	struct mh_socket *socket[MH_SOCKETS_MAX];
	struct listener *group;
	const char *said;

	fake_local_add(&bound);
	ck_assert_int_eq(mh_socket_open(socket, &bound, &options, NULL), 1);
	traffic.policy.answer_broadcast = groups[_i].answers;
	traffic.respond.set.worker = groups[_i].worker;
	fake_host.group_error = groups[_i].error;
	group = listener_new(
	    base, socket[0], traffic.batch, &traffic.respond.set, "echo");
	ck_assert_ptr_nonnull(group);
	listener_join(group, &network);
	ck_assert_str_eq(fake_host.groups, groups[_i].did);
	said = scratch_log();
	ck_assert_msg(strstr(said, groups[_i].said) != NULL, "%s", said);
	ck_assert_int_eq(*said == '\0', *groups[_i].said == '\0');
	listener_free(group);
}
END_TEST

/* A service that asks when its replies left, and says what it knows then. */
static char *known; /* its state */

static enum service_outcome
curious_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)request;
	memcpy(reply->data, context->state, 4);
	reply->length = 4;
	reply->report = 7;
	return SERVICE_REPLY;
}

static void
curious_sent(void *state, uint64_t token, int64_t utc_ns)
{
	ck_assert_uint_eq(token, 7);
	((char *)state)[3] = (char)utc_ns;
}

static const struct service curious = {
	.name = "curious", .answer = curious_answer, .sent = curious_sent
};

static void
curious_setup(void)
{
	traffic_reopen(MH_CAN_SEND_TIME);
	traffic.respond.set.service = &curious;
	setup();
	known = calloc(1, 4);
	ck_assert_ptr_null(listener_exchange_state(listener, known));
}

static void
report(uint64_t id, char when)
{
	fake.reports[fake.report_count++] = (struct mh_report){
		.kind = MH_REPORT_SENT, .sent_id = id, .sent_ns = when
	};
}

static intptr_t
handle(void)
{
	return FAKE_HANDLE + 1;
}

static void
deliver_curious(void)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:1", "192.0.2.1");

	fake_deliver(handle(), &incoming);
}

/* Before the next request is answered, which may be about that. */
START_TEST(test_takes_reports_first)
{
	deliver_curious();
	happen(EV_READ);
	report(1, 5);
	deliver_curious();
	happen(EV_READ);
	ck_assert_uint_eq(fake.sent_count, 2);
	ck_assert_int_eq(fake.sent[1].data[3], 5);
	ck_assert_uint_eq(fake.report_count, 0);
}
END_TEST

/* They alone wake it up, too: expected, once more, or of a forgotten reply. */
START_TEST(test_is_woken_by_reports)
{
	deliver_curious();
	happen(EV_READ);
	report(1, 5);
	happen(EV_READ);
	ck_assert_int_eq(known[3], 5);
	report(1, 6);
	report(99, 7);
	happen(EV_READ);
	ck_assert_uint_eq(fake.report_count, 0);
	ck_assert_int_eq(known[3], 6);
	ck_assert_ptr_nonnull(waiting(EV_READ));
}
END_TEST

/* Nothing is read any more, but the loop is woken by the same socket. */
START_TEST(test_takes_reports_while_it_drains)
{
	const struct fake_fault full = {
		.call = FAKE_SEND, .skip = 1, .code = MH_EAGAIN
	};

	fake_fault(&full);
	deliver_curious();
	deliver_curious();
	happen(EV_READ);
	ck_assert(!listener_stop(listener));
	report(1, 5);
	happen(EV_WRITE);
	ck_assert_uint_eq(fake.report_count, 0);
	ck_assert_int_eq(known[3], 5);
}
END_TEST

/* Another state does not know what the token means. */
START_TEST(test_reports_are_of_one_state)
{
	char *other = calloc(1, 4);

	deliver_curious();
	happen(EV_READ);
	ck_assert_ptr_eq(listener_exchange_state(listener, other), known);
	free(known);
	report(1, 5);
	happen(EV_READ);
	ck_assert_uint_eq(fake.report_count, 0);
	ck_assert_int_eq(other[3], 0);
}
END_TEST

/* Nor does another service; which the late report must not keep awake. */
START_TEST(test_reports_are_of_one_service)
{
	struct path_settings set = traffic.respond.set;

	deliver_curious();
	happen(EV_READ);
	set.service = &service_echo;
	listener_configure(listener, &set, "echo");
	report(1, 5);
	happen(EV_READ);
	ck_assert_uint_eq(fake.report_count, 0);
	ck_assert_int_eq(known[3], 0);
}
END_TEST

static void
add_reports(Suite *suite)
{
	TCase *tcase = traffic_tcase("reports");

	tcase_add_checked_fixture(tcase, curious_setup, teardown);
	tcase_add_test(tcase, test_takes_reports_first);
	tcase_add_test(tcase, test_is_woken_by_reports);
	tcase_add_test(tcase, test_takes_reports_while_it_drains);
	tcase_add_test(tcase, test_reports_are_of_one_state);
	tcase_add_test(tcase, test_reports_are_of_one_service);
	suite_add_tcase(suite, tcase);
}

Suite *
listener_suite(void)
{
	Suite *suite = suite_create("listener");
	TCase *tcase = traffic_tcase("listener");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_keeps_to_its_budget, 0, LENGTH(turns));
	tcase_add_test(tcase, test_reads_on_when_readable);
	tcase_add_test(tcase, test_watches_no_flood);
	tcase_add_test(tcase, test_polls_busily);
	tcase_add_loop_test(tcase, test_polls_busily_for_more, 0, 2);
	tcase_add_test(tcase, test_goes_on_after_an_icmp_error);
	tcase_add_test(tcase, test_gives_up_on_icmp_errors_in_time);
	tcase_add_test(tcase, test_backs_off_after_failures);
	tcase_add_test(tcase, test_forgives_failures_in_between);
	tcase_add_test(tcase, test_waits_until_writable);
	tcase_add_test(tcase, test_sends_what_waits_before_it_reads);
	tcase_add_test(tcase, test_drops_what_waits_too_long);
	tcase_add_test(tcase, test_waits_no_longer_than_a_deadline);
	tcase_add_test(tcase, test_stops);
	tcase_add_test(tcase, test_stops_while_backing_off);
	tcase_add_test(tcase, test_delays);
	tcase_add_test(tcase, test_delays_on_a_full_socket);
	tcase_add_loop_test(tcase, test_hurries, 0, 2);
	tcase_add_test(tcase, test_hurries_to_a_full_socket);
	tcase_add_test(tcase, test_holds_through_a_reload);
	tcase_add_test(tcase, test_abandons);
	tcase_add_test(tcase, test_tells_of_itself);
	tcase_add_test(tcase, test_takes_a_new_configuration);
	tcase_add_test(tcase, test_counts_events);
	tcase_add_test(tcase, test_keeps_its_queue);
	tcase_add_loop_test(tcase, test_joins_groups, 0, LENGTH(groups));
	tcase_add_test(tcase, test_waits_for_the_start);
	tcase_add_test(tcase, test_detaches);
	tcase_add_test(tcase, test_exchanges_states);
	tcase_add_test(tcase, test_frees_nothing);
	suite_add_tcase(suite, tcase);
	add_reports(suite);
	return suite;
}
