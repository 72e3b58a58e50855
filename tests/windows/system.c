/* SPDX-License-Identifier: ISC */
/*
 * The Windows room, and the library over it.
 */
#include "windows/windows.h"

#include "unit/platform/suites.h"

#include "platform/win32/extension.h"

#include <stdio.h>
#include <stdlib.h>

bool
windows_is_wine(void)
{
	return GetProcAddress(
		   GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
}

bool
windows_ignores_source(void)
{
#ifdef WINDOWS_STRICT
	return false;
#else
	return windows_is_wine();
#endif
}

size_t
windows_bytes(const char *hex, uint8_t *bytes, size_t size)
{
	size_t count = 0;
	char *end;

	while (*hex != '\0') {
		ck_assert_uint_lt(count, size);
		bytes[count++] = (uint8_t)strtoul(hex, &end, 16);
		hex = end;
		while (*hex == ' ')
			hex++;
	}
	return count;
}

START_TEST(test_init)
{
	ck_assert_ptr_nonnull(mh__extension.receive);
	ck_assert_ptr_nonnull(mh__extension.send);
	/* More than once does no harm. */
	ck_assert_int_eq(mh_platform_init(NULL), 0);
}
END_TEST

/* Runs first: all others need sockets. */
static Suite *
init_suite(void)
{
	Suite *suite = suite_create("init");
	TCase *tcase = tcase_create("init");
	struct mh_problem problem;

	if (mh_platform_init(&problem) != 0) {
		fprintf(stderr, "%s: %s\n", problem.what, problem.text);
		abort();
	}
	tcase_add_test(tcase, test_init);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* To Wine every IPv4 address is one of this host. */
static Suite *
own_addresses_suite(void)
{
	return windows_is_wine() ? suite_create("no test of own addresses")
				 : address_local_suite();
}

Suite *(*const unit_suites[])(void) = {
	init_suite,
	address_suite,
	address_system_suite,
	own_addresses_suite,
	platform_sockaddr_suite,
	windows_control_suite,
	windows_datagram_suite,
	windows_socket_suite,
	windows_network_suite,
	windows_clock_suite,
	windows_file_suite,
	windows_privileges_suite,
	windows_service_suite,
	windows_command_suite,
	NULL,
};
