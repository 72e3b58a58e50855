/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/respond.c: the datagram's way, from the system in memory
 * through the library, the guard and a service and back.  Whatever happens,
 * each datagram is answered, silent, dropped for a reason, or still queued.
 */
#include "daemon/path/respond.h"

#include "daemon/path/ends.h"
#include "services/table.h"
#include "unit/path/traffic.h"
#include "unit/scratch.h"
#include "platform/clock.h"

#include <stdio.h>
#include <string.h>

/* How the one reply of a case left. */
#define FROM(text) .answered = true, .source = text

static const struct one_case {
	const char *name;
	const char *peer;
	const char *asked;
	size_t length;
	uint32_t flags;
	const struct service *service; /* NULL: echo */
	bool relaxed;
	bool answer_broadcast;
	bool arrival;
	bool answered;
	const char *source; /* "": none is pinned */
	uint32_t if_index;
	enum verdict verdict; /* PASS, and not answered: silent */
} ones[] = {
	{ "IPv4", "198.51.100.9:99", "192.0.2.1", 4, FROM("192.0.2.1:7") },
	{ "IPv6", "[2001:db8::9]:99", "2001:db8::1", 4,
	    FROM("[2001:db8::1]:7") },
	{ "loopback", "127.0.0.1:99", "127.0.0.2", 4, FROM("127.0.0.2:7") },
	{ "link-local", "[fe80::9%2]:99", "fe80::1%2", 4, FROM("[fe80::1%2]:7"),
	    .if_index = 2 },
	{ "by arrival", "198.51.100.9:99", "192.0.2.1", 4, .arrival = true,
	    FROM("192.0.2.1:7"), .if_index = 2 },
	{ "in a VRF", "198.51.100.9:99", "192.0.2.1", 4, MH_VIA_VRF,
	    FROM("192.0.2.1:7"), .if_index = 2 },
	{ "no bytes", "198.51.100.9:99", "192.0.2.1", 0, FROM("192.0.2.1:7") },
	{ "the largest over IPv4", "198.51.100.9:99", "192.0.2.1", 65507,
	    FROM("192.0.2.1:7") },
	{ "the largest over IPv6", "[2001:db8::9]:99", "2001:db8::1", 65527,
	    FROM("[2001:db8::1]:7") },
	{ "control cut, address whole", "198.51.100.9:99", "192.0.2.1", 4,
	    MH_CONTROL_TRUNCATED, FROM("192.0.2.1:7") },
	{ "silent", "198.51.100.9:99", "192.0.2.1", 4,
	    .service = &service_discard },

	/* The system does not report which address was asked. */
	{ "unknown", "198.51.100.9:99", "", 4, .verdict = DROP_SOURCE_UNKNOWN },
	{ "unknown, control cut", "198.51.100.9:99", "", 4,
	    MH_CONTROL_TRUNCATED, .verdict = DROP_SOURCE_UNKNOWN },
	{ "unknown, our own address", "192.0.2.1:99", "", 4,
	    .verdict = DROP_SOURCE_UNKNOWN },
	{ "unknown, relaxed", "198.51.100.9:99", "", 4, .relaxed = true,
	    FROM("") },
	{ "unknown, loopback", "127.0.0.1:99", "", 4, FROM("") },
	{ "unknown, IPv6 loopback", "[::1]:99", "", 4, FROM("") },

	/* The guard. */
	{ "cut", "198.51.100.9:99", "192.0.2.1", 4, MH_TRUNCATED,
	    .verdict = DROP_TRUNCATED },
	{ "larger than a slot", "198.51.100.9:99", "192.0.2.1",
	    MH_SLOT_SIZE + 1, .verdict = DROP_TRUNCATED },
	{ "port 0", "198.51.100.9:0", "192.0.2.1", 4,
	    .verdict = DROP_SOURCE_PORT_0 },
	{ "from nobody", "0.0.0.0:99", "192.0.2.1", 4,
	    .verdict = DROP_SOURCE_UNSPECIFIED },
	{ "from a group", "224.0.0.1:99", "192.0.2.1", 4,
	    .verdict = DROP_SOURCE_MULTICAST },
	{ "from all", "255.255.255.255:99", "192.0.2.1", 4,
	    .verdict = DROP_SOURCE_BROADCAST },
	{ "from a network", "192.0.2.255:99", "192.0.2.1", 4,
	    .verdict = DROP_SOURCE_BROADCAST },
	{ "from ourselves", "192.0.2.1:7", "192.0.2.1", 4,
	    .verdict = DROP_OWN_ENDPOINT },
	{ "from ourselves, loopback", "[::1]:7", "::1", 4,
	    .verdict = DROP_OWN_ENDPOINT },
	{ "from a responder's port", "198.51.100.9:7", "192.0.2.1", 4,
	    .verdict = DROP_REFUSED_PORT },
	{ "from loopback to elsewhere", "127.0.0.1:99", "192.0.2.1", 4,
	    .verdict = DROP_SOURCE_LOOPBACK },
	{ "from ourselves, relaxed", "192.0.2.1:7", "", 4, .relaxed = true,
	    .verdict = DROP_OWN_ENDPOINT },

	/* To many. */
	{ "to a network", "198.51.100.9:99", "192.0.2.255", 4,
	    .verdict = DROP_TO_BROADCAST },
	{ "to all", "198.51.100.9:99", "255.255.255.255", 4,
	    .verdict = DROP_TO_BROADCAST },
	{ "to a group", "198.51.100.9:99", "224.0.0.251", 4,
	    .verdict = DROP_TO_MULTICAST },
	{ "to an IPv6 group", "[fe80::9%2]:99", "ff02::1", 4,
	    .verdict = DROP_TO_MULTICAST },
	{ "to a network, answered", "198.51.100.9:99", "192.0.2.255", 4,
	    .answer_broadcast = true, FROM("192.0.2.1:7") },
	{ "to all, answered", "198.51.100.9:99", "255.255.255.255", 4,
	    .answer_broadcast = true, FROM("192.0.2.1:7") },
	{ "to a group, answered", "198.51.100.9:99", "224.0.0.251", 4,
	    .answer_broadcast = true, FROM("192.0.2.1:7"), .if_index = 2 },
	{ "to an IPv6 group, answered", "[fe80::9%2]:99", "ff02::1", 4,
	    .answer_broadcast = true, FROM("[::]:7"), .if_index = 2 },

	/* No amplification. */
	{ "a lot for little", "198.51.100.9:99", "192.0.2.1", 18,
	    .service = &service_whoami, .verdict = DROP_TOO_LONG },
	{ "a lot for little, IPv6", "[2001:db8::9]:99", "2001:db8::1", 18,
	    .service = &service_whoami, .verdict = DROP_TOO_LONG },
	{ "a lot for a lot", "198.51.100.9:99", "192.0.2.1", 512,
	    .service = &service_whoami, FROM("192.0.2.1:7") },
	{ "a lot for a neighbour", "192.168.1.9:99", "192.0.2.1", 0,
	    .service = &service_whoami, FROM("192.0.2.1:7") },
	{ "a lot for a neighbour, IPv6", "[fd00::9]:99", "2001:db8::1", 0,
	    .service = &service_whoami, FROM("[2001:db8::1]:7") },
};

static void
deliver_one(const struct one_case *c)
{
	struct fake_incoming incoming = traffic_from(c->peer, c->asked);

	if (c->length != 4) {
		incoming.data = NULL;
		incoming.length = c->length;
	}
	incoming.flags = c->flags;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
}

static void
assert_one_sent(const struct one_case *c)
{
	const struct fake_sent *sent = &fake.sent[0];

	ck_assert_msg(fake.sent_count == c->answered, "%s: %u replies", c->name,
	    fake.sent_count);
	if (!c->answered)
		return;
	unit_assert_address(&sent->peer, c->peer, c->name);
	unit_assert_address(&sent->local, c->source, c->name);
	ck_assert_msg(sent->if_index == c->if_index, "%s: interface %u",
	    c->name, (unsigned int)sent->if_index);
	if (traffic.respond.set.service == &service_echo)
		ck_assert_uint_eq(sent->length, c->length);
	ck_assert_uint_eq(traffic_count(STATS_BYTES_OUT), sent->length);
}

START_TEST(test_one)
{
	const struct one_case *c = &ones[_i];
	bool dropped = !c->answered && c->verdict != PASS;

	if (c->service != NULL)
		traffic.respond.set.service = c->service;
	traffic.source.relaxed = c->relaxed;
	traffic.source.arrival = c->arrival;
	traffic.policy.answer_broadcast = c->answer_broadcast;
	deliver_one(c);
	traffic_respond();
	assert_one_sent(c);
	ck_assert_uint_eq(traffic_count(STATS_RECEIVED), 1);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), c->answered);
	ck_assert_msg(traffic_dropped(c->verdict) == dropped &&
		traffic_dropped_all() == dropped,
	    "%s: %u dropped, %u of them as %s", c->name,
	    (unsigned int)traffic_dropped_all(),
	    (unsigned int)traffic_dropped(c->verdict),
	    verdict_name(c->verdict));
	traffic_assert_sum(0);
}
END_TEST

/* A batch of all kinds: the sum holds, and each reply is where it belongs. */
START_TEST(test_mixed_batch)
{
	const struct fake_fault bad = {
		.call = FAKE_SEND, .port = 12, .code = MH_ENOBUFFERS
	};
	unsigned int i;

	fake_fault(&bad);
	for (i = 0; i < LENGTH(ones) && i < TRAFFIC_SLOTS - 4; i++)
		deliver_one(&ones[i]);
	traffic_deliver(10, 4);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_RECEIVED), i + 4);
	ck_assert_uint_eq(traffic_dropped(DROP_NO_BUFFERS), 1);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), fake.sent_count);
	ck_assert_uint_eq(fake.sent[fake.sent_count - 1].peer.port, 13);
	ck_assert_uint_gt(traffic_dropped_all(), 5);
	traffic_assert_sum(0);
}
END_TEST

/* What whoami reports about an arrival comes all the way from the system. */
START_TEST(test_arrival_is_told)
{
	struct fake_incoming incoming =
	    traffic_from("10.0.0.9:99", "192.0.2.1");
	static const char expected[] = "you 10.0.0.9:99\n"
				       "asked 192.0.2.1:7\n"
				       "via eth0\n"
				       "family IPv4\n"
				       "ttl 3\n"
				       "dscp 46\n"
				       "ecn 1\n"
				       "length 4\n"
				       "time 1970-01-01T00:00:01.000002Z\n"
				       "node gate\n";

	incoming.ttl = 3;
	incoming.tos = 0xb9;
	incoming.arrived_ns = 1000002000;
	traffic.respond.set.service = &service_whoami;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(fake.sent[0].length, strlen(expected));
	ck_assert_mem_eq(fake.sent[0].data, expected, strlen(expected));
}
END_TEST

/* One datagram that arrived that long ago, in ms of UTC, is answered now. */
static void
arrived(int64_t ago)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");

	incoming.arrived_ns = fake_host.now - ago * 1000000;
	fake_deliver(FAKE_HANDLE, &incoming);
	traffic_respond();
}

static void
pass(int64_t ms)
{
	fake_host.now += ms * 1000000;
	fake_host.monotonic_ns += ms * 1000000;
}

static const int64_t steps[] = { 3600 * 1000, 100, -3600 * 1000, -100 };

/* The clock is set while datagrams wait: no delay is what it seems to be. */
START_TEST(test_clock_is_set)
{
	const uint64_t ms = 1000000;
	const struct stats *stats = &traffic.respond.stats;

	arrived(7);
	ck_assert_uint_eq(stats->delay_sum, 7 * ms);
	pass(10000);
	fake_host.now += steps[_i] * 1000000;
	/* This one came before that; and there are more of them. */
	arrived(3 + steps[_i]);
	pass(2);
	arrived(5 + steps[_i]);
	ck_assert_uint_eq(stats->delay_sum, 7 * ms);
	/* What comes later counts, as long as its wait is. */
	pass(50);
	arrived(40);
	ck_assert_uint_eq(stats->delay_sum, 47 * ms);
	pass(3600 * 1000);
	arrived(600);
	ck_assert_uint_eq(stats->delay_sum, 647 * ms);
}
END_TEST

/* RFC 868: the time is that of the batch, in seconds since 1900. */
START_TEST(test_tells_the_time_of_the_batch)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");
	uint32_t time = (uint32_t)(fake_host.now / 1000000000 + 2208988800);
	const uint8_t wire[] = { (uint8_t)(time >> 24), (uint8_t)(time >> 16),
		(uint8_t)(time >> 8), (uint8_t)time };

	incoming.arrived_ns = 0;
	/* Five bytes: four would look like a reply. */
	incoming.data = "what?";
	incoming.length = 5;
	traffic.respond.set.service = &service_time;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(fake.sent[0].length, sizeof(wire));
	ck_assert_mem_eq(fake.sent[0].data, wire, sizeof(wire));
}
END_TEST

/* One per second: the guard's clock is the batch's, too. */
START_TEST(test_rates_go_by_the_clock)
{
	const struct limit_options options = {
		.buckets = 16, .ipv4_bits = 32, .ipv6_bits = 64
	};

	traffic.policy.limit = limit_new(&options);
	ck_assert_ptr_nonnull(traffic.policy.limit);
	traffic.rules.rate = (struct limit_rate){ .per_second = 1, .burst = 1 };
	traffic_deliver(100, 1);
	traffic_respond();
	fake_host.monotonic_ns += 999999999;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_RATE), 1);
	fake_host.monotonic_ns += 1;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_RATE), 1);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2);
	traffic_assert_sum(0);
	limit_free(traffic.policy.limit);
}
END_TEST

/* A service that does as its test says. */
static struct {
	enum service_end from;
	enum service_outcome outcome;
	int16_t tos, ttl;
	size_t length; /* 0: that of the request */
	uint16_t to_port;
	struct service_quality quality; /* as it was given */
	size_t room, room_proven;
	bool proven;
	const uint8_t *seed;
	int64_t utc_ns;
	const struct mh_address *ends;
	const uint8_t *closed_ports;
} told;

static uint8_t space[MH_SLOT_SIZE + 1];

static enum service_outcome
obedient_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	told.quality = context->quality;
	told.ends = context->ends;
	told.closed_ports = context->closed_ports;
	told.room = reply->room;
	told.room_proven = reply->room_proven;
	told.seed = context->seed;
	told.utc_ns = context->now.utc_ns;
	reply->room = SIZE_MAX; /* which does not help */
	reply->room_proven = SIZE_MAX;
	reply->proven = told.proven;
	reply->tos = told.tos;
	reply->ttl = told.ttl;
	reply->data = request->data;
	reply->length = request->length;
	reply->from = told.from;
	reply->to_port = told.to_port;
	if (told.length > 0) {
		reply->data = space;
		reply->length = told.length;
	}
	return told.outcome;
}

static const struct service obedient = { .name = "obedient",
	.answer = obedient_answer };
static const struct service curious = { .name = "curious",
	.wants = SERVICE_WANTS_QUALITY,
	.answer = obedient_answer };
static const struct service clocked = {
	.name = "clocked", .wants = SERVICE_WANTS_UTC, .answer = obedient_answer
};
static const struct service bounded = {
	.name = "bounded", .bound_ipv4 = 200, .answer = obedient_answer
};
static const struct service proving = { .name = "proving",
	.wants = SERVICE_WANTS_ROOM_PROVEN,
	.bound_ipv4 = 200,
	.answer = obedient_answer };
static const struct service many_ended = { .name = "many-ended",
	.wants = SERVICE_WANTS_ENDS,
	.answer = obedient_answer };

/* Only those who want it pay for it, or who have a delay to measure. */
START_TEST(test_utc_on_request)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");

	memset(&told, 0, sizeof(told));
	incoming.arrived_ns = 0;
	traffic.respond.set.service = &obedient;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_int_eq(told.utc_ns, 0);
	traffic.respond.set.service = &clocked;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_int_eq(told.utc_ns, fake_host.now);
	incoming.arrived_ns = fake_host.now - stats_delay_bounds[3];
	traffic.respond.set.service = &obedient;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(traffic.respond.stats.delays[3], 1);
}
END_TEST

START_TEST(test_quality_once_a_second)
{
	memset(&told, 0, sizeof(told));
	fake_host.quality = (struct host_clock_quality){ true, -1, -18, 1234 };
	traffic.respond.set.service = &curious;
	traffic_deliver(100, 2);
	traffic_respond();
	ck_assert(told.quality.synchronised);
	ck_assert_int_eq(told.quality.leap, -1);
	ck_assert_int_eq(told.quality.precision, -18);
	ck_assert_uint_eq(told.quality.dispersion_us, 1234);
	fake_host.quality.synchronised = false;
	fake_host.monotonic_ns += 999999999;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert(told.quality.synchronised);
	ck_assert_uint_eq(fake_host.quality_calls, 1);
	fake_host.monotonic_ns += 1;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert(!told.quality.synchronised);
	ck_assert_uint_eq(fake_host.quality_calls, 2);
}
END_TEST

START_TEST(test_quality_only_if_wanted)
{
	memset(&told, 0, sizeof(told));
	fake_host.quality.synchronised = true;
	traffic.respond.set.service = &obedient;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert(!told.quality.synchronised);
	ck_assert_ptr_null(told.ends);
	ck_assert_ptr_null(told.closed_ports);
	ck_assert_uint_eq(fake_host.quality_calls, 0);
	/* A stranger's four bytes count as 18 over IPv4. */
	ck_assert_uint_eq(told.room, 18);
}
END_TEST

/* This socket is on port 7, and one on port 8 takes replies over. */
static struct outbox other_outbox;
static struct stats other_stats;
static struct ends_member members[2];
static struct ends ends;

static void
join(void)
{
	struct ends_option *options;

	memset(&told, 0, sizeof(told));
	memset(&other_stats, 0, sizeof(other_stats));
	outbox_init(&other_outbox, NULL, &traffic.respond.set, &other_stats);
	members[0] = (struct ends_member){ .bound = unit_address("[::]:7"),
		.can = MH_CAN_IPV4 | MH_CAN_IPV6,
		.outbox = &traffic.respond.outbox };
	members[1] = (struct ends_member){ .bound = unit_address("[::]:8"),
		.can = MH_CAN_IPV4 | MH_CAN_IPV6,
		.is_other = true,
		.outbox = &other_outbox };
	ends = (struct ends){ members, 2, .others = NULL };
	options = ends.addresses.options[0][ENDS_PUBLIC];
	options[0].address = unit_address("192.0.2.1");
	options[1].address = unit_address("203.0.113.1");
	traffic.respond.set.service = &many_ended;
	traffic.respond.set.ends = &ends;
}

/* Through this socket, or the other port's: then it waits in its outbox. */
START_TEST(test_answers_from_an_end)
{
	static const char *const sources[] = { "192.0.2.1:7", "192.0.2.1:8",
		"203.0.113.1:7", "203.0.113.1:8" };
	struct mh_datagram *waiting;
	bool here = _i % 2 == 0;

	join();
	told.from = (enum service_end)_i;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert_ptr_nonnull(told.ends);
	ck_assert_ptr_eq(
	    told.closed_ports, traffic.respond.set.guard.own->watched.bits);
	ck_assert_uint_eq(fake.sent_count, here);
	ck_assert_uint_eq(mh_queue_count(other_outbox.queue), !here);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), here);
	ck_assert_uint_eq(traffic_count(STATS_HANDED_OVER), !here);
	ck_assert_uint_eq(stats_get(&other_stats, STATS_TAKEN_OVER), !here);
	ck_assert(other_outbox.taken == !here);
	traffic_assert_sum(0);
	if (here) {
		unit_assert_address(&fake.sent[0].local, sources[_i], "here");
	} else {
		mh_queue_fill(other_outbox.queue, traffic.batch);
		waiting = &traffic.batch->outgoing[0];
		unit_assert_address(&waiting->local, sources[_i], "there");
		unit_assert_address(&waiting->peer, "198.51.100.9:100", "peer");
		ck_assert_mem_eq(waiting->data, "data", 4);
	}
	outbox_clear(&other_outbox);
}
END_TEST

/* Each of a batch has the ends of its own address, and of the way it came. */
START_TEST(test_ends_of_each)
{
	static const struct {
		const char *asked;
		uint32_t flags;
		const char *from; /* NULL: no end */
	} batch[] = {
		{ "192.0.2.1", 0, "203.0.113.1:7" },
		{ "192.0.2.1", 0, "203.0.113.1:7" },
		{ "203.0.113.1", 0, "192.0.2.1:7" },
		{ "192.0.2.1", 0, "203.0.113.1:7" },
		{ "192.0.2.1", MH_VIA_VRF, NULL },
		{ "192.0.2.1", 0, "203.0.113.1:7" },
	};
	struct fake_incoming incoming;
	unsigned int i, sent = 0;

	join();
	told.from = SERVICE_OTHER_ADDRESS;
	for (i = 0; i < LENGTH(batch); i++) {
		incoming = traffic_from("198.51.100.9:99", batch[i].asked);
		incoming.flags = batch[i].flags;
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	}
	traffic_respond();
	for (i = 0; i < LENGTH(batch); i++)
		if (batch[i].from != NULL)
			unit_assert_address(&fake.sent[sent++].local,
			    batch[i].from, batch[i].asked);
	ck_assert_uint_eq(fake.sent_count, sent);
	outbox_clear(&other_outbox);
}
END_TEST

/* A service cannot choose an end that is not there, whatever it returns. */
START_TEST(test_no_such_end)
{
	join();
	ends.count = 1;
	told.from = SERVICE_OTHER_PORT;
	traffic_deliver(100, 1);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_uint_eq(traffic_dropped(DROP_SOURCE_UNKNOWN), 1);
	traffic_assert_sum(0);
	outbox_clear(&other_outbox);
}
END_TEST

/* Nor one that it did not ask for, or one out of range. */
START_TEST(test_no_such_end_at_all)
{
	memset(&told, 0, sizeof(told));
	traffic.respond.set.service = &obedient;
	told.from = SERVICE_OTHER_BOTH;
	traffic_deliver(100, 1);
	traffic_respond();
	join();
	told.from = SERVICE_ENDS;
	traffic_deliver(101, 1);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_uint_eq(traffic_dropped(DROP_SOURCE_UNKNOWN), 2);
	traffic_assert_sum(0);
	outbox_clear(&other_outbox);
}
END_TEST

/* A trusted peer, and thus a room that only the protocol limits. */
static const struct {
	const char *peer, *asked;
	size_t room;
} rooms[] = {
	{ "10.0.0.9:99", "192.0.2.1", 65507 },
	{ "[fd00::9]:99", "2001:db8::1", 65527 },
	{ "198.51.100.9:99", "192.0.2.1", 18 },
};

/* A reply that is longer than its room is not sent, whatever the service. */
START_TEST(test_room)
{
	struct fake_incoming incoming =
	    traffic_from(rooms[_i].peer, rooms[_i].asked);
	size_t i;

	memset(&told, 0, sizeof(told));
	traffic.respond.set.service = &obedient;
	for (i = 0; i < 2; i++) {
		told.length = rooms[_i].room + i;
		fake_deliver(FAKE_HANDLE, &incoming);
		traffic_respond();
	}
	ck_assert_uint_eq(told.room, rooms[_i].room);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(fake.sent[0].length, rooms[_i].room);
	ck_assert_uint_eq(traffic_dropped(DROP_TOO_LONG), 1);
	traffic_assert_sum(0);
}
END_TEST

/* What a request may get that proves its peer; and the same without. */
static const struct {
	const char *peer;
	size_t length;
	bool proven, sent;
} proofs[] = {
	{ "198.51.100.9:99", 1232, true, true },
	{ "198.51.100.9:99", 1233, true, false },
	{ "198.51.100.9:99", 1232, false, false },
	{ "198.51.100.9:99", 19, false, true },
	{ "10.0.0.9:99", 1233, true, true },
	{ "10.0.0.9:99", 1233, false, true },
};

START_TEST(test_proven)
{
	struct fake_incoming incoming =
	    traffic_from(proofs[_i].peer, "192.0.2.1");

	memset(&told, 0, sizeof(told));
	told.length = proofs[_i].length;
	told.proven = proofs[_i].proven;
	traffic.respond.set.service = &proving;
	traffic.respond.set.examines = true;
	traffic.rules.bound_ipv4 = proving.bound_ipv4;
	fake_deliver(FAKE_HANDLE, &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, proofs[_i].sent);
	ck_assert_uint_eq(traffic_dropped(DROP_TOO_LONG), !proofs[_i].sent);
	ck_assert_uint_eq(told.room_proven,
	    *proofs[_i].peer == '1' && proofs[_i].peer[1] == '0' ? 65507
								 : 1232);
	/* It is no stranger that gets more than a stranger. */
	ck_assert_uint_eq(traffic_count(STATS_BEYOND), proofs[_i].length == 19);
	ck_assert_ptr_eq(told.seed, traffic.respond.set.guard.policy->seed);
	traffic_assert_sum(0);
}
END_TEST

/* A service that did not say so proves nobody. */
START_TEST(test_proven_unwanted)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");

	memset(&told, 0, sizeof(told));
	told.length = 1232;
	told.proven = true;
	traffic.respond.set.service = _i == 0 ? &bounded : &clocked;
	fake_deliver(FAKE_HANDLE, &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_uint_eq(traffic_dropped(DROP_TOO_LONG), 1);
	ck_assert_uint_eq(told.room_proven, 0);
	traffic_assert_sum(0);
}
END_TEST

/* Only what max-amplification alone would not allow, and not for all. */
static const struct {
	const char *peer;
	size_t length;
	unsigned int counted;
} bounds[] = {
	{ "198.51.100.9:99", 18, 0 },
	{ "198.51.100.9:99", 19, 1 },
	{ "198.51.100.9:99", 36, 1 },
	{ "10.0.0.9:99", 36, 0 },
};

START_TEST(test_beyond_amplification)
{
	struct fake_incoming incoming =
	    traffic_from(bounds[_i].peer, "192.0.2.1");

	memset(&told, 0, sizeof(told));
	told.length = bounds[_i].length;
	traffic.respond.set.service = &bounded;
	traffic.respond.set.examines = true;
	traffic.rules.bound_ipv4 = bounded.bound_ipv4;
	fake_deliver(FAKE_HANDLE, &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(traffic_count(STATS_BEYOND), bounds[_i].counted);
	traffic_assert_sum(0);
}
END_TEST

static const struct {
	bool copy;
	int16_t of_request, tos;
} dscps[] = {
	{ true, 0xb8, 0xb8 },
	{ true, 0xff, 0xfc }, /* without ECN */
	{ true, 0x03, -1 },
	{ true, 0, -1 },
	{ true, -1, -1 }, /* not known */
	{ false, 0xb8, -1 },
};

/* The DSCP of the request, if that is wanted; the TTL stays the socket's. */
START_TEST(test_copy_dscp)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");

	traffic.respond.set.service = &service_echo;
	traffic.respond.set.copy_dscp = dscps[_i].copy;
	incoming.tos = dscps[_i].of_request;
	fake_deliver(FAKE_HANDLE, &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_int_eq(fake.sent[0].tos, dscps[_i].tos);
	ck_assert_int_eq(fake.sent[0].ttl, -1);
}
END_TEST

static const struct {
	enum service_outcome outcome;
	enum verdict verdict; /* PASS: silent */
} outcomes[] = {
	{ SERVICE_QUIET, PASS },
	{ SERVICE_NOT_REQUEST, DROP_NOT_REQUEST },
	{ SERVICE_MALFORMED, DROP_MALFORMED },
	{ SERVICE_NO_SESSION, DROP_NO_SESSION },
	{ SERVICE_NO_SPACE, DROP_NO_SPACE },
	{ SERVICE_NOT_AUTHENTIC, DROP_NOT_AUTHENTIC },
	{ SERVICE_NO_ROOM, DROP_TOO_LONG },
	/* Values that are not outcomes. */
	{ (enum service_outcome)17, DROP_NOT_REQUEST },
	{ (enum service_outcome) - 1, DROP_NOT_REQUEST },
};

START_TEST(test_outcomes)
{
	enum verdict verdict = outcomes[_i].verdict;

	memset(&told, 0, sizeof(told));
	told.outcome = outcomes[_i].outcome;
	traffic.respond.set.service = &obedient;
	traffic_deliver(100, 2);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 0);
	ck_assert_uint_eq(traffic_count(STATS_SILENT), verdict == PASS ? 2 : 0);
	if (verdict != PASS)
		ck_assert_uint_eq(traffic_dropped(verdict), 2);
	ck_assert_uint_eq(traffic_dropped_all(), verdict == PASS ? 0 : 2);
	traffic_assert_sum(0);
}
END_TEST

/*
 * A line of the packet log for each request that is chosen, whatever becomes of
 * it; but not for one that this process has sent itself.
 */
static const struct {
	struct one_case one;
	const char *outcome;
} packet_lines[] = {
	{ { .peer = "198.51.100.9:99", .asked = "192.0.2.1", .length = 4 },
	    "to 192.0.2.1:7 via eth0, 4 bytes: replied with 4 bytes\n" },
	{ { .peer = "198.51.100.9:99",
	      .asked = "192.0.2.1",
	      .length = 4,
	      .service = &service_discard },
	    ", 4 bytes: no reply\n" },
	{ { .peer = "198.51.100.9:0", .asked = "192.0.2.1", .length = 4 },
	    ": dropped (source-port-0): it came from port 0, where no reply "
	    "can go\n" },
	{ { .peer = "198.51.100.9:99",
	      .asked = "192.0.2.1",
	      .length = 18,
	      .service = &service_whoami },
	    " to a request of 18 bytes: pad it, or put the peer in trust\n" },
};

START_TEST(test_packet_log)
{
	const struct one_case *one = &packet_lines[_i].one;
	struct packets packets = { .random = 0 };

	scratch_log_begin();
	traffic.respond.set.packets.format = PACKETS_TEXT;
	traffic.respond.set.memory.packets = &packets;
	if (one->service != NULL)
		traffic.respond.set.service = one->service;
	deliver_one(one);
	traffic_respond();
	ck_assert_ptr_nonnull(strstr(scratch_log(), packet_lines[_i].outcome));
	traffic.respond.set.packets.sample = 1000000000;
	deliver_one(one);
	traffic_respond();
	ck_assert_str_eq(scratch_log(), "");
	scratch_remove();
}
END_TEST

Suite *
respond_suite(void)
{
	Suite *suite = suite_create("respond");
	TCase *tcase = traffic_tcase("respond");

	tcase_add_loop_test(tcase, test_one, 0, LENGTH(ones));
	tcase_add_test(tcase, test_mixed_batch);
	tcase_add_test(tcase, test_arrival_is_told);
	tcase_add_loop_test(tcase, test_clock_is_set, 0, LENGTH(steps));
	tcase_add_test(tcase, test_tells_the_time_of_the_batch);
	tcase_add_test(tcase, test_rates_go_by_the_clock);
	tcase_add_test(tcase, test_utc_on_request);
	tcase_add_test(tcase, test_quality_once_a_second);
	tcase_add_test(tcase, test_quality_only_if_wanted);
	tcase_add_loop_test(tcase, test_answers_from_an_end, 0, 4);
	tcase_add_test(tcase, test_ends_of_each);
	tcase_add_test(tcase, test_no_such_end);
	tcase_add_test(tcase, test_no_such_end_at_all);
	tcase_add_loop_test(tcase, test_room, 0, LENGTH(rooms));
	tcase_add_loop_test(tcase, test_proven, 0, LENGTH(proofs));
	tcase_add_loop_test(tcase, test_proven_unwanted, 0, 2);
	tcase_add_loop_test(
	    tcase, test_beyond_amplification, 0, LENGTH(bounds));
	tcase_add_loop_test(tcase, test_copy_dscp, 0, LENGTH(dscps));
	tcase_add_loop_test(tcase, test_outcomes, 0, LENGTH(outcomes));
	tcase_add_loop_test(tcase, test_packet_log, 0, LENGTH(packet_lines));
	suite_add_tcase(suite, tcase);
	return suite;
}
