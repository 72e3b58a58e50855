/* SPDX-License-Identifier: ISC */
/*
 * src/platform/network.c: addresses in the system's form, and tables of them.
 */
#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"

#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const struct {
	const char *address;
	unsigned int prefix;
	const char *broadcast; /* "": none */
} subnets[] = {
	{ "192.0.2.1", 24, "192.0.2.255" },
	{ "192.0.2.0", 24, "192.0.2.255" },
	{ "192.0.2.1", 25, "192.0.2.127" },
	{ "192.0.2.129", 30, "192.0.2.131" },
	{ "10.1.2.3", 8, "10.255.255.255" },
	{ "10.1.2.3", 0, "255.255.255.255" },
	{ "192.0.2.1", 31, "" }, /* RFC 3021 */
	{ "192.0.2.1", 32, "" },
	{ "127.0.0.1", 8, "" },
	{ "2001:db8::1", 24, "" },
	{ "", 24, "" },
};

START_TEST(test_broadcast)
{
	const struct mh_address address = unit_address(subnets[_i].address);
	struct mh_address broadcast;

	host_broadcast_get(&broadcast, &address, subnets[_i].prefix);
	unit_assert_address(
	    &broadcast, subnets[_i].broadcast, subnets[_i].address);
}
END_TEST

static const struct {
	const char *system, *address;
} names[] = {
	{ "192.0.2.1", "192.0.2.1:7" },
	{ "2001:db8::1", "[2001:db8::1]:7" },
	{ "::ffff:192.0.2.1", "192.0.2.1:7" },
	{ "::fffe:192.0.2.1", "[::fffe:192.0.2.1]:7" },
	{ "::", "[::]:7" },
};

START_TEST(test_address)
{
	union live_name name;
	struct mh_address address;

	memset(&address, 0xa5, sizeof(address));
	live_name(names[_i].system, 7, &name);
	host_address_get(&address, &name);
	unit_assert_address(&address, names[_i].address, names[_i].system);
}
END_TEST

/* A link-local address has a scope; a v4-mapped one cannot have one. */
START_TEST(test_scope)
{
	static const char *const systems[] = { "fe80::1", "::ffff:192.0.2.1" };
	union live_name name;
	struct mh_address address;

	live_name(systems[_i], 7, &name);
	name.ipv6.sin6_scope_id = 3;
	host_address_get(&address, &name);
	ck_assert_uint_eq(address.scope, _i == 0 ? 3 : 0);
}
END_TEST

START_TEST(test_no_address)
{
	const struct sockaddr_un other = { .sun_family = AF_UNIX,
		.sun_path = "12345678901234567890" };
	struct mh_address address;

	memset(&address, 0xa5, sizeof(address));
	host_address_get(&address, &other);
	unit_assert_address(&address, "", "AF_UNIX");
	memset(&address, 0xa5, sizeof(address));
	host_address_get(&address, NULL);
	unit_assert_address(&address, "", "NULL");
}
END_TEST

/* Which interfaces have 169.254.0.0/16, and only of IPv4. */
START_TEST(test_link_local)
{
	struct host_address addresses[] = {
		{ .address = unit_address("169.254.1.1"), .if_index = 9 },
		{ .address = unit_address("192.0.2.1"), .if_index = 2 },
		{ .address = unit_address("fe80::1%2"), .if_index = 2 },
		{ .address = unit_address("169.254.1.2"), .if_index = 4 },
		{ .address = unit_address("169.254.1.3"), .if_index = 5 },
	};
	struct host_interface interfaces[] = { { .index = 9 }, { .index = 2 },
		{ .index = 4 } };
	const struct host_network network = { addresses, LENGTH(addresses),
		interfaces, LENGTH(interfaces) };
	struct host_network sorted = network;

	host_network_sort(&sorted);
	ck_assert(!host_network_interface(&sorted, 2)->ipv4_link_local);
	ck_assert(host_network_interface(&sorted, 4)->ipv4_link_local);
	ck_assert(host_network_interface(&sorted, 9)->ipv4_link_local);
	ck_assert_ptr_null(host_network_interface(&sorted, 5));
}
END_TEST

START_TEST(test_names)
{
	struct host_interface interfaces[] = {
		{ .index = 9, .name = "nine", .resolves = true },
		{ .index = 2, .name = "two" },
		{ .index = 30, .name = "thirty" },
		{ .index = 4, .name = "four" }
	};
	const struct host_network network = { .interfaces = interfaces,
		.interface_count = LENGTH(interfaces) };
	const struct host_network none = { .interfaces = NULL };
	struct host_network sorted = network;

	host_network_sort(&sorted);
	ck_assert_str_eq(host_network_name(&sorted, 2), "two");
	ck_assert_str_eq(host_network_name(&sorted, 4), "four");
	ck_assert_str_eq(host_network_name(&sorted, 9), "nine");
	ck_assert_str_eq(host_network_name(&sorted, 30), "thirty");
	ck_assert_str_eq(host_network_name(&sorted, 1), "");
	ck_assert_str_eq(host_network_name(&sorted, 5), "");
	ck_assert_str_eq(host_network_name(&sorted, 31), "");
	ck_assert_str_eq(host_network_name(&none, 2), "");
	ck_assert(host_network_resolves(&sorted, 9));
	ck_assert(!host_network_resolves(&sorted, 4));
	ck_assert(!host_network_resolves(&sorted, 10));
}
END_TEST

/* The name decides, once it is known; the index as long as none has it. */
static const struct {
	const char *known; /* before */
	uint32_t index, now;
	const char *name; /* afterwards */
} followed[] = {
	{ "", 2, 2, "two" },
	{ "", 3, 0, "" },
	{ "two", 2, 2, "two" },
	{ "four", 3, 4, "four" },
	{ "four", 2, 4, "four" },
	{ "old", 2, 2, "old" },
	{ "gone", 3, 0, "gone" },
};

START_TEST(test_follow)
{
	struct host_interface interfaces[] = { { .index = 2, .name = "two" },
		{ .index = 4, .name = "four" } };
	const struct host_network network = { .interfaces = interfaces,
		.interface_count = LENGTH(interfaces) };
	char name[HOST_INTERFACE_NAME];

	snprintf(name, sizeof(name), "%s", followed[_i].known);
	ck_assert_uint_eq(
	    host_network_follow(&network, name, followed[_i].index),
	    followed[_i].now);
	ck_assert_str_eq(name, followed[_i].name);
}
END_TEST

/* The tables may be loaded again after that. */
START_TEST(test_free)
{
	struct host_network network = {
		.addresses = calloc(2, sizeof(struct host_address)),
		.address_count = 2,
		.interfaces = calloc(3, sizeof(struct host_interface)),
		.interface_count = 3,
	};

	host_network_free(&network);
	ck_assert_ptr_null(network.addresses);
	ck_assert_ptr_null(network.interfaces);
	ck_assert_uint_eq(network.address_count + network.interface_count, 0);
	host_network_free(&network);
	host_network_sort(&network);
	ck_assert_str_eq(host_network_name(&network, 0), "");
}
END_TEST

Suite *
platform_network_suite(void)
{
	Suite *suite = suite_create("network");
	TCase *tcase = live_case(suite, "network");

	tcase_add_loop_test(tcase, test_broadcast, 0, LENGTH(subnets));
	tcase_add_loop_test(tcase, test_address, 0, LENGTH(names));
	tcase_add_loop_test(tcase, test_scope, 0, 2);
	tcase_add_test(tcase, test_no_address);
	tcase_add_test(tcase, test_link_local);
	tcase_add_test(tcase, test_names);
	tcase_add_loop_test(tcase, test_follow, 0, LENGTH(followed));
	tcase_add_test(tcase, test_free);
	return suite;
}
