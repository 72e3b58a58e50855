/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/ends.c: which of our endpoints a request can be answered
 * from.  Over the fake system, which knows what is local.
 */
#include "daemon/path/ends.h"

#include "unit/fixture.h"
#include "platform/network.h"

#include <string.h>

/* A host's addresses, in this order; "-": it cannot be used (yet). */
static const struct {
	const char *addresses[8];
	const char *ipv4[2], *ipv6[2]; /* those to choose from */
} hosts[] = {
	{ { NULL }, { "", "" }, { "", "" } },
	{ { "127.0.0.1", "::1", "fe80::1%2", "169.254.1.1" }, { "", "" },
	    { "", "" } },
	{ { "127.0.0.1", "192.0.2.1", "192.0.2.2", "192.0.2.3" },
	    { "192.0.2.1", "192.0.2.2" }, { "", "" } },
	{ { "10.0.0.1", "fd00::1", "2001:db8::1", "2001:db8::2" },
	    { "10.0.0.1", "" }, { "fd00::1", "2001:db8::1" } },
	{ { "-192.0.2.1", "192.0.2.2", "-2001:db8::1", "2001:db8::2" },
	    { "192.0.2.2", "" }, { "2001:db8::2", "" } },
};

START_TEST(test_learns)
{
	const char *const *text = hosts[_i].addresses;
	struct host_address items[8] = { { .if_index = 0 } };
	struct host_network network = { .addresses = items };
	struct ends_addresses addresses;
	unsigned int i;

	for (; *text != NULL; text++) {
		struct mh_address *address =
		    &items[network.address_count++].address;

		*address = unit_address(*text + (**text == '-'));
		if (**text != '-')
			fake_local_add(address);
	}
	ends_learn(&addresses, &network);
	for (i = 0; i < 2; i++) {
		unit_assert_address(
		    &addresses.ipv4[i], hosts[_i].ipv4[i], "IPv4");
		unit_assert_address(
		    &addresses.ipv6[i], hosts[_i].ipv6[i], "IPv6");
	}
}
END_TEST

/* A service's sockets: endpoint, families, pair, other port; asked by one. */
static const struct end_case {
	const char *name;
	struct {
		const char *bound;
		const char *families; /* "4", "6", "46" */
		size_t pair;
		bool is_other;
	} members[4];
	unsigned int self; /* which of them was asked */
	const char *peer, *local;
	uint32_t flags;
	const char *ends[SERVICE_ENDS]; /* "": none */
	int outboxes[SERVICE_ENDS];     /* by which; -1: none */
} cases[] = {
	{ "one socket for every address", { { "[::]:7", "46", 0, false } }, 0,
	    "198.51.100.9:9", "192.0.2.1", 0,
	    { "192.0.2.1:7", "", "192.0.2.2:7", "" }, { 0, -1, 0, -1 } },
	{ "two ports",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "198.51.100.9:9", "192.0.2.2", 0,
	    { "192.0.2.2:7", "192.0.2.2:8", "192.0.2.1:7", "192.0.2.1:8" },
	    { 0, 1, 0, 1 } },
	{ "two ports, the other asked",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 1,
	    "198.51.100.9:9", "192.0.2.1", 0,
	    { "192.0.2.1:8", "192.0.2.1:7", "192.0.2.2:8", "192.0.2.2:7" },
	    { 1, 0, 1, 0 } },
	{ "IPv6 with a single address",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "[2001:db8::9]:9", "2001:db8::1", 0,
	    { "[2001:db8::1]:7", "[2001:db8::1]:8", "", "" },
	    { 0, 1, -1, -1 } },
	{ "two sockets for two families",
	    { { "0.0.0.0:7", "4", 0, false }, { "[::]:7", "6", 0, false },
		{ "0.0.0.0:8", "4", 0, true }, { "[::]:8", "6", 0, true } },
	    0, "198.51.100.9:9", "192.0.2.1", 0,
	    { "192.0.2.1:7", "192.0.2.1:8", "192.0.2.2:7", "192.0.2.2:8" },
	    { 0, 2, 0, 2 } },
	{ "two sockets for two families, IPv6",
	    { { "0.0.0.0:7", "4", 0, false }, { "[::]:7", "6", 0, false },
		{ "0.0.0.0:8", "4", 0, true }, { "[::]:8", "6", 0, true } },
	    1, "[2001:db8::9]:9", "2001:db8::7", 0,
	    { "[2001:db8::7]:7", "[2001:db8::7]:8", "[2001:db8::1]:7",
		"[2001:db8::1]:8" },
	    { 1, 3, 1, 3 } },
	{ "a socket for each address",
	    { { "192.0.2.1:7", "4", 0, false }, { "192.0.2.1:8", "4", 0, true },
		{ "192.0.2.5:7", "4", 1, false },
		{ "192.0.2.5:8", "4", 1, true } },
	    2, "198.51.100.9:9", "192.0.2.5", 0,
	    { "192.0.2.5:7", "192.0.2.5:8", "192.0.2.1:7", "192.0.2.1:8" },
	    { 2, 3, 0, 1 } },
	{ "pairs that share a port",
	    { { "192.0.2.1:7", "4", 0, false }, { "192.0.2.1:8", "4", 0, true },
		{ "192.0.2.5:8", "4", 1, false },
		{ "192.0.2.5:9", "4", 1, true } },
	    1, "198.51.100.9:9", "192.0.2.1", 0,
	    { "192.0.2.1:8", "192.0.2.1:7", "192.0.2.5:8", "" },
	    { 1, 0, 2, -1 } },
	{ "loopback is no other address for those outside",
	    { { "192.0.2.1:7", "4", 0, false },
		{ "127.0.0.1:7", "4", 1, false },
		{ "192.0.2.5:7", "4", 2, false } },
	    0, "198.51.100.9:9", "192.0.2.1", 0,
	    { "192.0.2.1:7", "", "192.0.2.5:7", "" }, { 0, -1, 2, -1 } },
	{ "but it is for this host itself",
	    { { "127.0.0.1:7", "4", 0, false },
		{ "127.0.0.2:7", "4", 1, false } },
	    0, "127.0.0.1:9", "127.0.0.1", 0,
	    { "127.0.0.1:7", "", "127.0.0.2:7", "" }, { 0, -1, 1, -1 } },
	{ "a link-local address on the same link only",
	    { { "[fe80::1%2]:7", "6", 0, false },
		{ "[fe80::2%3]:7", "6", 1, false },
		{ "[fe80::3%2]:7", "6", 2, false } },
	    0, "[fe80::9%2]:9", "fe80::1%2", 0,
	    { "[fe80::1%2]:7", "", "[fe80::3%2]:7", "" }, { 0, -1, 2, -1 } },
	{ "a global address has no link-local other",
	    { { "[2001:db8::1]:7", "6", 0, false },
		{ "[fe80::2%3]:7", "6", 1, false } },
	    0, "[2001:db8::9]:9", "2001:db8::1", 0,
	    { "[2001:db8::1]:7", "", "", "" }, { 0, -1, -1, -1 } },
	{ "pairs that share a port, the second asked",
	    { { "192.0.2.1:7", "4", 0, false }, { "192.0.2.1:8", "4", 0, true },
		{ "192.0.2.5:8", "4", 1, false },
		{ "192.0.2.5:9", "4", 1, true } },
	    2, "198.51.100.9:9", "192.0.2.5", 0,
	    { "192.0.2.5:8", "192.0.2.5:9", "192.0.2.1:8", "" },
	    { 2, 3, 1, -1 } },
	{ "one address, which the system does not tell",
	    { { "192.0.2.1:7", "4", 0, false },
		{ "192.0.2.1:8", "4", 0, true } },
	    0, "198.51.100.9:9", "", 0,
	    { "192.0.2.1:7", "192.0.2.1:8", "", "" }, { 0, 1, -1, -1 } },
	{ "addresses of two families",
	    { { "192.0.2.1:7", "4", 0, false },
		{ "[2001:db8::1]:7", "6", 1, false } },
	    0, "198.51.100.9:9", "192.0.2.1", 0, { "192.0.2.1:7", "", "", "" },
	    { 0, -1, -1, -1 } },
	{ "addresses on two ports of their own",
	    { { "192.0.2.1:7", "4", 0, false },
		{ "192.0.2.5:70", "4", 1, false } },
	    0, "198.51.100.9:9", "192.0.2.1", 0, { "192.0.2.1:7", "", "", "" },
	    { 0, -1, -1, -1 } },
	{ "every address, and nobody knows which",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "198.51.100.9:9", "", 0, { "", "", "", "" }, { 0, -1, -1, -1 } },
	{ "to many",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "198.51.100.9:9", "192.0.2.1", MH_TO_BROADCAST,
	    { "192.0.2.1:7", "", "", "" }, { 0, -1, -1, -1 } },
	{ "to a group",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "198.51.100.9:9", "192.0.2.1", MH_TO_MULTICAST,
	    { "192.0.2.1:7", "", "", "" }, { 0, -1, -1, -1 } },
};

START_TEST(test_chooses)
{
	const struct end_case *c = &cases[_i];
	struct ends_addresses addresses = { .ipv4 = { unit_address("192.0.2.1"),
						unit_address("192.0.2.2") },
		.ipv6 = { unit_address("2001:db8::1") } };
	struct mh_datagram request = { .peer = unit_address(c->peer),
		.local = unit_address(c->local),
		.flags = c->flags };
	struct ends_member members[4];
	struct outbox outboxes[4];
	struct ends ends = { members, 0, &addresses };
	struct ends_choice choice;
	int i;

	for (i = 0; i < 4 && c->members[i].bound != NULL; i++) {
		members[i] = (struct ends_member){
			.bound = unit_address(c->members[i].bound),
			.pair = c->members[i].pair,
			.is_other = c->members[i].is_other,
			.outbox = &outboxes[i],
		};
		if (strchr(c->members[i].families, '4') != NULL)
			members[i].can |= MH_CAN_IPV4;
		if (strchr(c->members[i].families, '6') != NULL)
			members[i].can |= MH_CAN_IPV6;
		ends.count++;
	}
	ends_choose(&ends, &outboxes[c->self], &request, &choice);
	for (i = 0; i < SERVICE_ENDS; i++) {
		unit_assert_address(&choice.addresses[i], c->ends[i], c->name);
		ck_assert_msg(choice.outboxes[i] ==
			(c->outboxes[i] < 0 ? NULL : &outboxes[c->outboxes[i]]),
		    "%s: end %d by another outbox", c->name, i);
	}
}
END_TEST

/* A socket of a plan that is not in effect yet is on its own. */
START_TEST(test_alone)
{
	struct ends ends = { .count = 0 };
	struct mh_datagram request = { .peer = unit_address("192.0.2.9:9"),
		.local = unit_address("192.0.2.1") };
	struct ends_choice choice;
	struct outbox outbox;

	ends_choose(&ends, &outbox, &request, &choice);
	ck_assert_ptr_eq(choice.outboxes[SERVICE_ASKED], &outbox);
	ck_assert_ptr_null(choice.outboxes[SERVICE_OTHER_PORT]);
	unit_assert_address(&choice.addresses[SERVICE_OTHER_BOTH], "", "none");
}
END_TEST

Suite *
ends_suite(void)
{
	Suite *suite = suite_create("ends");
	TCase *tcase = fixture_tcase("ends");

	tcase_add_loop_test(tcase, test_learns, 0, LENGTH(hosts));
	tcase_add_loop_test(tcase, test_chooses, 0, LENGTH(cases));
	tcase_add_test(tcase, test_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
