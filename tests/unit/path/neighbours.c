/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/neighbours.c: which peers are on our own networks, and known
 * there. Pure except for what the fake host reports.
 */
#include "daemon/path/neighbours.h"

#include "unit/fake_host.h"
#include "unit/unit.h"

#include <string.h>

/* The host of these tests, each address with the bits of its network. */
static const struct {
	const char *address;
	unsigned int on_link;
} ours[] = {
	{ "127.0.0.1", 0 },
	{ "192.0.2.1", 24 },
	{ "192.0.2.2", 24 },
	{ "198.51.100.1", 0 },
	{ "203.0.113.5", 31 },
	{ "10.1.2.3", 32 },
	{ "2001:db8::1", 64 },
	{ "fe80::1%2", 64 },
	{ "fe80::1%3", 64 },
	{ "169.254.1.1", 24 },
};

static const char *const known[] = { "192.0.2.9", "2001:db8::9", "fe80::9%2",
	"10.9.9.9" };

static struct host_address addresses[LENGTH(ours)];
static struct neighbours neighbours;
static struct prefix_table *networks;

static struct host_neighbour
neighbour_of(const char *text, uint32_t if_index, bool resolved)
{
	return (struct host_neighbour){
		.event =
		    resolved ? HOST_NEIGHBOUR_RESOLVED : HOST_NEIGHBOUR_ABSENT,
		.address = unit_address(text),
		.if_index = if_index,
	};
}

static void
change(const char *text, uint32_t if_index, bool resolved)
{
	const struct host_neighbour neighbour =
	    neighbour_of(text, if_index, resolved);

	neighbours_update(&neighbours, &neighbour);
}

static void
notify(enum host_neighbour_event event)
{
	const struct host_neighbour neighbour = { .event = event };

	neighbours_update(&neighbours, &neighbour);
}

/* An empty list. */
static void
forget_all(void)
{
	notify(HOST_NEIGHBOURS_BEGIN);
	notify(HOST_NEIGHBOURS_END);
}

static bool
lack(const char *text)
{
	struct mh_address peer = unit_address(text);

	peer.port = 40000;
	return neighbours_unresolved(&neighbours, &peer);
}

static bool
learn(size_t count)
{
	const struct host_network network = { .addresses = addresses,
		.address_count = count };

	prefix_table_free(networks);
	if (!neighbours_networks(&network, &networks))
		return false;
	neighbours.on_link = networks;
	return true;
}

static void
setup(void)
{
	size_t i;

	fake_host_reset();
	neighbours = (struct neighbours){ .watched = true };
	for (i = 0; i < LENGTH(ours); i++)
		addresses[i] = (struct host_address){
			.address = unit_address(ours[i].address),
			.on_link = ours[i].on_link,
		};
	ck_assert(learn(LENGTH(ours)));
	for (i = 0; i < LENGTH(known); i++)
		change(known[i], 2, true);
}

static void
teardown(void)
{
	neighbours_clear(&neighbours);
	prefix_table_free(networks);
	networks = NULL;
}

static const struct {
	const char *peer;
	bool lack;
} peers[] = {
	/* Known. */
	{ "192.0.2.9", false },
	{ "2001:db8::9", false },
	{ "fe80::9%2", false },
	/* Unknown, on our networks. */
	{ "192.0.2.8", true },
	{ "192.0.2.0", true },
	{ "192.0.2.254", true },
	{ "2001:db8::8", true },
	{ "2001:db8::ffff:ffff:ffff:ffff", true },
	{ "2001:db8::c000:209", true },
	{ "fe80::8%2", true },
	{ "203.0.113.4", true },
	/* Of a link, whatever the bits of our own address there. */
	{ "169.254.1.9", true },
	{ "169.254.9.9", true },
	/* A link-local address means nothing without its interface. */
	{ "fe80::9%3", true },
	/* Ourselves. */
	{ "127.0.0.1", false },
	{ "192.0.2.1", false },
	{ "192.0.2.2", false },
	{ "203.0.113.5", false },
	{ "2001:db8::1", false },
	{ "fe80::1%2", false },
	{ "10.1.2.3", false },
	/* Through a router. */
	{ "192.0.3.9", false },
	{ "198.51.100.9", false },
	{ "203.0.113.6", false },
	{ "10.1.2.4", false },
	{ "2001:db8:0:1::9", false },
	{ "::1", false },
};

START_TEST(test_lack)
{
	ck_assert_msg(lack(peers[_i].peer) == peers[_i].lack, "%s: %d",
	    peers[_i].peer, !peers[_i].lack);
}
END_TEST

static bool
lack_there(const char *text, uint32_t if_index)
{
	const struct mh_datagram request = { .peer = unit_address(text),
		.if_index = if_index };
	struct mh_address peer = neighbours_peer(&request);

	return neighbours_unresolved(&neighbours, &peer);
}

/* Known on one link; another may have another host of that address. */
START_TEST(test_links)
{
	struct host_neighbour neighbour = neighbour_of("169.254.9.9", 2, true);

	neighbour.address.scope = 2;
	neighbours_update(&neighbours, &neighbour);
	ck_assert(!lack_there("169.254.9.9", 2));
	ck_assert(lack_there("169.254.9.9", 3));
	ck_assert(lack_there("169.254.9.8", 2));
	/* Others may come from anywhere; and IPv6 says it itself. */
	ck_assert(!lack_there("192.0.2.9", 3));
	ck_assert(!lack_there("fe80::9%2", 3));
}
END_TEST

START_TEST(test_changes)
{
	change("192.0.2.9", 3, false);
	ck_assert_msg(!lack("192.0.2.9"), "not known elsewhere is not news");
	change("192.0.2.9", 2, false);
	ck_assert(lack("192.0.2.9"));
	change("192.0.2.9", 2, false);
	change("192.0.2.77", 2, false);
	ck_assert(!lack("2001:db8::9"));
	change("192.0.2.9", 2, true);
	change("192.0.2.9", 3, true);
	ck_assert(!lack("192.0.2.9"));
	change("192.0.2.9", 2, false);
	ck_assert_msg(!lack("192.0.2.9"), "it has moved to 3");
	ck_assert_uint_eq(neighbours.count, LENGTH(known));
	forget_all();
	ck_assert(lack("192.0.2.9"));
	ck_assert_uint_eq(neighbours.count, 0);
	change("192.0.2.9", 2, false);
	change("192.0.2.9", 2, true);
	ck_assert(!lack("192.0.2.9"));
}
END_TEST

/* Events were lost: until a new list is complete, no neighbour is forgotten. */
START_TEST(test_list)
{
	notify(HOST_NEIGHBOURS_BEGIN);
	change("2001:db8::9", 2, true);
	ck_assert(!lack("192.0.2.9"));
	change("192.0.2.8", 2, true);
	notify(HOST_NEIGHBOURS_END);
	ck_assert(lack("192.0.2.9"));
	ck_assert(lack("fe80::9%2"));
	ck_assert(!lack("192.0.2.8"));
	ck_assert(!lack("2001:db8::9"));
	ck_assert_uint_eq(neighbours.count, 2);
}
END_TEST

/* Nothing is known: that does not mean that anybody is missing. */
START_TEST(test_not_told)
{
	neighbours.watched = false;
	ck_assert(!lack("192.0.2.8"));
	neighbours.watched = true;
	ck_assert(learn(1));
	ck_assert(!lack("192.0.2.8"));
	ck_assert(!neighbours_any_on_link(&neighbours));
	ck_assert(learn(2));
	ck_assert(lack("192.0.2.8"));
	ck_assert(neighbours_any_on_link(&neighbours));
	ck_assert(!neighbours_any_on_link(NULL));
}
END_TEST

static bool
is_blocked(const char *peer, const char *local)
{
	static struct host_interface interfaces[] = {
		{ .index = 1, .name = "lo" },
		{ .index = 2, .name = "eth0", .resolves = true },
	};
	const struct host_network network = { .interfaces = interfaces,
		.interface_count = LENGTH(interfaces) };
	const struct mh_datagram request = { .peer = unit_address(peer),
		.local = unit_address(local) };

	return neighbours_way_blocked(
	    &neighbours, &network, &request, fake_host.monotonic_ns);
}

/* Routers and peers that only the system's routes say how to reach. */
START_TEST(test_way)
{
	struct host_neighbour hop = { .if_index = 2 };

	fake_host.monotonic_ns = 1;
	ck_assert_msg(!is_blocked("198.51.100.1", "192.0.2.1"), "not told");
	fake_host.next_hop = &hop;
	ck_assert(is_blocked("198.51.100.2", "192.0.2.1"));
	change("198.51.100.2", 2, true);
	ck_assert(!is_blocked("198.51.100.2", "192.0.2.1"));
	hop.address = unit_address("fe80::8%2");
	ck_assert(is_blocked("198.51.100.3", "192.0.2.1"));
	hop.address = unit_address("fe80::9%2");
	ck_assert(!is_blocked("198.51.100.3", "192.0.2.1"));
	/* Where nobody is looked for; and an interface not known yet. */
	hop.address = unit_address("192.0.2.8");
	hop.if_index = 1;
	ck_assert(!is_blocked("198.51.100.4", "192.0.2.1"));
	hop.if_index = 3;
	ck_assert(!is_blocked("198.51.100.5", "192.0.2.1"));
	neighbours.watched = false;
	hop.if_index = 2;
	ck_assert(!is_blocked("198.51.100.6", "192.0.2.1"));
}
END_TEST

/* A way that was free is not asked for again so soon; another one is. */
START_TEST(test_way_again)
{
	struct host_neighbour hop = { .address = unit_address("192.0.2.9"),
		.if_index = 2 };

	fake_host.monotonic_ns = 1;
	fake_host.next_hop = &hop;
	ck_assert(!is_blocked("198.51.100.1", "192.0.2.1"));
	hop.address = unit_address("192.0.2.8");
	fake_host.monotonic_ns += NEIGHBOURS_WAY - 1;
	ck_assert(!is_blocked("198.51.100.1", "192.0.2.1"));
	ck_assert_uint_eq(fake_host.next_hop_calls, 1);
	ck_assert(is_blocked("198.51.100.1", "192.0.2.2"));
	ck_assert(is_blocked("198.51.100.2", "192.0.2.1"));
	fake_host.monotonic_ns++;
	ck_assert(is_blocked("198.51.100.1", "192.0.2.1"));
	/* News of this moment are read before, once. */
	ck_assert_uint_eq(fake_host.neighbours_reads, 3);
	ck_assert_uint_eq(fake_host.next_hop_calls, 4);
}
END_TEST

/* In any byte order, none of them is 2001:db8::1, which is ours. */
static struct host_neighbour
numbered(unsigned int number)
{
	struct host_neighbour neighbour =
	    neighbour_of("2001:db8::", 2, number != 0);

	memcpy(neighbour.address.ip + 8, &number, sizeof(number));
	return neighbour;
}

static bool
lack_number(unsigned int number)
{
	const struct host_neighbour neighbour = numbered(number);

	return neighbours_unresolved(&neighbours, &neighbour.address);
}

/* As many as it holds, a third of them gone again; then no more. */
START_TEST(test_many)
{
	struct host_neighbour neighbour;
	unsigned int i;

	forget_all();
	for (i = 1; i <= NEIGHBOURS_MAX; i++) {
		neighbour = numbered(i);
		neighbours_update(&neighbours, &neighbour);
	}
	ck_assert_uint_eq(neighbours.count, NEIGHBOURS_MAX);
	ck_assert_uint_le(neighbours.places, 2 * NEIGHBOURS_MAX);
	neighbour = numbered(NEIGHBOURS_MAX + 1);
	neighbours_update(&neighbours, &neighbour);
	ck_assert_uint_eq(neighbours.count, NEIGHBOURS_MAX);
	ck_assert(lack_number(NEIGHBOURS_MAX + 1));
	for (i = 3; i <= NEIGHBOURS_MAX; i += 3) {
		neighbour = numbered(i);
		neighbour.event = HOST_NEIGHBOUR_ABSENT;
		neighbours_update(&neighbours, &neighbour);
	}
	for (i = 1; i <= NEIGHBOURS_MAX; i++)
		ck_assert_msg(lack_number(i) == (i % 3 == 0), "%u", i);
	ck_assert_uint_eq(
	    neighbours.count, NEIGHBOURS_MAX - NEIGHBOURS_MAX / 3);
	notify(HOST_NEIGHBOURS_BEGIN);
	for (i = 2; i <= NEIGHBOURS_MAX; i += 2) {
		neighbour = numbered(i);
		neighbours_update(&neighbours, &neighbour);
	}
	notify(HOST_NEIGHBOURS_END);
	for (i = 1; i <= NEIGHBOURS_MAX; i++)
		ck_assert_msg(lack_number(i) == (i % 2 != 0), "%u", i);
	ck_assert_uint_eq(neighbours.count, NEIGHBOURS_MAX / 2);
}
END_TEST

/* The system has the last word, but it is asked once per batch. */
START_TEST(test_still)
{
	const struct host_neighbour fresh = neighbour_of("192.0.2.8", 2, true);
	const struct mh_address absent = unit_address("192.0.2.7");

	ck_assert(neighbours_still_unresolved(&neighbours, &absent, 1));
	fake_host.neighbours = &fresh;
	fake_host.neighbour_count = 1;
	ck_assert(neighbours_still_unresolved(&neighbours, &fresh.address, 1));
	ck_assert_uint_eq(fake_host.neighbours_reads, 1);
	ck_assert(!neighbours_still_unresolved(&neighbours, &fresh.address, 2));
	ck_assert_uint_eq(fake_host.neighbours_reads, 2);
}
END_TEST

/*
 * A neighbour that is there is found within a second; half a minute, once more.
 */
START_TEST(test_tried)
{
	const struct mh_address absent = unit_address("192.0.2.7");
	const struct mh_address other = unit_address("2001:db8::7");
	const int64_t s = 1000000000, begin = 1000 * s;

	ck_assert(!neighbours_tried(&neighbours, &absent, begin));
	ck_assert(!neighbours_tried(&neighbours, &absent, begin + s - 1));
	ck_assert(neighbours_tried(&neighbours, &absent, begin + s));
	ck_assert(!neighbours_tried(&neighbours, &other, begin + s));
	ck_assert(neighbours_tried(&neighbours, &absent, begin + 30 * s - 1));
	ck_assert(!neighbours_tried(&neighbours, &absent, begin + 30 * s));
	ck_assert(neighbours_tried(&neighbours, &absent, begin + 31 * s));
}
END_TEST

/* Many cannot make room for one another; after their time it is all free. */
START_TEST(test_tried_by_many)
{
	struct host_neighbour neighbour;
	unsigned int i, round, fresh;
	int64_t now = 1;

	for (round = 0; round < 3; round++, now += NEIGHBOURS_PROMPT) {
		fresh = 0;
		for (i = 1; i <= 3 * NEIGHBOURS_TRIED; i++) {
			neighbour = numbered(i);
			fresh += !neighbours_tried(
			    &neighbours, &neighbour.address, now);
		}
		if (round == 0)
			ck_assert_uint_gt(fresh, NEIGHBOURS_TRIED / 2);
		else
			ck_assert_uint_eq(fresh, 0);
		ck_assert_uint_le(fresh, NEIGHBOURS_TRIED);
	}
	now += NEIGHBOURS_LATE;
	ck_assert(!neighbours_tried(&neighbours, &neighbour.address, now));
}
END_TEST

START_TEST(test_open)
{
	struct neighbours other = { .watched = true };

	neighbours_open(&other);
	ck_assert_msg(!other.watched, "this system does not tell");
	neighbours_clear(&other);
}
END_TEST

Suite *
neighbours_suite(void)
{
	Suite *suite = suite_create("neighbours");
	TCase *tcase = tcase_create("neighbours");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_lack, 0, LENGTH(peers));
	tcase_add_test(tcase, test_changes);
	tcase_add_test(tcase, test_links);
	tcase_add_test(tcase, test_list);
	tcase_add_test(tcase, test_not_told);
	tcase_add_test(tcase, test_way);
	tcase_add_test(tcase, test_way_again);
	tcase_add_test(tcase, test_still);
	tcase_add_test(tcase, test_tried);
	tcase_add_test(tcase, test_tried_by_many);
	tcase_add_test(tcase, test_open);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("many");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
