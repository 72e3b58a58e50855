/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/guard.c: who may ask, and how much may be said.  Pure.
 */
#include "daemon/guard.h"

#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The host of these tests: 192.0.2.1/24, 2001:db8::1, fe80::1%2; sockets on
 * every address port 7, 192.0.2.1 port 70, [2001:db8::1] port 71.
 */
static struct guard guard;

static const char *const own[] = { "2001:db8::1", "127.0.0.1", "fe80::1%2",
	"192.0.2.1", "::1" };
static const char *const broadcasts[] = { "192.0.2.255", "10.255.255.255" };
static const char *const endpoints[] = { "[::]:7", "192.0.2.1:70",
	"[2001:db8::1]:71", "0.0.0.0:72" };

/* A malloc'd table, as the guard takes it over. */
static struct mh_address *
table(const char *const texts[], size_t count)
{
	struct mh_address *addresses = calloc(count, sizeof(*addresses));
	size_t i;

	ck_assert_ptr_nonnull(addresses);
	for (i = 0; i < count; i++)
		addresses[i] = unit_address(texts[i]);
	return addresses;
}

static void
setup(void)
{
	struct mh_address endpoint;
	size_t i;

	guard_set_own(&guard, table(own, LENGTH(own)), LENGTH(own));
	guard_set_broadcasts(
	    &guard, table(broadcasts, LENGTH(broadcasts)), LENGTH(broadcasts));
	for (i = 0; i < LENGTH(endpoints); i++) {
		endpoint = unit_address(endpoints[i]);
		ck_assert_int_eq(guard_add_endpoint(&guard, &endpoint), 0);
	}
}

static void
teardown(void)
{
	guard_clear(&guard);
}

static void
assert_verdict(const char *name, enum verdict got, enum verdict expected)
{
	ck_assert_msg(got == expected, "%s: %s instead of %s", name,
	    verdict_name(got), verdict_name(expected));
}

static const struct request_case {
	const char *peer;
	uint32_t flags;
	bool answer_broadcast;
	enum verdict verdict;
} requests[] = {
	{ "198.51.100.9:40000", 0, false, PASS },
	{ "[2001:db8::9]:40000", 0, false, PASS },
	{ "[fe80::9%2]:40000", 0, false, PASS },
	{ "127.0.0.1:40000", 0, false, PASS },
	{ "[::1]:40000", 0, false, PASS },
	{ "192.0.2.1:40000", 0, false, PASS },
	{ "198.51.100.9:1", 0, false, PASS },
	{ "198.51.100.9:65535", 0, false, PASS },

	/* Not whole; nobody to answer. */
	{ "198.51.100.9:40000", MH_TRUNCATED, false, DROP_TRUNCATED },
	{ "198.51.100.9:40000", MH_TRUNCATED, true, DROP_TRUNCATED },
	{ "198.51.100.9:40000", MH_CONTROL_TRUNCATED, false, PASS },
	{ "198.51.100.9:0", 0, false, DROP_SOURCE_PORT_0 },
	{ "[2001:db8::9]:0", 0, false, DROP_SOURCE_PORT_0 },
	{ "0.0.0.0:40000", 0, false, DROP_SOURCE_UNSPECIFIED },
	{ "0.1.2.3:40000", 0, false, DROP_SOURCE_UNSPECIFIED },
	{ "[::]:40000", 0, false, DROP_SOURCE_UNSPECIFIED },
	{ ":40000", 0, false, DROP_SOURCE_UNSPECIFIED },
	{ "224.0.0.1:40000", 0, false, DROP_SOURCE_MULTICAST },
	{ "[ff02::1%2]:40000", 0, false, DROP_SOURCE_MULTICAST },
	{ "255.255.255.255:40000", 0, false, DROP_SOURCE_BROADCAST },
	{ "192.0.2.255:40000", 0, false, DROP_SOURCE_BROADCAST },
	{ "10.255.255.255:40000", 0, false, DROP_SOURCE_BROADCAST },
	{ "192.0.2.254:40000", 0, false, PASS },
	/* Answering broadcasts does not make these any better. */
	{ "192.0.2.255:40000", 0, true, DROP_SOURCE_BROADCAST },
	{ "224.0.0.1:40000", 0, true, DROP_SOURCE_MULTICAST },

	/* Our own sockets. */
	{ "127.0.0.1:7", 0, false, DROP_OWN_ENDPOINT },
	{ "127.0.0.2:7", 0, false, DROP_OWN_ENDPOINT },
	{ "127.255.255.254:7", 0, false, DROP_OWN_ENDPOINT },
	{ "[::1]:7", 0, false, DROP_OWN_ENDPOINT },
	{ "192.0.2.1:7", 0, false, DROP_OWN_ENDPOINT },
	{ "[2001:db8::1]:7", 0, false, DROP_OWN_ENDPOINT },
	{ "[fe80::1%2]:7", 0, false, DROP_OWN_ENDPOINT },
	{ "192.0.2.1:70", 0, false, DROP_OWN_ENDPOINT },
	{ "[2001:db8::1]:71", 0, false, DROP_OWN_ENDPOINT },
	{ "192.0.2.1:72", 0, false, DROP_OWN_ENDPOINT },
	/* The same address, another port; another host's port of ours. */
	{ "192.0.2.1:8", 0, false, PASS },
	{ "127.0.0.1:70", 0, false, PASS },
	{ "192.0.2.1:71", 0, false, PASS },
	{ "192.0.2.9:7", 0, false, PASS },
	{ "[2001:db8::9]:7", 0, false, PASS },
	{ "[fe80::1%3]:7", 0, false, PASS },

	/* To many. */
	{ "192.0.2.9:40000", MH_TO_BROADCAST, false, DROP_TO_BROADCAST },
	{ "192.0.2.9:40000", MH_TO_MULTICAST, false, DROP_TO_MULTICAST },
	{ "[fe80::9%2]:40000", MH_TO_MULTICAST, false, DROP_TO_MULTICAST },
	{ "192.0.2.9:40000", MH_TO_BROADCAST, true, PASS },
	{ "192.0.2.9:40000", MH_TO_MULTICAST, true, PASS },
	{ "192.0.2.1:7", MH_TO_BROADCAST, true, DROP_OWN_ENDPOINT },
};

START_TEST(judges_requests)
{
	const struct request_case *c = &requests[_i];
	struct mh_datagram datagram = { .peer = unit_address(c->peer),
		.flags = c->flags };

	guard.answer_broadcast = c->answer_broadcast;
	assert_verdict(c->peer, guard_request(&guard, &datagram), c->verdict);
}
END_TEST

/* What is not known of this host is no reason to fall over. */
START_TEST(does_without_tables)
{
	struct mh_datagram datagram = { .peer = unit_address("192.0.2.1:7") };

	guard_clear(&guard);
	assert_verdict("no tables", guard_request(&guard, &datagram), PASS);
	guard_set_own(&guard, NULL, 0);
	guard_set_broadcasts(&guard, NULL, 0);
	assert_verdict("empty tables", guard_request(&guard, &datagram), PASS);
}
END_TEST

/* Addresses come and go while the daemon runs. */
START_TEST(takes_new_tables)
{
	static const char *const after[] = { "192.0.2.2" };
	struct mh_datagram datagram = { .peer = unit_address("192.0.2.2:7") };

	assert_verdict("before", guard_request(&guard, &datagram), PASS);
	guard_set_own(&guard, table(after, 1), 1);
	assert_verdict(
	    "after", guard_request(&guard, &datagram), DROP_OWN_ENDPOINT);
	datagram.peer = unit_address("192.0.2.1:7");
	assert_verdict("gone", guard_request(&guard, &datagram), PASS);
	datagram.peer = unit_address("192.0.2.2:40000");
	guard_set_broadcasts(&guard, table(after, 1), 1);
	assert_verdict("broadcast", guard_request(&guard, &datagram),
	    DROP_SOURCE_BROADCAST);
}
END_TEST

static const struct reply_case {
	const char *peer;
	size_t request;
	size_t reply;
	enum verdict verdict;
} replies[] = {
	/* Strangers get no more than they sent; 18 bytes are one size. */
	{ "198.51.100.9:1", 0, 0, PASS },
	{ "198.51.100.9:1", 0, 18, PASS },
	{ "198.51.100.9:1", 0, 19, DROP_TOO_LONG },
	{ "198.51.100.9:1", 17, 18, PASS },
	{ "198.51.100.9:1", 18, 18, PASS },
	{ "198.51.100.9:1", 18, 19, DROP_TOO_LONG },
	{ "198.51.100.9:1", 19, 19, PASS },
	{ "198.51.100.9:1", 19, 20, DROP_TOO_LONG },
	{ "198.51.100.9:1", 65507, 65507, PASS },
	{ "198.51.100.9:1", 512, 4, PASS },
	{ "[2001:db8::9]:1", 0, 18, PASS },
	{ "[2001:db8::9]:1", 18, 19, DROP_TOO_LONG },
	{ "[2001:db8::9]:1", 100, 101, DROP_TOO_LONG },
	/* The limits of the networks that are trusted. */
	{ "127.0.0.1:1", 0, 65507, PASS },
	{ "127.255.255.255:1", 0, 100, PASS },
	{ "128.0.0.0:1", 0, 100, DROP_TOO_LONG },
	{ "[::1]:1", 0, 100, PASS },
	{ "[::2]:1", 0, 100, DROP_TOO_LONG },
	{ "169.254.0.1:1", 0, 100, PASS },
	{ "169.255.0.1:1", 0, 100, DROP_TOO_LONG },
	{ "[fe80::9%2]:1", 0, 100, PASS },
	{ "[fec0::9]:1", 0, 100, DROP_TOO_LONG },
	{ "10.0.0.1:1", 0, 100, PASS },
	{ "11.0.0.1:1", 0, 100, DROP_TOO_LONG },
	{ "172.16.0.1:1", 0, 100, PASS },
	{ "172.31.255.255:1", 0, 100, PASS },
	{ "172.32.0.1:1", 0, 100, DROP_TOO_LONG },
	{ "192.168.0.1:1", 0, 100, PASS },
	{ "192.169.0.1:1", 0, 100, DROP_TOO_LONG },
	{ "[fd00::1]:1", 0, 100, PASS },
	{ "[fbff::1]:1", 0, 100, DROP_TOO_LONG },
	{ "[fe00::1]:1", 0, 100, DROP_TOO_LONG },
};

START_TEST(judges_replies)
{
	const struct reply_case *c = &replies[_i];
	const struct mh_datagram request = { .peer = unit_address(c->peer),
		.length = c->request };
	char name[100];

	snprintf(name, sizeof(name), "%s, %u for %u", c->peer,
	    (unsigned int)c->reply, (unsigned int)c->request);
	assert_verdict(name, guard_reply(&request, c->reply), c->verdict);
}
END_TEST

/* Every verdict has a name of its own, made for a counter. */
START_TEST(names_each_verdict)
{
	const char *name;
	unsigned int i, j;

	for (i = 0; i < VERDICT_COUNT; i++) {
		name = verdict_name(i);
		ck_assert_msg(name != NULL, "verdict %u has no name", i);
		ck_assert_msg(strspn(name, "abcdefghijklmnopqrstuvwxyz-0") ==
			strlen(name),
		    "\"%s\"", name);
		for (j = 0; j < i; j++)
			ck_assert_str_ne(name, verdict_name(j));
	}
}
END_TEST

Suite *
guard_suite(void)
{
	Suite *suite = suite_create("guard");
	TCase *tcase = tcase_create("guard");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, judges_requests, 0, LENGTH(requests));
	tcase_add_test(tcase, does_without_tables);
	tcase_add_test(tcase, takes_new_tables);
	tcase_add_loop_test(tcase, judges_replies, 0, LENGTH(replies));
	tcase_add_test(tcase, names_each_verdict);
	suite_add_tcase(suite, tcase);
	return suite;
}
