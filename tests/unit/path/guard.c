/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/guard.c: who may ask, and how long a reply may be.  Pure.
 */
#include "daemon/path/guard.h"

#include "platform/network.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

/*
 * The host of these tests: 192.0.2.1/24, 2001:db8::1, fe80::1%2; sockets on
 * every address port 7, 192.0.2.1 port 70, [2001:db8::1] port 71, every IPv4
 * address port 72.
 */
static struct guard_policy policy;
static struct guard_rules rules;
static struct guard_own own;
static struct loops loops;
static struct guard guard = { &policy, &rules, &own, NULL, NULL };

static struct host_address addresses[] = {
	{ .if_index = 2 },
	{ .if_index = 1 },
	{ .if_index = 2 },
	{ .if_index = 2 },
	{ .if_index = 1 },
};
static const char *const texts[][2] = {
	{ "2001:db8::1", "" },
	{ "127.0.0.1", "" },
	{ "fe80::1%2", "" },
	{ "192.0.2.1", "192.0.2.255" },
	{ "::1", "" },
};

static bool
tell_network(void)
{
	struct host_network network = { .addresses = addresses,
		.address_count = LENGTH(addresses) };

	guard_network_clear(&own.network);
	return guard_network_make(&own.network, &network);
}

/* A table with GUARD_ALLOW for these prefixes, up to NULL; "!" denies. */
static struct prefix_table *
table(const char *const *prefixes)
{
	struct prefix parsed[16];
	size_t count = 0;

	for (; prefixes[count] != NULL; count++) {
		ck_assert_int_eq(
		    prefix_parse(&parsed[count],
			prefixes[count] + (*prefixes[count] == '!')),
		    0);
		parsed[count].value =
		    *prefixes[count] == '!' ? GUARD_DENY : GUARD_ALLOW;
	}
	return prefix_table_new(parsed, count);
}

static void
setup(void)
{
	static const char *const trusted[] = { "127.0.0.0/8", "10.0.0.0/8",
		"fd00::/8", NULL };
	const struct mh_address endpoints[] = { unit_address("[::]:7"),
		unit_address("192.0.2.1:70"), unit_address("[2001:db8::1]:71"),
		unit_address("0.0.0.0:72") };
	size_t i;

	for (i = 0; i < LENGTH(addresses); i++) {
		addresses[i].address = unit_address(texts[i][0]);
		addresses[i].broadcast = unit_address(texts[i][1]);
	}
	ck_assert(tell_network());
	guard_ports_add(&policy.refused, 53);
	guard_ports_add(&policy.refused, 65535);
	ck_assert(guard_own_endpoints(
	    &own, endpoints, LENGTH(endpoints), &policy.refused));
	rules.trust = table(trusted);
	rules.max_amplification = 100;
	rules.access_otherwise = GUARD_ALLOW;
}

static void
teardown(void)
{
	guard_network_clear(&own.network);
	guard_own_clear(&own);
	guard_rules_clear(&rules);
	limit_free(policy.limit);
	memset(&policy, 0, sizeof(policy));
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
	{ "198.51.100.9:65534", 0, false, PASS },

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
	/* The same address, another port; another address, that port. */
	{ "192.0.2.1:8", 0, false, PASS },
	{ "127.0.0.1:70", 0, false, DROP_REFUSED_PORT },
	{ "192.0.2.1:71", 0, false, DROP_REFUSED_PORT },

	/*
	 * Responders' ports, and thus any port of another host that is served
	 * here.
	 */
	{ "198.51.100.9:53", 0, false, DROP_REFUSED_PORT },
	{ "[2001:db8::9]:53", 0, false, DROP_REFUSED_PORT },
	{ "127.0.0.1:53", 0, false, DROP_REFUSED_PORT },
	{ "198.51.100.9:52", 0, false, PASS },
	{ "198.51.100.9:54", 0, false, PASS },
	{ "198.51.100.9:65535", 0, false, DROP_REFUSED_PORT },
	{ "192.0.2.9:7", 0, false, DROP_REFUSED_PORT },
	{ "[2001:db8::9]:7", 0, false, DROP_REFUSED_PORT },
	{ "[fe80::1%3]:7", 0, false, DROP_REFUSED_PORT },

	/* To many. */
	{ "192.0.2.9:40000", MH_TO_BROADCAST, false, DROP_TO_BROADCAST },
	{ "192.0.2.9:40000", MH_TO_MULTICAST, false, DROP_TO_MULTICAST },
	{ "[fe80::9%2]:40000", MH_TO_MULTICAST, false, DROP_TO_MULTICAST },
	{ "192.0.2.9:40000", MH_TO_BROADCAST, true, PASS },
	{ "192.0.2.9:40000", MH_TO_MULTICAST, true, PASS },
	{ "192.0.2.1:7", MH_TO_BROADCAST, true, DROP_OWN_ENDPOINT },
};

START_TEST(test_judges_requests)
{
	const struct request_case *c = &requests[_i];
	struct mh_datagram datagram = { .peer = unit_address(c->peer),
		.flags = c->flags };

	policy.answer_broadcast = c->answer_broadcast;
	assert_verdict(
	    c->peer, guard_check(&guard, &datagram, 0).verdict, c->verdict);
}
END_TEST

/* What is unknown about this host is no reason to crash. */
START_TEST(test_does_without_tables)
{
	const struct host_network none = { .addresses = NULL };
	const struct guard_ports no_ports = { { 0 } };
	struct mh_datagram datagram = { .peer = unit_address("192.0.2.1:7") };

	guard_network_clear(&own.network);
	guard_own_clear(&own);
	guard_rules_clear(&rules);
	assert_verdict(
	    "no tables", guard_check(&guard, &datagram, 0).verdict, PASS);
	ck_assert(guard_network_make(&own.network, &none));
	ck_assert(guard_own_endpoints(&own, NULL, 0, &no_ports));
	assert_verdict(
	    "empty tables", guard_check(&guard, &datagram, 0).verdict, PASS);
}
END_TEST

/* Addresses come and go while the daemon runs. */
START_TEST(test_takes_new_addresses)
{
	struct mh_datagram before = { .peer = unit_address("192.0.2.1:7") };
	struct mh_datagram after = { .peer = unit_address("192.0.2.2:7") };
	struct mh_datagram last = { .peer = unit_address("192.0.2.3:9") };

	assert_verdict(
	    "ours", guard_check(&guard, &before, 0).verdict, DROP_OWN_ENDPOINT);
	assert_verdict("not ours yet", guard_check(&guard, &after, 0).verdict,
	    DROP_REFUSED_PORT);
	addresses[3].address = unit_address("192.0.2.2");
	addresses[3].broadcast = unit_address("192.0.2.3");
	ck_assert(tell_network());
	assert_verdict("not ours any more",
	    guard_check(&guard, &before, 0).verdict, DROP_REFUSED_PORT);
	assert_verdict("ours now", guard_check(&guard, &after, 0).verdict,
	    DROP_OWN_ENDPOINT);
	assert_verdict("broadcast now", guard_check(&guard, &last, 0).verdict,
	    DROP_SOURCE_BROADCAST);
}
END_TEST

/* A reload: the old ports no longer count. */
START_TEST(test_takes_new_endpoints)
{
	const struct mh_address endpoint = unit_address("[::]:1007");
	const struct guard_ports no_ports = { { 0 } };
	struct mh_datagram datagram = { .peer = unit_address("127.0.0.1:7") };

	ck_assert(guard_own_endpoints(&own, &endpoint, 1, &no_ports));
	assert_verdict(
	    "before", guard_check(&guard, &datagram, 0).verdict, PASS);
	datagram.peer.port = 53;
	assert_verdict(
	    "refused", guard_check(&guard, &datagram, 0).verdict, PASS);
	datagram.peer.port = 1007;
	assert_verdict("now", guard_check(&guard, &datagram, 0).verdict,
	    DROP_OWN_ENDPOINT);
}
END_TEST

/* Datagrams that arrive with the TTL of replies, whatever they are. */
static const struct {
	int16_t ttl;
	bool mark;
	enum verdict verdict;
} ttls[] = {
	{ -1, true, PASS }, /* not known */
	{ 0, true, PASS },
	{ 64, true, PASS },  /* Unix, next door */
	{ 128, true, PASS }, /* Windows, next door */
	{ 129, true, DROP_RESPONDER },
	{ 190, true, DROP_RESPONDER },
	{ 191, true, DROP_RESPONDER },
	{ 192, true, PASS }, /* 255, 63 hops away */
	{ 255, true, PASS },
	{ 191, false, PASS },
};

START_TEST(test_judges_ttls)
{
	struct mh_datagram datagram = { .peer = unit_address("10.0.0.9:40000"),
		.ttl = ttls[_i].ttl };
	char name[16];

	snprintf(name, sizeof(name), "TTL %d", ttls[_i].ttl);
	policy.mark_replies = ttls[_i].mark;
	assert_verdict(
	    name, guard_check(&guard, &datagram, 0).verdict, ttls[_i].verdict);
}
END_TEST

/* Loopback on the wire is a lie, unless it stays on loopback. */
static const struct {
	const char *peer, *local;
	enum verdict verdict;
} loopbacks[] = {
	{ "127.0.0.1:99", "127.0.0.1", PASS },
	{ "127.0.0.1:99", "127.0.0.2", PASS },
	{ "127.0.0.1:99", "", PASS },
	{ "127.0.0.1:99", "192.0.2.1", DROP_SOURCE_LOOPBACK },
	{ "127.9.9.9:99", "10.0.0.1", DROP_SOURCE_LOOPBACK },
	{ "[::1]:99", "::1", PASS },
	{ "[::1]:99", "2001:db8::1", DROP_SOURCE_LOOPBACK },
	{ "192.0.2.1:99", "127.0.0.1", PASS },
};

START_TEST(test_judges_loopback)
{
	struct mh_datagram datagram = { .peer =
					    unit_address(loopbacks[_i].peer),
		.local = unit_address(loopbacks[_i].local) };

	assert_verdict(loopbacks[_i].local,
	    guard_check(&guard, &datagram, 0).verdict, loopbacks[_i].verdict);
}
END_TEST

static const struct {
	const char *serve[4], *access[4];
	int otherwise;
	const char *peer, *local;
	enum verdict verdict;
} access_rules[] = {
#define RULE(...)                 \
	{                         \
		__VA_ARGS__, NULL \
	}
	{ RULE("192.0.2.0/24"), RULE(NULL), GUARD_ALLOW, "198.51.100.9:99",
	    "192.0.2.1", PASS },
	{ RULE("192.0.2.0/24"), RULE(NULL), GUARD_ALLOW, "198.51.100.9:99",
	    "192.0.3.1", DROP_NOT_SERVED },
	{ RULE("192.0.2.0/24"), RULE(NULL), GUARD_ALLOW, "[2001:db8::9]:99",
	    "2001:db8::1", DROP_NOT_SERVED },
	{ RULE("192.0.2.0/24"), RULE(NULL), GUARD_ALLOW, "198.51.100.9:99", "",
	    DROP_NOT_SERVED },
	{ RULE(NULL), RULE("198.51.100.0/24"), GUARD_DENY, "198.51.100.9:99",
	    "192.0.2.1", PASS },
	{ RULE(NULL), RULE("198.51.100.0/24"), GUARD_DENY, "198.51.101.9:99",
	    "192.0.2.1", DROP_NOT_ALLOWED },
	{ RULE(NULL), RULE("198.51.100.0/24"), GUARD_DENY, "[2001:db8::9]:99",
	    "2001:db8::1", DROP_NOT_ALLOWED },
	{ RULE(NULL), RULE("!198.51.100.0/24"), GUARD_ALLOW, "198.51.100.9:99",
	    "192.0.2.1", DROP_NOT_ALLOWED },
	{ RULE(NULL), RULE("!198.51.100.0/24"), GUARD_ALLOW, "198.51.101.9:99",
	    "192.0.2.1", PASS },
	/* The longest prefix decides; a trusted peer may still be denied. */
	{ RULE(NULL), RULE("!198.51.100.0/24", "198.51.100.9"), GUARD_ALLOW,
	    "198.51.100.9:99", "192.0.2.1", PASS },
	{ RULE(NULL), RULE("198.51.100.0/24", "!198.51.100.9"), GUARD_DENY,
	    "198.51.100.9:99", "192.0.2.1", DROP_NOT_ALLOWED },
	{ RULE(NULL), RULE("!10.0.0.0/8"), GUARD_ALLOW, "10.0.0.9:99",
	    "192.0.2.1", DROP_NOT_ALLOWED },
};

START_TEST(test_judges_by_rules)
{
	struct mh_datagram datagram = { .peer =
					    unit_address(access_rules[_i].peer),
		.local = unit_address(access_rules[_i].local) };

	if (access_rules[_i].serve[0] != NULL)
		rules.serve = table(access_rules[_i].serve);
	if (access_rules[_i].access[0] != NULL)
		rules.access = table(access_rules[_i].access);
	rules.access_otherwise = access_rules[_i].otherwise;
	assert_verdict(access_rules[_i].peer,
	    guard_check(&guard, &datagram, 0).verdict,
	    access_rules[_i].verdict);
}
END_TEST

/* The arithmetic is limit.c's; whom it applies to is decided here. */
START_TEST(test_limits_rates)
{
	static const struct limit_options options = {
		.buckets = 1024, .ipv4_bits = 32, .ipv6_bits = 64
	};
	struct mh_datagram stranger = { .peer =
					    unit_address("198.51.100.9:99") };
	struct mh_datagram other = { .peer = unit_address("198.51.100.8:99") };
	struct mh_datagram trusted = { .peer = unit_address("10.0.0.9:99") };
	int64_t now = INT64_C(1000000000000);
	int i;

	policy.limit = limit_new(&options);
	rules.rate = (struct limit_rate){ 1, 2 };
	policy.rate_total = (struct limit_rate){ 1, 3 };
	assert_verdict(
	    "first", guard_check(&guard, &stranger, now).verdict, PASS);
	assert_verdict(
	    "burst", guard_check(&guard, &stranger, now).verdict, PASS);
	assert_verdict(
	    "too many", guard_check(&guard, &stranger, now).verdict, DROP_RATE);
	assert_verdict(
	    "another", guard_check(&guard, &other, now).verdict, PASS);
	assert_verdict("all together", guard_check(&guard, &other, now).verdict,
	    DROP_RATE_TOTAL);
	for (i = 0; i < 100; i++)
		assert_verdict("trusted",
		    guard_check(&guard, &trusted, now).verdict, PASS);
	now += INT64_C(1000000000);
	assert_verdict("a second later",
	    guard_check(&guard, &stranger, now).verdict, PASS);
	assert_verdict("too many again",
	    guard_check(&guard, &stranger, now).verdict, DROP_RATE);
}
END_TEST

/* Neighbours in a batch, each different from another in one respect. */
static const struct {
	const char *peer, *local;
	int16_t ttl;
	uint32_t flags;
	enum verdict verdict;
} neighbours[] = {
	{ "10.0.0.9:40000", "192.0.2.1", 64, 0, PASS },
	{ "10.0.0.9:53", "192.0.2.1", 64, 0, DROP_REFUSED_PORT },
	{ "10.0.0.8:40000", "192.0.2.1", 64, 0, DROP_NOT_ALLOWED },
	{ "10.0.0.9:40000", "192.0.2.2", 64, 0, DROP_NOT_SERVED },
	{ "10.0.0.9:40000", "192.0.2.1", 191, 0, DROP_RESPONDER },
	{ "10.0.0.9:40000", "192.0.2.1", 64, MH_TRUNCATED, DROP_TRUNCATED },
	{ "10.0.0.9:40000", "192.0.2.1", 64, MH_TO_MULTICAST,
	    DROP_TO_MULTICAST },
	{ "11.0.0.9:40000", "192.0.2.1", 64, 0, DROP_RATE },
	{ "[fe80::1%2]:7", "fe80::1%2", 64, 0, DROP_OWN_ENDPOINT },
	{ "[fe80::1%3]:7", "fe80::1%2", 64, 0, DROP_REFUSED_PORT },
};

static struct mh_datagram
neighbour(size_t i)
{
	return (struct mh_datagram){ .peer = unit_address(neighbours[i].peer),
		.local = unit_address(neighbours[i].local),
		.ttl = neighbours[i].ttl,
		.flags = neighbours[i].flags };
}

/* What is remembered of the previous one does not change a verdict. */
START_TEST(test_remembers_the_last)
{
	static const struct limit_options options = {
		.buckets = 1024, .ipv4_bits = 32, .ipv6_bits = 64
	};
	static const char *const serve[] = { "192.0.2.1", "fe80::/10", NULL };
	static const char *const access[] = { "!10.0.0.8", NULL };
	struct mh_datagram batch[3];
	struct guard_last last = { .request = NULL };
	size_t i, j;

	policy.mark_replies = true;
	policy.limit = limit_new(&options);
	rules.rate = (struct limit_rate){ 1, 1 };
	rules.serve = table(serve);
	rules.access = table(access);
	rules.access_otherwise = GUARD_ALLOW;
	/* Nothing is left for the stranger. */
	batch[0] = neighbour(7);
	(void)guard_check(&guard, &batch[0], 0).verdict;
	for (i = 0; i < LENGTH(neighbours); i++)
		for (j = 0; j < LENGTH(neighbours); j++) {
			batch[0] = neighbour(i);
			batch[1] = batch[2] = neighbour(j);
			last.request = NULL;
			assert_verdict(neighbours[i].peer,
			    guard_next(&guard, &batch[0], 0, &last).verdict,
			    neighbours[i].verdict);
			assert_verdict(neighbours[j].peer,
			    guard_next(&guard, &batch[1], 0, &last).verdict,
			    neighbours[j].verdict);
			assert_verdict(neighbours[j].peer,
			    guard_next(&guard, &batch[2], 0, &last).verdict,
			    neighbours[j].verdict);
		}
}
END_TEST

/* Near peers: what is asked must be as unreachable from outside as the peer. */
static const struct {
	const char *peer, *asked;
	bool trusted;
} nearby[] = {
	{ "127.0.0.1:99", "127.0.0.1", true },
	{ "127.0.0.1:99", "127.0.0.2", true },
	{ "127.0.0.1:99", "", true },
	{ "[::1]:99", "::1", true },
	{ "10.0.0.9:99", "10.0.0.1", true },
	{ "10.0.0.9:99", "192.168.0.1", true },
	{ "172.16.0.9:99", "172.31.0.1", true },
	{ "192.168.77.77:99", "10.0.0.1", true },
	{ "[fd00::9]:99", "fd00::1", true },
	{ "[fd00::9]:99", "fc00::1", true },
	/* Anybody outside could have sent these. */
	{ "10.0.0.9:99", "192.0.2.1", false },
	{ "172.16.0.9:99", "192.0.2.1", false },
	{ "192.168.77.77:99", "192.0.2.1", false },
	{ "10.0.0.9:99", "", false },
	{ "10.0.0.9:99", "169.254.0.1", false },
	{ "[fd00::9]:99", "2001:db8::1", false },
	{ "[fd00::9]:99", "fe80::1%2", false },
	{ "[fd00::9]:99", "", false },
	{ "169.254.169.254:99", "192.0.2.1", false },
	{ "169.254.169.254:99", "10.0.0.1", false },
	{ "169.254.169.254:99", "", false },
	{ "169.254.169.254:99", "169.254.0.1", true },
	/* On the link, whatever is asked. */
	{ "[fe80::9%2]:99", "fe80::1%2", true },
	{ "[fe80::9%2]:99", "2001:db8::1", true },
	/* Strangers, whatever they ask. */
	{ "198.51.100.9:99", "10.0.0.1", false },
	{ "[2001:db8::9]:99", "fd00::1", false },
	{ "172.32.0.9:99", "10.0.0.1", false },
};

static bool
is_trusted(const struct mh_datagram *request)
{
	const struct guard_result answer = guard_check(&guard, request, 0);

	ck_assert_int_eq(answer.verdict, PASS);
	return answer.allowance == SIZE_MAX;
}

START_TEST(test_trusts_who_is_near)
{
	static const char *const named[] = { "198.51.100.9", NULL };
	const struct mh_datagram request = { .peer =
						 unit_address(nearby[_i].peer),
		.local = unit_address(nearby[_i].asked) };
	const struct mh_datagram other = { .peer =
					       unit_address("198.51.100.9:1") };

	prefix_table_free(rules.trust);
	rules.trust = NULL;
	ck_assert(!is_trusted(&request));
	rules.trust_local = true;
	ck_assert_msg(is_trusted(&request) == nearby[_i].trusted, "%s asks %s",
	    nearby[_i].peer, nearby[_i].asked);
	/* A named peer is trusted as well, or is the only one. */
	rules.trust = table(named);
	ck_assert_msg(is_trusted(&request) ==
		(nearby[_i].trusted || request.peer.ip[0] == 198),
	    "%s asks %s", nearby[_i].peer, nearby[_i].asked);
	ck_assert(is_trusted(&other));
	rules.trust_local = false;
	ck_assert(is_trusted(&request) == (request.peer.ip[0] == 198));
}
END_TEST

/* Trust does not make a service an amplifier, but it lifts its rate limit. */
START_TEST(test_bounds_amplifiers)
{
	static const struct limit_options options = {
		.buckets = 1024, .ipv4_bits = 32, .ipv6_bits = 64
	};
	const struct mh_datagram request = { .peer = unit_address("10.0.0.9:1"),
		.length = 100 };
	struct guard_result answer;
	int i;

	policy.limit = limit_new(&options);
	rules.rate = (struct limit_rate){ 1, 1 };
	rules.amplifies = true;
	rules.max_amplification = 150;
	for (i = 0; i < 3; i++) {
		answer = guard_check(&guard, &request, 0);
		assert_verdict("trusted", answer.verdict, PASS);
		ck_assert_uint_eq(answer.allowance, 150);
	}
	rules.amplifies = false;
	ck_assert(is_trusted(&request));
}
END_TEST

/*
 * What a loop is, is up to loops.c; whom it is asked about, and when, is here.
 */
static unsigned int
count_loops(const struct mh_datagram *request)
{
	unsigned int i, dropped = 0;

	ck_assert(loops_init(&loops, (const uint8_t *)"sixteen bytes of"));
	guard.loops = &loops;
	for (i = 0; i < 1000; i++)
		dropped +=
		    guard_check(&guard, request, 1000000).verdict == DROP_LOOP;
	loops_clear(&loops);
	guard.loops = NULL;
	return dropped;
}

START_TEST(test_looks_for_loops)
{
	static const struct limit_options options = {
		.buckets = 1024, .ipv4_bits = 32, .ipv6_bits = 64
	};
	struct mh_datagram request = { .peer = unit_address("198.51.100.9:99"),
		.local = unit_address("192.0.2.1"),
		.data = (char[]){ "data" },
		.length = 4 };

	ck_assert_uint_gt(count_loops(&request), 500);
	/* A trusted peer's as well. */
	request.peer = unit_address("10.0.0.9:99");
	ck_assert_uint_gt(count_loops(&request), 500);
	/* It comes before the rate, or the rate would hide it. */
	request.peer = unit_address("198.51.100.9:99");
	policy.limit = limit_new(&options);
	rules.rate = (struct limit_rate){ 1, 1 };
	ck_assert_uint_gt(count_loops(&request), 500);
	/* Not what is dropped anyway, nor what tells requests from replies. */
	request.ttl = 191;
	policy.mark_replies = true;
	ck_assert_uint_eq(count_loops(&request), 0);
	policy.mark_replies = false;
	rules.distinct_replies = true;
	ck_assert_uint_eq(count_loops(&request), 0);
}
END_TEST

static const struct reply_case {
	const char *peer;
	unsigned int max_amplification;
	size_t request;
	size_t reply;
	bool fits;
	unsigned int bound_ipv4, bound_ipv6;
} replies[] = {
	/*
	 * Strangers get no more than they sent; over IPv4 up to 18 bytes count
	 * as 18, over IPv6 the headers alone fill the smallest frame.
	 */
	{ "198.51.100.9:1", 100, 0, 0, true, 0, 0 },
	{ "198.51.100.9:1", 100, 0, 18, true, 0, 0 },
	{ "198.51.100.9:1", 100, 0, 19, false, 0, 0 },
	{ "198.51.100.9:1", 100, 17, 18, true, 0, 0 },
	{ "198.51.100.9:1", 100, 18, 18, true, 0, 0 },
	{ "198.51.100.9:1", 100, 18, 19, false, 0, 0 },
	{ "198.51.100.9:1", 100, 19, 19, true, 0, 0 },
	{ "198.51.100.9:1", 100, 19, 20, false, 0, 0 },
	{ "198.51.100.9:1", 100, 65507, 65507, true, 0, 0 },
	{ "198.51.100.9:1", 100, 512, 4, true, 0, 0 },
	{ "[2001:db8::9]:1", 100, 0, 0, true, 0, 0 },
	{ "[2001:db8::9]:1", 100, 0, 1, false, 0, 0 },
	{ "[2001:db8::9]:1", 100, 17, 18, false, 0, 0 },
	{ "[2001:db8::9]:1", 100, 18, 18, true, 0, 0 },
	{ "[2001:db8::9]:1", 100, 18, 19, false, 0, 0 },
	{ "[2001:db8::9]:1", 100, 100, 101, false, 0, 0 },
	/* Another ratio. */
	{ "198.51.100.9:1", 220, 20, 44, true, 0, 0 },
	{ "198.51.100.9:1", 220, 20, 45, false, 0, 0 },
	{ "[2001:db8::9]:1", 220, 20, 44, true, 0, 0 },
	{ "[2001:db8::9]:1", 220, 20, 45, false, 0, 0 },
	{ "198.51.100.9:1", 50, 100, 50, true, 0, 0 },
	{ "198.51.100.9:1", 50, 100, 51, false, 0, 0 },
	{ "198.51.100.9:1", 50, 18, 10, false, 0, 0 },
	{ "198.51.100.9:1", 0, 100, 1, false, 0, 0 },
	/* Trusted peers get all. */
	{ "127.0.0.1:1", 100, 0, 65507, true, 0, 0 },
	{ "127.255.255.255:1", 100, 0, 100, true, 0, 0 },
	{ "128.0.0.0:1", 100, 0, 100, false, 0, 0 },
	{ "10.0.0.1:1", 0, 0, 100, true, 0, 0 },
	{ "11.0.0.1:1", 100, 0, 100, false, 0, 0 },
	{ "[fd00::1]:1", 50, 0, 100, true, 0, 0 },
	{ "[fc00::1]:1", 100, 0, 100, false, 0, 0 },
	/*
	 * What the protocol needs, including headers of 28 and 48 octets: 48 x
	 * 1.6 = 76, 68 x 2.2 = 149.
	 */
	{ "198.51.100.9:1", 100, 20, 48, true, 160, 220 },
	{ "198.51.100.9:1", 100, 20, 49, false, 160, 220 },
	{ "[2001:db8::9]:1", 100, 20, 101, true, 160, 220 },
	{ "[2001:db8::9]:1", 100, 20, 102, false, 160, 220 },
	{ "[2001:db8::9]:1", 100, 20, 21, false, 160, 0 },
	{ "198.51.100.9:1", 100, 20, 21, false, 0, 220 },
	/* The greater of the two; and less than the headers is nothing. */
	{ "198.51.100.9:1", 300, 20, 60, true, 160, 220 },
	{ "198.51.100.9:1", 100, 20, 20, true, 50, 50 },
	{ "198.51.100.9:1", 0, 20, 1, false, 50, 50 },
};

START_TEST(test_judges_replies)
{
	const struct reply_case *c = &replies[_i];
	const struct mh_datagram request = { .peer = unit_address(c->peer),
		.length = c->request };
	struct guard_result answer;

	rules.max_amplification = c->max_amplification;
	rules.bound_ipv4 = c->bound_ipv4;
	rules.bound_ipv6 = c->bound_ipv6;
	answer = guard_check(&guard, &request, 0);
	ck_assert_int_eq(answer.verdict, PASS);
	ck_assert_msg((c->reply <= answer.allowance) == c->fits,
	    "%s, %zu for %zu: %zu", c->peer, c->reply, c->request,
	    answer.allowance);
	/* 1232, or more if anybody may have more. */
	ck_assert_uint_eq(guard_allowance_proven(answer.allowance),
	    answer.allowance < 1232 ? 1232 : answer.allowance);
}
END_TEST

/* A protocol that tells requests from replies may be asked from anywhere... */
START_TEST(test_distinct_replies)
{
	const struct mh_datagram refused = { .peer = unit_address(
						 "198.51.100.9:53") };
	const struct mh_datagram ours = { .peer = unit_address("192.0.2.1:7") };

	assert_verdict("refused", guard_check(&guard, &refused, 0).verdict,
	    DROP_REFUSED_PORT);
	rules.distinct_replies = true;
	assert_verdict("asked", guard_check(&guard, &refused, 0).verdict, PASS);
	/* ...but not by ourselves. */
	assert_verdict(
	    "ours", guard_check(&guard, &ours, 0).verdict, DROP_OWN_ENDPOINT);
}
END_TEST

/* Every verdict has its own name, suitable for a counter. */
START_TEST(test_names_each_verdict)
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
	tcase_add_loop_test(tcase, test_judges_requests, 0, LENGTH(requests));
	tcase_add_test(tcase, test_does_without_tables);
	tcase_add_test(tcase, test_takes_new_addresses);
	tcase_add_test(tcase, test_takes_new_endpoints);
	tcase_add_loop_test(tcase, test_judges_ttls, 0, LENGTH(ttls));
	tcase_add_loop_test(tcase, test_judges_loopback, 0, LENGTH(loopbacks));
	tcase_add_loop_test(
	    tcase, test_judges_by_rules, 0, LENGTH(access_rules));
	tcase_add_test(tcase, test_limits_rates);
	tcase_add_test(tcase, test_remembers_the_last);
	tcase_add_loop_test(tcase, test_trusts_who_is_near, 0, LENGTH(nearby));
	tcase_add_test(tcase, test_bounds_amplifiers);
	tcase_add_test(tcase, test_looks_for_loops);
	tcase_add_loop_test(tcase, test_judges_replies, 0, LENGTH(replies));
	tcase_add_test(tcase, test_distinct_replies);
	tcase_add_test(tcase, test_names_each_verdict);
	suite_add_tcase(suite, tcase);
	return suite;
}
