/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/inject.c: what each fault makes of replies to a peer in
 * trust, that no stranger ever gets one, and that each is counted.
 */
#include "daemon/path/inject.h"

#include "services/table.h"
#include "unit/path/traffic.h"
#include "unit/scratch.h"

#include <string.h>

#define MS INT64_C(1000000)

#define FRIEND "10.0.0.9:1"
#define STRANGER "198.51.100.9:1"

static struct fault_rules rules;
static int64_t woken; /* when the outbox wants to be */

static void
wake(void *owner, int64_t due)
{
	ck_assert_ptr_eq(owner, &traffic);
	woken = due;
}

static void
setup(void)
{
	rules = (struct fault_rules){ .seed = 1 };
	woken = -1;
	traffic.respond.outbox.wake = wake;
	traffic.respond.outbox.owner = &traffic;
	traffic.respond.set.faults = &rules;
	traffic.respond.set.examines = true;
}

static void
set(enum fault_kind kind, const char *text)
{
	const char *where;

	ck_assert_pstr_eq(
	    fault_parse(&rules.kinds[kind], kind, text, &where), NULL);
	inject_follow(&traffic.respond.inject, &rules);
}

/* That many requests of 4 bytes, one after another, from its port on. */
static void
ask(const char *peer, const char *asked, unsigned int count)
{
	struct fake_incoming incoming = traffic_from(peer, asked);
	unsigned int i;

	for (i = 0; i < count; i++) {
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
		incoming.peer.port++;
	}
	while (mh_batch_receive(traffic.batch, traffic.socket) > 0)
		respond_batch(&traffic.respond, traffic.batch);
}

/* What is held until then leaves. */
static void
release(int64_t after)
{
	fake_host.monotonic_ns += after;
	outbox_send_held(
	    &traffic.respond.outbox, traffic.batch, fake_host.monotonic_ns);
}

static uint64_t
made(enum fault_kind kind)
{
	return traffic_count(STATS_FAULT + kind);
}

static uint64_t
impossible(enum fault_kind kind)
{
	return traffic_count(STATS_FAULT_IMPOSSIBLE + kind);
}

/* Exactly these ports got a reply, in this order; ended by 0. */
static void
assert_sent(const unsigned int *ports)
{
	unsigned int i;

	for (i = 0; ports[i] != 0; i++) {
		ck_assert_uint_lt(i, fake.sent_count);
		ck_assert_uint_eq(fake.sent[i].peer.port, ports[i]);
	}
	ck_assert_uint_eq(fake.sent_count, i);
}

#define SENT(...) assert_sent((const unsigned int[]){ __VA_ARGS__, 0 })

/* The sum of all, where a duplicate is one more reply. */
static void
assert_sum(uint64_t held)
{
	ck_assert_uint_eq(traffic_count(STATS_RECEIVED) + made(FAULT_DUPLICATE),
	    traffic_count(STATS_ANSWERED) + traffic_dropped_all() + held);
	ck_assert_uint_eq(held_count(traffic.respond.outbox.held), held);
}

START_TEST(test_drops)
{
	set(FAULT_DROP, "every 3");
	ask(FRIEND, "192.0.2.1", 6);
	SENT(1, 2, 4, 5);
	ck_assert_uint_eq(made(FAULT_DROP), 2);
	ck_assert_uint_eq(traffic_dropped(DROP_FAULT), 2);
	assert_sum(0);
}
END_TEST

/* Every fault at once, always: a stranger notices nothing. */
START_TEST(test_spares_strangers)
{
	static const char *const texts[FAULT_KINDS] = {
		[FAULT_DROP] = "100%",
		[FAULT_SOURCE] = "100%",
		[FAULT_TRUNCATE] = "100%",
		[FAULT_DUPLICATE] = "100%",
		[FAULT_REORDER] = "100%",
		[FAULT_DELAY] = "1s",
	};
	size_t kind;

	if (_i == FAULT_KINDS)
		for (kind = 0; kind < FAULT_KINDS; kind++)
			set(kind, texts[kind]);
	else
		set(_i, texts[_i]);
	ask(STRANGER, "192.0.2.1", 3);
	SENT(1, 2, 3);
	for (kind = 0; kind < 3; kind++) {
		ck_assert_uint_eq(fake.sent[kind].length, 4);
		unit_assert_address(
		    &fake.sent[kind].local, "192.0.2.1:7", "source");
	}
	for (kind = 0; kind < FAULT_KINDS; kind++)
		ck_assert_uint_eq(made(kind) + impossible(kind), 0);
	/* And does not count: the first of a friend is hit. */
	ask(FRIEND, "192.0.2.1", 1);
	ck_assert_uint_eq(
	    _i == FAULT_KINDS ? made(FAULT_DROP) : made(_i) + impossible(_i),
	    1);
}
END_TEST

/* In one batch with a friend's, each gets what is its own. */
START_TEST(test_tells_them_apart)
{
	struct fake_incoming incoming[] = { traffic_from(FRIEND, "192.0.2.1"),
		traffic_from(STRANGER, "192.0.2.1") };
	unsigned int i;

	set(FAULT_DROP, "100%");
	for (i = 0; i < 6; i++) {
		incoming[i % 2].peer.port = (uint16_t)(10 + i);
		fake_deliver(
		    mh_socket_handle(traffic.socket), &incoming[i % 2]);
	}
	traffic_respond();
	SENT(11, 13, 15);
	assert_sum(0);
}
END_TEST

/* A peer's faults do not depend on who else asks, or what else it asks. */
START_TEST(test_counts_each_pair)
{
	set(FAULT_DROP, "every 2");
	ask("10.0.0.9:1", "192.0.2.1", 1);
	ask("10.0.0.8:2", "192.0.2.1", 1);
	ask("10.0.0.9:3", "127.0.0.1", 1);
	ask("[fc00::9]:4", "2001:db8::1", 1);
	ask("10.0.0.9:5", "192.0.2.1", 1);
	ask("10.0.0.8:6", "192.0.2.1", 1);
	ask("10.0.0.9:9", "127.0.0.1", 1);
	ask("10.0.0.9:8", "192.0.2.1", 1);
	ck_assert_uint_eq(made(FAULT_DROP), 3);
	ck_assert_uint_eq(fake.sent_count, 5);
	ck_assert_uint_eq(fake.sent[4].peer.port, 8);
}
END_TEST

START_TEST(test_truncates)
{
	set(FAULT_TRUNCATE, "every 2 to 3");
	ask(FRIEND, "192.0.2.1", 4);
	SENT(1, 2, 3, 4);
	ck_assert_uint_eq(fake.sent[0].length, 4);
	ck_assert_uint_eq(fake.sent[1].length, 3);
	ck_assert_mem_eq(fake.sent[1].data, "dat", 3);
	ck_assert_uint_eq(fake.sent[2].length, 4);
	ck_assert_uint_eq(fake.sent[3].length, 3);
	ck_assert_uint_eq(made(FAULT_TRUNCATE), 2);
	/* There is nothing to cut off. */
	set(FAULT_TRUNCATE, "100% to 4");
	ask(FRIEND, "192.0.2.1", 1);
	ck_assert_uint_eq(fake.sent[4].length, 4);
	ck_assert_uint_eq(made(FAULT_TRUNCATE), 2);
	ck_assert_uint_eq(impossible(FAULT_TRUNCATE), 1);
}
END_TEST

/* The one address, and another one. */
static const struct {
	const char *peer, *asked, *source;
} sources[] = {
	{ "10.0.0.9:1", "192.0.2.1", "192.0.2.7:7" },
	{ "127.0.0.1:1", "127.0.0.1", "127.0.0.2:7" },
	{ "[fc00::9]:1", "2001:db8::1", NULL },
	{ "[::1]:1", "::1", "[2001:db8::1]:7" },
};

START_TEST(test_changes_the_source)
{
	const char *source = sources[_i].source;
	struct mh_address added = unit_address("192.0.2.7");

	/* In place of 192.0.2.1's neighbour that is not there. */
	traffic.network.addresses[4].address = added;
	guard_network_clear(&traffic.own.network);
	ck_assert(guard_network_make(&traffic.own.network, &traffic.network));
	fake_local_add(&added);
	added = unit_address("127.0.0.2");
	fake_local_add(&added);
	set(FAULT_SOURCE, "every 2");
	ask(sources[_i].peer, sources[_i].asked, 2);
	SENT(1, 2);
	ck_assert_int_eq(
	    mh_address_compare(&fake.sent[0].local, &fake.sent[1].local) == 0,
	    source == NULL);
	if (source != NULL)
		unit_assert_address(&fake.sent[1].local, source, "source");
	ck_assert_uint_eq(made(FAULT_SOURCE), source != NULL);
	ck_assert_uint_eq(impossible(FAULT_SOURCE), source == NULL);
	assert_sum(0);
}
END_TEST

START_TEST(test_delays)
{
	const int64_t now = fake_host.monotonic_ns;

	set(FAULT_DELAY, "100ms every 2");
	ask(FRIEND, "192.0.2.1", 3);
	SENT(1, 3);
	ck_assert_int_eq(woken, now + 100 * MS);
	assert_sum(1);
	release(100 * MS - 1);
	SENT(1, 3);
	release(1);
	SENT(1, 3, 2);
	ck_assert_mem_eq(fake.sent[2].data, "data", 4);
	unit_assert_address(&fake.sent[2].local, "192.0.2.1:7", "source");
	ck_assert_uint_eq(made(FAULT_DELAY), 1);
	assert_sum(0);
}
END_TEST

START_TEST(test_duplicates)
{
	set(FAULT_DUPLICATE, "every 2");
	ask(FRIEND, "192.0.2.1", 5);
	SENT(1, 2, 2, 3, 4, 4, 5);
	ck_assert_mem_eq(fake.sent[2].data, "data", 4);
	unit_assert_address(&fake.sent[2].local, "192.0.2.1:7", "source");
	ck_assert_uint_eq(made(FAULT_DUPLICATE), 2);
	assert_sum(0);
}
END_TEST

/* Both are late. */
START_TEST(test_duplicates_a_delayed_one)
{
	set(FAULT_DUPLICATE, "100%");
	set(FAULT_DELAY, "100ms");
	ask(FRIEND, "192.0.2.1", 1);
	ck_assert_uint_eq(fake.sent_count, 0);
	assert_sum(2);
	release(100 * MS);
	SENT(1, 1);
	assert_sum(0);
}
END_TEST

/* After the next one to the same peer; of those to others nobody cares. */
START_TEST(test_reorders)
{
	set(FAULT_REORDER, "every 2");
	ask("10.0.0.9:1", "192.0.2.1", 1);
	ask("10.0.0.9:1", "192.0.2.1", 1);
	ask("10.0.0.9:2", "127.0.0.1", 1);
	release(0);
	SENT(1, 2);
	assert_sum(1);
	ask("10.0.0.9:1", "192.0.2.1", 1);
	SENT(1, 2, 1, 1);
	ck_assert_uint_eq(made(FAULT_REORDER), 1);
	assert_sum(0);
}
END_TEST

/* What one peer sends: one letter each; what it gets in the end. */
static const struct {
	const char *rules[FAULT_KINDS];
	const char *asked, *answered;
	unsigned int reordered, impossible;
} exchanges[] = {
	/* One waits, and the next is not to wait for it. */
	{ { [FAULT_REORDER] = "100%" }, "abcd", "badc", 2, 2 },
	{ { [FAULT_REORDER] = "100%" }, "abcde", "badce", 3, 2 },
	{ { [FAULT_REORDER] = "every 3" }, "abcdefg", "abdcegf", 2, 0 },
	{ { [FAULT_REORDER] = "every 2" }, "abcdef", "acbedf", 3, 0 },
	/* The copy right after its original, also if that is late. */
	{ { [FAULT_DUPLICATE] = "100%" }, "abc", "aabbcc", 0, 0 },
	{ { [FAULT_REORDER] = "every 2", [FAULT_DUPLICATE] = "every 2" },
	    "abcde", "acbbedd", 2, 0 },
	{ { [FAULT_REORDER] = "every 2", [FAULT_DUPLICATE] = "every 3" },
	    "abcd", "accbd", 2, 0 },
	{ { [FAULT_REORDER] = "every 2", [FAULT_DROP] = "every 3" }, "abcde",
	    "adbe", 1, 1 },
};

/* Together or one by one: that makes no difference. */
START_TEST(test_order)
{
	struct fake_incoming incoming = traffic_from(FRIEND, "192.0.2.1");
	const char *asked = exchanges[_i / 2].asked;
	const char *answered = exchanges[_i / 2].answered;
	unsigned int i, kind;

	for (kind = 0; kind < FAULT_KINDS; kind++)
		if (exchanges[_i / 2].rules[kind] != NULL)
			set(kind, exchanges[_i / 2].rules[kind]);
	for (i = 0; asked[i] != '\0'; i++) {
		incoming.data = &asked[i];
		incoming.length = 1;
		fake_deliver(mh_socket_handle(traffic.socket), &incoming);
		if (_i % 2 == 0 || asked[i + 1] == '\0')
			traffic_respond();
	}
	release(INJECT_PATIENCE);
	for (i = 0; i < fake.sent_count; i++)
		ck_assert_msg(*fake.sent[i].data == (uint8_t)answered[i],
		    "%u: %c, not %c", i, *fake.sent[i].data, answered[i]);
	ck_assert_uint_eq(fake.sent_count, strlen(answered));
	ck_assert_uint_eq(made(FAULT_REORDER), exchanges[_i / 2].reordered);
	ck_assert_uint_eq(
	    impossible(FAULT_REORDER), exchanges[_i / 2].impossible);
	assert_sum(0);
}
END_TEST

/* What waits is not forgotten if no more faults are made. */
START_TEST(test_waits_after_a_reload)
{
	set(FAULT_REORDER, "100%");
	ask(FRIEND, "192.0.2.1", 1);
	inject_follow(&traffic.respond.inject, NULL);
	traffic.respond.set.faults = NULL;
	traffic.respond.set.examines = false;
	outbox_configure(&traffic.respond.outbox, traffic.batch, &service_echo);
	ask("10.0.0.9:2", "192.0.2.1", 2);
	SENT(2, 3);
	assert_sum(1);
	release(INJECT_PATIENCE);
	SENT(2, 3, 1);
	assert_sum(0);
}
END_TEST

/* Nothing else comes: it is sent in the end. */
START_TEST(test_waits_in_vain)
{
	set(FAULT_REORDER, "100%");
	ask(FRIEND, "192.0.2.1", 1);
	release(INJECT_PATIENCE - 1);
	ck_assert_uint_eq(fake.sent_count, 0);
	release(1);
	SENT(1);
	assert_sum(0);
}
END_TEST

/* It follows one that is late itself, and that is in time. */
START_TEST(test_follows_a_late_one)
{
	set(FAULT_REORDER, "every 3");
	set(FAULT_DELAY, "100ms every 4");
	ask(FRIEND, "192.0.2.1", 2);
	ask("10.0.0.9:70", "192.0.2.1", 1);
	ask("10.0.0.9:70", "192.0.2.1", 1);
	SENT(1, 2);
	assert_sum(2);
	release(100 * MS);
	SENT(1, 2, 70, 70);
	assert_sum(0);
}
END_TEST

/* A full store costs a fault, not a reply. */
START_TEST(test_is_bounded)
{
	unsigned int i;

	set(FAULT_DELAY, "1s");
	for (i = 0; i < HELD_MAX / TRAFFIC_SLOTS; i++)
		ask("10.0.0.9:100", "192.0.2.1", TRAFFIC_SLOTS);
	ck_assert_uint_eq(fake.sent_count, 0);
	ask("10.0.0.9:99", "192.0.2.1", 1);
	SENT(99);
	ck_assert_uint_eq(made(FAULT_DELAY), HELD_MAX);
	ck_assert_uint_eq(impossible(FAULT_DELAY), 1);
	assert_sum(HELD_MAX);
	outbox_hurry(&traffic.respond.outbox, traffic.batch);
	ck_assert_uint_eq(fake.sent_count, HELD_MAX + 1);
	assert_sum(0);
}
END_TEST

/* Nothing overtakes what is queued, and nothing is lost. */
START_TEST(test_behind_a_queue)
{
	set(FAULT_DELAY, "1s every 2");
	ask(FRIEND, "192.0.2.1", 2);
	SENT(1);
	traffic_block(0);
	ask(STRANGER, "192.0.2.1", 1);
	release(1000 * MS - OUTBOX_TIMEOUT);
	release(OUTBOX_TIMEOUT - 1);
	SENT(1);
	ck_assert_uint_eq(held_count(traffic.respond.outbox.held), 1);
	fake_heal();
	release(1);
	SENT(1);
	traffic_flush();
	release(0);
	SENT(1, 2);
	ck_assert_uint_eq(traffic_dropped(DROP_QUEUE_EXPIRED), 1);
	assert_sum(0);
}
END_TEST

/* The same rules again: the count goes on; others: it begins anew. */
START_TEST(test_follows_a_reload)
{
	set(FAULT_DROP, "every 3");
	ask(FRIEND, "192.0.2.1", 2);
	set(FAULT_DROP, "every 3");
	ask(FRIEND, "192.0.2.1", 1);
	ck_assert_uint_eq(made(FAULT_DROP), 1);
	ask(FRIEND, "192.0.2.1", 2);
	rules.seed = 2;
	inject_follow(&traffic.respond.inject, &rules);
	ask(FRIEND, "192.0.2.1", 2);
	ck_assert_uint_eq(made(FAULT_DROP), 1);
	ask(FRIEND, "192.0.2.1", 1);
	ck_assert_uint_eq(made(FAULT_DROP), 2);
	/* None, and the first ones again. */
	ask(FRIEND, "192.0.2.1", 2);
	inject_follow(&traffic.respond.inject, NULL);
	inject_follow(&traffic.respond.inject, &rules);
	ask(FRIEND, "192.0.2.1", 2);
	ck_assert_uint_eq(made(FAULT_DROP), 2);
}
END_TEST

/* The packet log tells what is done to a reply instead of sending it. */
static const struct {
	enum fault_kind kind;
	const char *value, *outcome;
} packet_lines[] = {
	{ FAULT_DROP, "every 1",
	    ": dropped (fault-drop): fault-drop is set: " },
	{ FAULT_DELAY, "1s", ": a fault holds the reply of 4 bytes\n" },
	{ FAULT_DUPLICATE, "every 1", ": replied with 4 bytes\n" },
};

START_TEST(test_packet_log)
{
	struct packets packets = { .random = 0 };

	scratch_log_begin();
	set(packet_lines[_i].kind, packet_lines[_i].value);
	traffic.respond.set.packets.format = PACKETS_TEXT;
	traffic.respond.set.memory.packets = &packets;
	ask(FRIEND, "192.0.2.1", 1);
	ck_assert_ptr_nonnull(strstr(scratch_log(), packet_lines[_i].outcome));
	ck_assert_uint_eq(packets.budget.lines, 1);
	scratch_remove();
}
END_TEST

Suite *
inject_suite(void)
{
	Suite *suite = suite_create("inject");
	TCase *tcase = traffic_tcase("inject");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_drops);
	tcase_add_loop_test(tcase, test_spares_strangers, 0, FAULT_KINDS + 1);
	tcase_add_test(tcase, test_tells_them_apart);
	tcase_add_test(tcase, test_counts_each_pair);
	tcase_add_test(tcase, test_truncates);
	tcase_add_loop_test(tcase, test_changes_the_source, 0, LENGTH(sources));
	tcase_add_test(tcase, test_delays);
	tcase_add_test(tcase, test_duplicates);
	tcase_add_test(tcase, test_duplicates_a_delayed_one);
	tcase_add_test(tcase, test_reorders);
	tcase_add_loop_test(tcase, test_order, 0, 2 * LENGTH(exchanges));
	tcase_add_test(tcase, test_waits_after_a_reload);
	tcase_add_test(tcase, test_waits_in_vain);
	tcase_add_test(tcase, test_follows_a_late_one);
	tcase_add_test(tcase, test_is_bounded);
	tcase_add_test(tcase, test_behind_a_queue);
	tcase_add_test(tcase, test_follows_a_reload);
	tcase_add_loop_test(tcase, test_packet_log, 0, LENGTH(packet_lines));
	suite_add_tcase(suite, tcase);
	return suite;
}
