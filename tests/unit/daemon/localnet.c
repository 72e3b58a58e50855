/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/localnet.c: the tables are right, and last until the last user
 * releases them.  Leaks and early frees are for the sanitizers.
 */
#include "daemon/localnet.h"

#include "daemon/path/neighbours.h"
#include "unit/daemon/scene.h"

#include <stdlib.h>
#include <string.h>

static struct host_network
make_network(void)
{
	static const struct host_interface interfaces[] = {
		{ .index = 1, .name = "lo" },
		{ .index = 2,
		    .name = "eth0",
		    .in_vrf = true,
		    .resolves = true },
		{ .index = 5, .name = "eth1", .resolves = true },
		{ .index = 7, .name = "eth2", .in_vrf = true, .resolves = true }
	};
	struct host_network network = {
		.addresses = calloc(2, sizeof(*network.addresses)),
		.address_count = 2,
		.interfaces = malloc(sizeof(interfaces)),
		.interface_count = LENGTH(interfaces),
	};

	ck_assert_ptr_nonnull(network.addresses);
	ck_assert_ptr_nonnull(network.interfaces);
	memcpy(network.interfaces, interfaces, sizeof(interfaces));
	network.addresses[0].address = unit_address("192.0.2.7");
	network.addresses[0].broadcast = unit_address("192.0.2.255");
	network.addresses[0].on_link = 24;
	network.addresses[0].if_index = 2;
	network.addresses[1].if_index = 5;
	network.addresses[1].address = unit_address("192.0.2.1");
	return network;
}

START_TEST(test_tables)
{
	struct host_network network = make_network();
	const struct mh_address peer = unit_address("192.0.2.9");
	struct localnet *localnet;

	network.addresses[0].state = HOST_ADDRESS_TENTATIVE;
	localnet = localnet_new(&network);
	ck_assert_ptr_nonnull(localnet);
	ck_assert_ptr_null(network.addresses);
	ck_assert_ptr_null(network.interfaces);
	ck_assert_uint_eq(localnet->guard.address_count, 2);
	unit_assert_address(
	    &localnet->guard.addresses[0], "192.0.2.1", "sorted");
	ck_assert_uint_eq(localnet->guard.broadcast_count, 1);
	ck_assert_uint_eq(localnet->candidates.count, 1);
	unit_assert_address(
	    &localnet->candidates.items[0], "192.0.2.1", "usable");
	ck_assert_int_ge(prefix_table_find(localnet->on_link, &peer, -1), 0);
	ck_assert_str_eq(host_network_name(&localnet->network, 5), "eth1");
	ck_assert_uint_eq(localnet->vrf_count, 2);
	ck_assert_uint_eq(localnet->vrf[0], 2);
	ck_assert_uint_eq(localnet->vrf[1], 7);
	localnet_release(localnet);
}
END_TEST

static const struct {
	const char *address, *name;
} names[] = {
	{ "192.0.2.7", "eth0" },
	{ "192.0.2.1:7", "eth1" },
	{ "192.0.2.255", "" },
	{ "192.0.2.2", "" },
};

START_TEST(test_name_of)
{
	struct host_network network = make_network();
	const struct mh_address address = unit_address(names[_i].address);
	struct localnet *localnet = localnet_new(&network);

	ck_assert_str_eq(localnet_name_of(localnet, &address), names[_i].name);
	localnet_release(localnet);
}
END_TEST

START_TEST(test_same_vrf)
{
	struct host_network network = make_network(), other = make_network();
	struct localnet *one = localnet_new(&network), *two;

	other.interfaces[_i].in_vrf = !other.interfaces[_i].in_vrf;
	two = localnet_new(&other);
	ck_assert(localnet_has_vrf_of(one, one));
	ck_assert(!localnet_has_vrf_of(one, two));
	ck_assert(!localnet_has_vrf_of(two, one));
	ck_assert(!localnet_has_vrf_of(one, NULL));
	/* As many, but others. */
	if (two->vrf_count < one->vrf_count) {
		one->vrf_count = 1;
		one->vrf[0] = two->vrf[0] == 2 ? 7 : 2;
		ck_assert(!localnet_has_vrf_of(one, two));
	}
	localnet_release(one);
	localnet_release(two);
}
END_TEST

START_TEST(test_references)
{
	struct host_network network = make_network();
	struct localnet *localnet = localnet_new(&network);

	ck_assert_ptr_nonnull(localnet);
	ck_assert_ptr_eq(localnet_hold(localnet), localnet);
	localnet_release(localnet);
	ck_assert_str_eq(host_network_name(&localnet->network, 2), "eth0");
	localnet_release(localnet);
	localnet_release(NULL);
}
END_TEST

START_TEST(test_empty)
{
	struct host_network network = { .addresses = NULL };
	struct localnet *localnet = localnet_new(&network);

	ck_assert_ptr_nonnull(localnet);
	ck_assert_ptr_null(localnet->on_link);
	ck_assert_uint_eq(localnet->guard.address_count, 0);
	localnet_release(localnet);
}
END_TEST

Suite *
localnet_suite(void)
{
	Suite *suite = suite_create("localnet");
	TCase *tcase = scene_tcase("localnet");

	tcase_add_test(tcase, test_tables);
	tcase_add_loop_test(tcase, test_name_of, 0, LENGTH(names));
	tcase_add_loop_test(tcase, test_same_vrf, 0, 4);
	tcase_add_test(tcase, test_references);
	tcase_add_test(tcase, test_empty);
	suite_add_tcase(suite, tcase);
	return suite;
}
