/* SPDX-License-Identifier: ISC */
/*
 * src/platform/network.c and src/platform/win32/network.c: this host.
 */
#include "windows/windows.h"

#include "platform/network.h"

#include <string.h>

START_TEST(test_network)
{
	struct host_network network = { .addresses = NULL };
	const struct mh_address loopback = unit_address("127.0.0.1");
	const struct host_address *found = NULL;
	size_t i;

	ck_assert_int_eq(host_network_load(&network), 0);
	for (i = 0; i < network.address_count; i++) {
		if (mh_address_compare(
			&network.addresses[i].address, &loopback) == 0)
			found = &network.addresses[i];
		ck_assert_uint_eq(network.addresses[i].address.port, 0);
		ck_assert_uint_ne(network.addresses[i].if_index, 0);
	}
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(found->broadcast.family, MH_FAMILY_NONE);
	ck_assert_str_ne(host_network_name(&network, found->if_index), "");
	ck_assert_str_eq(host_network_name(&network, 0), "");
	for (i = 1; i < network.interface_count; i++)
		ck_assert_uint_gt(network.interfaces[i].index,
		    network.interfaces[i - 1].index);
	/* Once more in place of the first. */
	ck_assert_int_eq(host_network_load(&network), 0);
	host_network_free(&network);
	ck_assert_uint_eq(network.address_count, 0);
}
END_TEST

START_TEST(test_name)
{
	char name[256], cut[2];

	host_name(name, sizeof(name));
	ck_assert_str_ne(name, "");
	host_name(cut, sizeof(cut));
	ck_assert_uint_lt(strlen(cut), sizeof(cut));
}
END_TEST

START_TEST(test_watch)
{
	struct host_watch watch;

	host_watch_open(&watch);
	if (watch.handle != -1)
		(void)host_watch_read(&watch); /* does not wait */
	host_watch_close(&watch);
	ck_assert_int_eq(watch.handle, -1);
	host_watch_close(&watch);
}
END_TEST

Suite *
windows_network_suite(void)
{
	Suite *suite = suite_create("network");
	TCase *tcase = tcase_create("network");

	tcase_add_test(tcase, test_network);
	tcase_add_test(tcase, test_name);
	tcase_add_test(tcase, test_watch);
	suite_add_tcase(suite, tcase);
	return suite;
}
