/* SPDX-License-Identifier: ISC */
/*
 * src/probe/local.c over the fake system: why an address of this host is not
 * asked.  From where the others are is in probe.c, with the requests.
 */
#include "probe/local.h"

#include "unit/fixture.h"
#include "unit/probe/suites.h"

#include <string.h>

static const struct {
	const char *address;
	uint32_t if_index;
	enum host_address_state state;
	bool is_gone;
	const char *why; /* NULL: it can be asked */
} obstacles[] = {
	{ "192.0.2.1", 2, HOST_ADDRESS_USABLE, false, NULL },
	{ "2001:db8::1", 2, HOST_ADDRESS_USABLE, false, NULL },
	{ "2001:db8::1", 2, HOST_ADDRESS_DUPLICATE, false, "detection failed" },
	{ "2001:db8::1", 2, HOST_ADDRESS_TENTATIVE, false, "tentative" },
	{ "2001:db8::1", 2, HOST_ADDRESS_TENTATIVE, true, "tentative" },
	{ "192.0.2.1", 2, HOST_ADDRESS_USABLE, true, "not in use" },
	{ "192.0.2.1", 3, HOST_ADDRESS_USABLE, true, "belongs to a VRF" },
	{ "192.0.2.1", 9, HOST_ADDRESS_USABLE, true, "not in use" },
};

START_TEST(test_obstacle)
{
	struct host_interface interfaces[] = { { .index = 2 },
		{ .index = 3, .in_vrf = true } };
	const struct host_network network = { .interfaces = interfaces,
		.interface_count = LENGTH(interfaces) };
	const struct host_address at = {
		.address = unit_address(obstacles[_i].address),
		.if_index = obstacles[_i].if_index,
		.state = obstacles[_i].state,
	};
	const char *why;

	if (!obstacles[_i].is_gone)
		fake_local_add(&at.address);
	why = local_obstacle(&network, &at);
	if (obstacles[_i].why == NULL)
		ck_assert_ptr_null(why);
	else
		ck_assert_ptr_nonnull(strstr(why, obstacles[_i].why));
}
END_TEST

/* What nobody can be asked at, nobody can ask from. */
START_TEST(test_other)
{
	struct host_address addresses[] = {
		{ .address = unit_address("2001:db8::1") },
		{ .address = unit_address("2001:db8::2"),
		    .state = HOST_ADDRESS_DUPLICATE },
		{ .address = unit_address("2001:db8::3"),
		    .state = HOST_ADDRESS_TENTATIVE },
		{ .address = unit_address("2001:db8::4") },
		{ .address = unit_address("2001:db8::5") },
	};
	const struct host_network network = { .addresses = addresses,
		.address_count = LENGTH(addresses) };
	struct mh_address other;
	size_t i;

	/* The fourth is not in use. */
	for (i = 0; i < LENGTH(addresses); i++)
		if (i != 3)
			fake_local_add(&addresses[i].address);
	other = local_other(&network, &addresses[0].address);
	unit_assert_address(&other, "2001:db8::5", "other");
}
END_TEST

/* One beside it, if there is any. */
START_TEST(test_other_beside)
{
	struct host_address addresses[] = {
		{ .address = unit_address("192.0.2.1"), .if_index = 2 },
		{ .address = unit_address("198.51.100.1"), .if_index = 3 },
		{ .address = unit_address("192.0.2.2"), .if_index = 2 },
	};
	const struct host_network network = { .addresses = addresses,
		.address_count = LENGTH(addresses) };
	struct mh_address other;
	size_t i;

	for (i = 0; i < LENGTH(addresses); i++)
		fake_local_add(&addresses[i].address);
	other = local_other(&network, &addresses[0].address);
	unit_assert_address(&other, "192.0.2.2", "beside");
	other = local_other(&network, &addresses[1].address);
	unit_assert_address(&other, "192.0.2.1", "elsewhere");
}
END_TEST

Suite *
probe_local_suite(void)
{
	Suite *suite = suite_create("probe local");
	TCase *tcase = fixture_tcase("local");

	tcase_add_loop_test(tcase, test_obstacle, 0, LENGTH(obstacles));
	tcase_add_test(tcase, test_other);
	tcase_add_test(tcase, test_other_beside);
	suite_add_tcase(suite, tcase);
	return suite;
}
