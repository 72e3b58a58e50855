/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/admit.c: which part of the send buffer replies may take to
 * peers that may not exist, or that are reached by congested interfaces.
 */
#include "daemon/path/admit.h"

#include "daemon/path/congestion.h"
#include "daemon/path/ends.h"
#include "services/table.h"
#include "unit/path/traffic.h"

/*
 * Peers on our own networks that are not known to exist: 192.0.2.0/24.
 */

static struct neighbours neighbours;
static struct prefix_table *networks;

/* This much of the send buffer, of 64 KiB, is in use. */
static void
unresolved_setup(size_t used)
{
	struct host_address *at = traffic.network.addresses;

	for (; at < traffic.network.addresses + traffic.network.address_count;
	     at++)
		if (at->broadcast.family != MH_FAMILY_NONE)
			at->on_link = 24;
	neighbours = (struct neighbours){ .watched = true };
	ck_assert(neighbours_networks(&traffic.network, &networks));
	neighbours.on_link = networks;
	traffic.respond.set.guard.neighbours = &neighbours;
	fake_host.send_buffer = 65536;
	fake_host.send_used = used;
	fake_host.step = 1;
}

static void
unresolved_teardown(void)
{
	neighbours_clear(&neighbours);
	prefix_table_free(networks);
	networks = NULL;
}

static void
deliver_from(const char *peer, size_t length)
{
	struct fake_incoming incoming = traffic_from(peer, "192.0.2.1");

	incoming.data = NULL;
	incoming.length = length;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
}

/* How much is in use when waiting replies have all that they may have. */
#define WAITING_MAX (65536 / 8 * 3)

/* How much is free for them again: that many of 1400 bytes, as Linux counts. */
#define FREE(count) (WAITING_MAX - 2304 * (count))

START_TEST(test_unresolved_wait)
{
	unsigned int i;

	unresolved_setup(FREE(10));
	for (i = 0; i < 12; i++) {
		deliver_from("192.0.2.9:99", 1400);
		deliver_from("198.51.100.9:99", 1400);
	}
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 2);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 22);
	/* They are still there. */
	fake_host.send_used = WAITING_MAX;
	for (i = 0; i < 8; i++) {
		deliver_from("192.0.2.9:99", 0);
		deliver_from("198.51.100.9:99", 1400);
	}
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 10);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 30);
	/* One has given up waiting. */
	fake_host.send_used = FREE(1);
	deliver_from("192.0.2.9:99", 1400);
	deliver_from("192.0.2.9:99", 1400);
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 11);
	traffic_assert_sum(0);
	unresolved_teardown();
}
END_TEST

static size_t room, room_proven; /* as they were given */

static enum service_outcome
answer_nothing(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)request;
	(void)context;
	room = reply->room;
	room_proven = reply->room_proven;
	return SERVICE_REPLY; /* of no bytes */
}

/* What such a peer may have: never more than is set aside for it. */
START_TEST(test_unresolved_room)
{
	static const struct service service = { .name = "nothing",
		.wants = SERVICE_WANTS_ROOM_PROVEN,
		.answer = answer_nothing };

	unresolved_setup(0);
	traffic.respond.set.service = &service;
	deliver_from("192.0.2.9:99", 100);
	traffic_respond();
	ck_assert_uint_eq(room, 100);
	ck_assert_uint_eq(room_proven, 1024);
	traffic.rules.max_amplification = 5000;
	deliver_from("192.0.2.9:99", 100);
	/* It is another peer's that nothing is set aside for. */
	deliver_from("198.51.100.9:99", 10);
	traffic_respond();
	ck_assert_uint_eq(room, 900);
	ck_assert_uint_eq(room_proven, 1232);
	deliver_from("192.0.2.9:99", 100);
	traffic_respond();
	ck_assert_uint_eq(room, 1024);
	ck_assert_uint_eq(room_proven, 1024);
	unresolved_teardown();
}
END_TEST

/* Short replies take less; nobody knows how much before they are made. */
START_TEST(test_unresolved_short)
{
	unsigned int i;

	unresolved_setup(FREE(3));
	for (i = 0; i < 10; i++)
		deliver_from("192.0.2.9:99", 128);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 7);
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 3);
	/* And whatever they ask for. */
	traffic.respond.set.service = &service_whoami;
	deliver_from("192.0.2.9:99", 1000);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 8);
	unresolved_teardown();
}
END_TEST

/* Those that should be known by now leave half of it to others. */
START_TEST(test_unresolved_in_vain)
{
	unsigned int i;

	unresolved_setup(FREE(10));
	deliver_from("192.0.2.9:99", 1400);
	traffic_respond();
	fake_host.monotonic_ns += NEIGHBOURS_PROMPT;
	for (i = 0; i < 12; i++)
		deliver_from("192.0.2.9:99", 1400);
	for (i = 0; i < 12; i++)
		deliver_from("192.0.2.8:99", 1400);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 1 + 10);
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 14);
	for (i = 0; i < fake.sent_count; i++)
		ck_assert_uint_eq(fake.sent[i].peer.ip[3], i < 1 + 4 ? 9 : 8);
	unresolved_teardown();
}
END_TEST

/* The system has just seen them: they are treated like any other. */
START_TEST(test_unresolved_no_more)
{
	const struct host_neighbour fresh = {
		.address = unit_address("192.0.2.9"),
		.if_index = 2,
		.event = HOST_NEIGHBOUR_RESOLVED,
	};
	unsigned int i;

	unresolved_setup(65536);
	fake_host.neighbours = &fresh;
	fake_host.neighbour_count = 1;
	for (i = 0; i < 8; i++)
		deliver_from("192.0.2.9:99", 1400);
	deliver_from("192.0.2.8:99", 4);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 8);
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 1);
	ck_assert_uint_eq(fake_host.neighbours_reads, 1);
	unresolved_teardown();
}
END_TEST

/* The guard's other rules apply to them, and the rates are not used up. */
START_TEST(test_unresolved_guarded)
{
	const struct limit_options options = {
		.buckets = 16, .ipv4_bits = 32, .ipv6_bits = 64
	};
	struct fake_incoming incoming =
	    traffic_from("192.0.2.9:99", "192.0.2.1");
	unsigned int i;

	unresolved_setup(0);
	traffic.policy.limit = limit_new(&options);
	traffic.rules.rate = (struct limit_rate){ 1, 1 };
	fake_host.send_used = 65536;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 1);
	/* What is refused takes no room. */
	fake_host.send_used = FREE(2);
	for (i = 0; i < 10; i++)
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 1);
	ck_assert_uint_eq(traffic_dropped(DROP_RATE), 9);
	limit_free(traffic.policy.limit);
	unresolved_teardown();
}
END_TEST

/* Nor does what is refused make room for more than there is. */
START_TEST(test_unresolved_refused)
{
	const struct limit_options options = {
		.buckets = 4096, .ipv4_bits = 32, .ipv6_bits = 64
	};
	struct fake_incoming incoming =
	    traffic_from("192.0.2.9:99", "192.0.2.1");
	unsigned int i;

	unresolved_setup(FREE(2));
	traffic.policy.limit = limit_new(&options);
	traffic.rules.rate = (struct limit_rate){ 1, 1 };
	for (i = 0; i < 10; i++)
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	deliver_from("192.0.2.8:99", 1400);
	deliver_from("192.0.2.7:99", 1400);
	deliver_from("192.0.2.6:99", 1400);
	traffic_respond();
	ck_assert_uint_eq(traffic_dropped(DROP_RATE), 9);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2);
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 2);
	limit_free(traffic.policy.limit);
	unresolved_teardown();
}
END_TEST

static enum service_outcome
answer_elsewhere(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)context;
	reply->data = request->data;
	reply->length = request->length;
	reply->from = SERVICE_OTHER_PORT;
	return SERVICE_REPLY;
}

/* Through another socket of ours, its buffer counts, and so does its queue. */
START_TEST(test_unresolved_elsewhere)
{
	static const struct service service = { .name = "elsewhere",
		.wants = SERVICE_WANTS_ENDS,
		.answer = answer_elsewhere };
	static struct stats other_stats;
	struct outbox other_outbox;
	struct ends_member members[] = {
		{ .bound = unit_address("[::]:7"),
		    .can = MH_CAN_IPV4,
		    .outbox = &traffic.respond.outbox },
		{ .bound = unit_address("[::]:8"),
		    .can = MH_CAN_IPV4,
		    .is_other = true,
		    .outbox = &other_outbox },
	};
	const struct ends ends = { members, 2, .others = NULL };
	unsigned int batch, i;

	outbox_init(
	    &other_outbox, traffic.socket, &traffic.respond.set, &other_stats);
	traffic.respond.set.service = &service;
	traffic.respond.set.ends = &ends;
	unresolved_setup(0);
	for (batch = 0; batch < 5; batch++) {
		for (i = 0; i < 8; i++)
			deliver_from("192.0.2.9:99", 4);
		traffic_respond();
	}
	ck_assert_uint_eq(traffic_count(STATS_HANDED_OVER), 32);
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 8);
	traffic_assert_sum(0);
	outbox_clear(&other_outbox);
	unresolved_teardown();
}
END_TEST

/* If the system does not tell, nothing changes. */
START_TEST(test_unresolved_not_told)
{
	unsigned int i;

	unresolved_setup(0);
	fake_host.send_buffer = 0;
	for (i = 0; i < 20; i++)
		deliver_from("192.0.2.9:99", 65507);
	traffic_respond();
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 20);
	unresolved_teardown();
}
END_TEST

/*
 * Congested interfaces.
 */

static struct congestion congestion;

/* That much of a send buffer of 64 KiB is in use; eth0 is congested. */
static void
congested_setup(size_t used)
{
	static const struct host_backlog eth0 = { 2, 5000 };

	congestion = (struct congestion){ .channel = -1 };
	congestion_set(&congestion, &eth0, 1, fake_host.monotonic_ns);
	traffic.respond.set.congestion = &congestion;
	fake_host.send_buffer = 65536;
	fake_host.send_used = used;
}

static void
deliver_at(uint32_t if_index, size_t length, unsigned int count)
{
	struct fake_incoming incoming =
	    traffic_from("198.51.100.9:99", "192.0.2.1");

	incoming.arrival.if_index = if_index;
	incoming.data = NULL;
	incoming.length = length;
	while (count-- > 0)
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
}

/* Half of the buffer is left to those who ask elsewhere. */
START_TEST(test_congested)
{
	congested_setup(32768);
	deliver_at(2, 100, 3);
	ck_assert_uint_eq(traffic_dropped(DROP_CONGESTED), 3);
	deliver_at(3, 100, 3);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 3);
	traffic_assert_sum(0);
	/* It is over. */
	fake_host.send_used = 0;
	deliver_at(2, 100, 3);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 6);
	ck_assert_uint_eq(traffic_dropped(DROP_CONGESTED), 3);
}
END_TEST

/* They may fill what is left of the first half; as Linux counts. */
START_TEST(test_congestion_room)
{
	congested_setup(32768 - 2 * 2304);
	deliver_at(2, 1400, 4);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2);
	ck_assert_uint_eq(traffic_dropped(DROP_CONGESTED), 2);
	/* It is measured again, though it would be full by now. */
	fake_host.send_used = 32768 - 2304;
	deliver_at(2, 1400, 1);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 3);
}
END_TEST

/*
 * Until the system has answered, whoever asks most is it, be it in one burst,
 * which begins while the buffer is empty as far as we know.
 */
START_TEST(test_congestion_guessed)
{
	congested_setup(8193);
	congestion.channel = 9;
	fake_host.monotonic_ns += CONGESTION_FRESH;
	deliver_at(3, 100, 10);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 10);
	fake_host.send_used = 32768;
	deliver_at(3, 100, 3);
	ck_assert_uint_eq(traffic_dropped(DROP_CONGESTED), 3);
	deliver_at(4, 100, 3);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 13);
	/* Now it has: nothing waits there. */
	congestion_set(&congestion, NULL, 0, fake_host.monotonic_ns);
	deliver_at(3, 100, 3);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 16);
	traffic_assert_sum(0);
	/* And when it has been empty meanwhile, that is not known any more. */
	fake_host.send_used = 0;
	deliver_at(3, 100, 20);
	fake_host.send_used = 32768;
	fake_host.monotonic_ns++;
	deliver_at(3, 100, 3);
	ck_assert_uint_eq(traffic_dropped(DROP_CONGESTED), 6);
}
END_TEST

/* So is it where replies wait for a router that does not exist. */
START_TEST(test_blocked)
{
	const struct host_neighbour router = {
		.address = unit_address("192.0.2.250"), .if_index = 2
	};

	const struct limit_options options = {
		.buckets = 16, .ipv4_bits = 32, .ipv6_bits = 64
	};

	unresolved_setup(0);
	congested_setup(32768 - 2 * 2304);
	traffic.policy.limit = limit_new(&options);
	traffic.rules.rate = (struct limit_rate){ 1, 6 };
	traffic.network.interfaces[1].resolves = true;
	fake_host.next_hop = &router;
	deliver_at(3, 1400, 4);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 2);
	ck_assert_uint_eq(traffic_dropped(DROP_UNRESOLVED), 2);
	/* There it is. */
	neighbours_update(&neighbours, &router);
	congestion_set(&congestion, NULL, 0, fake_host.monotonic_ns);
	deliver_at(3, 1400, 4);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 6);
	/* What had no room did not use up the rate of others. */
	ck_assert_uint_eq(traffic_dropped(DROP_RATE), 0);
	/* With plenty of room, nobody asks. */
	ck_assert_uint_eq(fake_host.next_hop_calls, 5);
	fake_host.send_used = 0;
	fake_host.monotonic_ns += NEIGHBOURS_WAY;
	deliver_at(3, 1400, 4);
	ck_assert_uint_eq(fake_host.next_hop_calls, 5);
	traffic_assert_sum(0);
	limit_free(traffic.policy.limit);
	unresolved_teardown();
}
END_TEST

/* The system is asked from an eighth on; measuring costs time, too. */
START_TEST(test_congestion_asked)
{
	congested_setup(8192);
	congestion.channel = 9;
	deliver_at(3, 100, 1);
	ck_assert_uint_eq(fake_host.channel_sends, 0);
	ck_assert_uint_eq(fake_host.send_buffer_calls, 1);
	fake_host.monotonic_ns += CONGESTION_FRESH;
	deliver_at(3, 100, 9);
	fake_host.send_used = 8193;
	deliver_at(3, 100, 1);
	ck_assert_uint_eq(fake_host.channel_sends, 1);
	ck_assert_uint_eq(fake_host.send_buffer_calls, 2);
	deliver_at(3, 100, 9);
	fake_host.send_used = 0;
	deliver_at(3, 100, 1);
	ck_assert_uint_eq(fake_host.send_buffer_calls, 3);
	/* Now a quarter cannot be in use before 18 of these are sent. */
	deliver_at(3, 100, 17);
	ck_assert_uint_eq(fake_host.send_buffer_calls, 3);
	deliver_at(3, 100, 1);
	deliver_at(3, 100, 1);
	ck_assert_uint_eq(fake_host.send_buffer_calls, 4);
}
END_TEST

/* Windows: a reply that cannot be sent does not wait in the buffer. */
START_TEST(test_congestion_not_told)
{
	congested_setup(0);
	fake_host.send_buffer = 0;
	deliver_at(2, 1400, 32);
	deliver_at(2, 1400, 32);
	ck_assert_uint_eq(traffic_count(STATS_ANSWERED), 64);
	ck_assert_uint_eq(fake_host.send_buffer_calls, 1);
}
END_TEST

Suite *
admit_suite(void)
{
	Suite *suite = suite_create("admit");
	TCase *tcase = traffic_tcase("admit");

	tcase_add_test(tcase, test_congested);
	tcase_add_test(tcase, test_congestion_room);
	tcase_add_test(tcase, test_congestion_guessed);
	tcase_add_test(tcase, test_blocked);
	tcase_add_test(tcase, test_congestion_asked);
	tcase_add_test(tcase, test_congestion_not_told);
	tcase_add_test(tcase, test_unresolved_wait);
	tcase_add_test(tcase, test_unresolved_room);
	tcase_add_test(tcase, test_unresolved_short);
	tcase_add_test(tcase, test_unresolved_in_vain);
	tcase_add_test(tcase, test_unresolved_no_more);
	tcase_add_test(tcase, test_unresolved_guarded);
	tcase_add_test(tcase, test_unresolved_refused);
	tcase_add_test(tcase, test_unresolved_elsewhere);
	tcase_add_test(tcase, test_unresolved_not_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
