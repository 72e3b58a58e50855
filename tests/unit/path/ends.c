/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/ends.c: which of our endpoints a request can be answered
 * from.  Over the fake system, which knows what is local.
 */
#include "daemon/path/ends.h"

#include "unit/fixture.h"
#include "platform/network.h"

#include <string.h>

/*
 * A host's addresses, in this order: "-" cannot be used (yet), "~" is
 * deprecated, "@" belongs to a VRF.  The operator names some, some are mapped,
 * some are served.
 */
static const struct host_case {
	const char *name;
	const char *addresses[8];
	const char *named[3], *mapped[3], *serve;
	struct {
		const char *asked, *other;
	} asks[4];
} hosts[] = {
	{ .name = "none",
	    .asks = { { "192.0.2.1", "" }, { "2001:db8::1", "" } } },
	{ "none that others reach",
	    { "127.0.0.1", "::1", "fe80::1%2", "169.254.1.1" },
	    .asks = { { "127.0.0.1", "" }, { "::1", "" } } },
	{ "the first that is not asked",
	    { "127.0.0.1", "192.0.2.1", "192.0.2.2", "192.0.2.3" },
	    .asks = { { "192.0.2.1", "192.0.2.2" },
		{ "192.0.2.2", "192.0.2.1" }, { "192.0.2.3", "192.0.2.1" },
		{ "127.0.0.1", "192.0.2.1" } } },
	{ "never itself, on two interfaces either",
	    { "192.0.2.1", "192.0.2.1" }, .asks = { { "192.0.2.1", "" } } },
	{ "of the same family", { "192.0.2.1", "2001:db8::1", "2001:db8::2" },
	    .asks = { { "192.0.2.1", "" }, { "2001:db8::1", "2001:db8::2" } } },
	{ "what peers outside reach",
	    { "10.0.0.1", "fd00::1", "2001:db8::1", "192.0.2.1" },
	    .asks = { { "192.0.2.1", "" }, { "2001:db8::1", "" } } },
	{ "from inside, inside first",
	    { "10.0.0.1", "192.0.2.1", "fd00::1", "2001:db8::1", "fd00::2" },
	    .asks = { { "10.0.0.1", "192.0.2.1" }, { "fd00::1", "fd00::2" },
		{ "10.0.0.9", "10.0.0.1" } } },
	{ "in use",
	    { "-192.0.2.1", "192.0.2.2", "-2001:db8::1", "2001:db8::2",
		"@192.0.2.3" },
	    .asks = { { "192.0.2.2", "" }, { "192.0.2.1", "192.0.2.2" },
		{ "2001:db8::2", "" } } },
	{ "deprecated ones last",
	    { "~2001:db8::1", "2001:db8::2", "~2001:db8::3", "2001:db8::4" },
	    .asks = { { "2001:db8::2", "2001:db8::4" },
		{ "2001:db8::1", "2001:db8::2" } } },
	{ "a deprecated one, if need be", { "~2001:db8::1", "2001:db8::2" },
	    .asks = { { "2001:db8::2", "2001:db8::1" } } },
	{ "named", { "192.0.2.1", "192.0.2.2", "192.0.2.3" },
	    .named = { "192.0.2.3" },
	    .asks = { { "192.0.2.1", "192.0.2.3" },
		{ "192.0.2.3", "192.0.2.1" } } },
	{ "named, the first first", { "192.0.2.1", "192.0.2.2", "192.0.2.3" },
	    .named = { "192.0.2.3", "192.0.2.2" },
	    .asks = { { "192.0.2.1", "192.0.2.3" },
		{ "192.0.2.2", "192.0.2.3" }, { "192.0.2.3", "192.0.2.2" } } },
	{ "named, but gone",
	    { "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2" },
	    .named = { "192.0.2.3" },
	    .asks = { { "192.0.2.1", "" }, { "2001:db8::1", "2001:db8::2" } } },
	{ "named, of both families",
	    { "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2" },
	    .named = { "2001:db8::2", "192.0.2.9" },
	    .asks = { { "192.0.2.1", "" }, { "2001:db8::1", "2001:db8::2" } } },
	{ "named, of another zone", { "192.0.2.1", "192.0.2.2", "10.0.0.1" },
	    .named = { "10.0.0.1" }, .asks = { { "192.0.2.1", "10.0.0.1" } } },
	{ "mapped", { "172.17.0.1", "10.0.0.5", "10.0.0.6" },
	    .mapped = { "10.0.0.5", "10.0.0.6" },
	    .asks = { { "10.0.0.5", "10.0.0.6" }, { "10.0.0.6", "10.0.0.5" },
		{ "172.17.0.1", "10.0.0.5" } } },
	{ "mapped, the only one", { "172.17.0.1", "10.0.0.5", "10.0.0.6" },
	    .mapped = { "10.0.0.5" }, .asks = { { "10.0.0.5", "" } } },
	{ "served", { "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1" },
	    .serve = "198.51.100.0/24",
	    .asks = { { "198.51.100.1", "" },
		{ "192.0.2.1", "198.51.100.1" } } },
};

static size_t
read_list(struct mh_address list[3], const char *const texts[3])
{
	size_t count = 0;

	for (; count < 3 && texts[count] != NULL; count++)
		list[count] = unit_address(texts[count]);
	return count;
}

static void
make_network(struct host_network *network, const char *const *text)
{
	static struct host_interface interfaces[] = { { .index = 1 },
		{ .index = 2, .in_vrf = true } };
	static struct host_address items[8];
	struct host_address *at = items;

	for (; *text != NULL; text++, at++) {
		*at = (struct host_address){ .if_index = 1 };
		at->address =
		    unit_address(*text + (strchr("-~@", **text) != NULL));
		if (**text == '-')
			at->state = HOST_ADDRESS_TENTATIVE;
		at->is_deprecated = **text == '~';
		if (**text == '@')
			at->if_index = 2;
	}
	*network = (struct host_network){ items, (size_t)(at - items),
		interfaces, LENGTH(interfaces) };
}

START_TEST(test_learns)
{
	const struct host_case *c = &hosts[_i];
	struct mh_address named[3], mapped[3];
	const struct service_others others = { named,
		read_list(named, c->named), mapped,
		read_list(mapped, c->mapped) };
	struct ends ends = { .others = &others };
	const struct mh_address none = { .family = MH_FAMILY_NONE }, *other;
	struct ends_candidates candidates;
	const struct guard_own own = { .endpoints = NULL };
	struct host_network network;
	struct prefix_table *serve = NULL;
	struct mh_address asked;
	struct prefix prefix;
	size_t i;

	if (c->serve != NULL) {
		ck_assert_int_eq(prefix_parse(&prefix, c->serve), 0);
		prefix.value = 1;
		ends.serve = serve = prefix_table_new(&prefix, 1);
	}
	make_network(&network, c->addresses);
	ck_assert(ends_gather(&candidates, &network));
	ends_learn(&ends, &candidates, &own);
	ends_candidates_clear(&candidates);
	for (i = 0; i < 4 && c->asks[i].asked != NULL; i++) {
		asked = unit_address(c->asks[i].asked);
		other = ends_second(&ends, &asked);
		unit_assert_address(
		    other != NULL ? other : &none, c->asks[i].other, c->name);
	}
	ck_assert(
	    ends_are_named(&ends, MH_FAMILY_IPV4) == (others.named_count > 0));
	ck_assert(ends_are_named(&ends, MH_FAMILY_IPV6) ==
	    (others.named_count > 0 && named[0].family == MH_FAMILY_IPV6));
	prefix_table_free(serve);
}
END_TEST

/* What is gone is taken out, and comes back. */
START_TEST(test_learns_again)
{
	static const char *const before[] = { "192.0.2.1", "192.0.2.2", NULL };
	static const char *const after[] = { "192.0.2.1", NULL };
	const char *const *states[] = { before, after, before };
	const struct guard_own own = { .endpoints = NULL };
	const struct mh_address asked = unit_address("192.0.2.1");
	struct ends ends = { .others = NULL };
	struct ends_candidates candidates;
	struct host_network network;
	size_t i;

	for (i = 0; i < LENGTH(states); i++) {
		make_network(&network, states[i]);
		ck_assert(ends_gather(&candidates, &network));
		ends_learn(&ends, &candidates, &own);
		ends_candidates_clear(&candidates);
		ck_assert((ends_second(&ends, &asked) != NULL) == (i != 1));
	}
}
END_TEST

/* A socket for one address does not answer once that is gone. */
START_TEST(test_member_is_gone)
{
	struct mh_address addresses[] = { unit_address("192.0.2.1"),
		unit_address("192.0.2.2") };
	struct guard_own own = { .network = { .addresses = addresses,
				     .address_count = 2 } };
	struct outbox outboxes[2];
	struct ends_member members[] = {
		{ .bound = unit_address("192.0.2.1:7"),
		    .can = MH_CAN_IPV4,
		    .outbox = &outboxes[0] },
		{ .bound = unit_address("192.0.2.2:7"),
		    .can = MH_CAN_IPV4,
		    .pair = 1,
		    .outbox = &outboxes[1] },
	};
	struct ends ends = { members, 2, .others = NULL };
	struct ends_candidates none = { .count = 0 };
	struct mh_datagram request = { .peer = unit_address("192.0.2.9:9"),
		.local = unit_address("192.0.2.1") };
	struct ends_choice choice;

	ends_learn(&ends, &none, &own);
	ends_choose(&ends, &outboxes[0], &request, &choice);
	unit_assert_address(
	    &choice.addresses[SERVICE_OTHER_ADDRESS], "192.0.2.2:7", "present");
	own.network.address_count = 1;
	ends_learn(&ends, &none, &own);
	ends_choose(&ends, &outboxes[0], &request, &choice);
	unit_assert_address(
	    &choice.addresses[SERVICE_OTHER_ADDRESS], "", "gone");
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
	{ "to a VRF, whose hosts reach none of the others",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "198.51.100.9:9", "192.0.2.1", MH_VIA_VRF,
	    { "192.0.2.1:7", "192.0.2.1:8", "", "" }, { 0, 1, -1, -1 } },
	{ "peers outside do not reach what is inside",
	    { { "192.0.2.1:7", "4", 0, false },
		{ "10.0.0.1:7", "4", 1, false } },
	    0, "198.51.100.9:9", "192.0.2.1", 0, { "192.0.2.1:7", "", "", "" },
	    { 0, -1, -1, -1 } },
	{ "inside first",
	    { { "10.0.0.1:7", "4", 0, false }, { "192.0.2.1:7", "4", 1, false },
		{ "10.0.0.2:7", "4", 2, false } },
	    0, "10.0.0.9:9", "10.0.0.1", 0,
	    { "10.0.0.1:7", "", "10.0.0.2:7", "" }, { 0, -1, 2, -1 } },
	{ "to a group",
	    { { "[::]:7", "46", 0, false }, { "[::]:8", "46", 0, true } }, 0,
	    "198.51.100.9:9", "192.0.2.1", MH_TO_MULTICAST,
	    { "192.0.2.1:7", "", "", "" }, { 0, -1, -1, -1 } },
};

START_TEST(test_chooses)
{
	const struct end_case *c = &cases[_i];
	struct mh_datagram request = { .peer = unit_address(c->peer),
		.local = unit_address(c->local),
		.flags = c->flags };
	struct ends_member members[4];
	struct outbox outboxes[4];
	struct ends ends = { members, 0, .others = NULL };
	struct ends_option(*public)[ENDS_ZONES][2] = ends.addresses.options;
	struct ends_choice choice;
	int i;

	public[0][ENDS_PUBLIC][0].address = unit_address("192.0.2.1");
	public[0][ENDS_PUBLIC][1].address = unit_address("192.0.2.2");
	public[1][ENDS_PUBLIC][0].address = unit_address("2001:db8::1");

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
	tcase_add_test(tcase, test_learns_again);
	tcase_add_test(tcase, test_member_is_gone);
	tcase_add_loop_test(tcase, test_chooses, 0, LENGTH(cases));
	tcase_add_test(tcase, test_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
