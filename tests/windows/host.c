/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/host.c: what this host is asked for besides UDP.
 */
#include "windows/windows.h"

#include "platform/clock.h"
#include "platform/file.h"
#include "platform/network.h"
#include "platform/privileges.h"
#include "platform/random.h"
#include "platform/syslog.h"
#include "platform/win32/service.h"

#include <windows.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* Within what the C library says, whose second is whole. */
static void
assert_now(void)
{
	int64_t before = (int64_t)time(NULL), now, after;

	now = host_realtime_ns();
	after = (int64_t)time(NULL);
	ck_assert_int_ge(now, (before - 1) * 1000000000);
	ck_assert_int_le(now, (after + 1) * 1000000000);
}

START_TEST(test_clocks)
{
	int64_t ticks = host_monotonic_ns();
	int i;

	assert_now();
	host_clock_init();
	assert_now();
	ck_assert_int_gt(ticks, 0);
	for (i = 0; i < 1000; i++) {
		ck_assert_int_ge(host_monotonic_ns(), ticks);
		ticks = host_monotonic_ns();
	}
}

START_TEST(test_name)
{
	char name[256], cut[2];

	host_name(name, sizeof(name));
	ck_assert_str_ne(name, "");
	host_name(cut, sizeof(cut));
	ck_assert_uint_lt(strlen(cut), sizeof(cut));
}

/* The name of a fresh file in the folder for such files. */
static void
file_name(char path[MAX_PATH])
{
	char folder[MAX_PATH];

	ck_assert_uint_ne(GetTempPathA(sizeof(folder), folder), 0);
	ck_assert_uint_ne(GetTempFileNameA(folder, "mh", 0, path), 0);
}

/* Written in place of what was there, and read back to the byte. */
START_TEST(test_files)
{
	static const char written[] = "one\ntwo\r\nthree \x1a four\n";
	char path[MAX_PATH], reason[64] = "", *text;
	size_t length = 0;

	file_name(path);
	ck_assert(host_file_write(path, "old", 3, reason, sizeof(reason)));
	ck_assert(host_file_write(
	    path, written, strlen(written), reason, sizeof(reason)));
	text = host_file_read(path, 100, &length, reason, sizeof(reason));
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(length, strlen(written));
	ck_assert_str_eq(text, written);
	free(text);
	text = host_file_read(path, length, &length, reason, sizeof(reason));
	ck_assert_ptr_nonnull(text);
	free(text);
	ck_assert_str_eq(reason, "");
	ck_assert_ptr_null(
	    host_file_read(path, length - 1, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, "it has more than 21 bytes");
	remove(path);
	ck_assert_ptr_null(
	    host_file_read(path, 100, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, strerror(ENOENT));
}

/* A file that somebody has open stays, and no other is left beside it. */
START_TEST(test_file_in_use)
{
	char path[MAX_PATH], beside[MAX_PATH + 4], reason[64] = "";
	HANDLE user;

	file_name(path);
	snprintf(beside, sizeof(beside), "%s.new", path);
	user = CreateFileA(
	    path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	ck_assert(user != INVALID_HANDLE_VALUE);
	ck_assert(!host_file_write(path, "new", 3, reason, sizeof(reason)));
	ck_assert_str_ne(reason, "");
	ck_assert_uint_eq(GetFileAttributesA(beside), INVALID_FILE_ATTRIBUTES);
	CloseHandle(user);
	remove(path);
}

START_TEST(test_random)
{
	uint8_t one[16] = { 0 }, other[16] = { 0 };

	ck_assert(host_random(one, sizeof(one)));
	ck_assert(host_random(other, sizeof(other)));
	ck_assert_mem_ne(one, other, sizeof(one));
}

START_TEST(test_watch)
{
	struct host_watch watch;

	host_watch_open(&watch);
	if (watch.handle != -1)
		host_watch_drain(&watch); /* does not wait */
	host_watch_close(&watch);
	ck_assert_int_eq(watch.handle, -1);
	host_watch_close(&watch);
}

START_TEST(test_become)
{
	ck_assert_int_eq(host_switch_user("nobody"), MH_EUNSUPPORTED);
}

/* This is not a service. */
START_TEST(test_log)
{
	ck_assert(!host_log_wanted());
	ck_assert_int_eq(host_log_priority(0), -1);
}

Suite *
windows_host_suite(void)
{
	Suite *suite = suite_create("host");
	TCase *tcase = tcase_create("host");

	tcase_add_test(tcase, test_network);
	tcase_add_test(tcase, test_clocks);
	tcase_add_test(tcase, test_name);
	tcase_add_test(tcase, test_files);
	tcase_add_test(tcase, test_file_in_use);
	tcase_add_test(tcase, test_random);
	tcase_add_test(tcase, test_watch);
	tcase_add_test(tcase, test_become);
	tcase_add_test(tcase, test_log);
	suite_add_tcase(suite, tcase);
	return suite;
}
