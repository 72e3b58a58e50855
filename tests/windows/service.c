/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/service.c, where there is no service.
 */
#include "windows/windows.h"

#include "platform/manager.h"
#include "platform/syslog.h"

START_TEST(test_log)
{
	ck_assert(!host_log_wanted());
	ck_assert_int_eq(host_log_priority(0), -1);
	ck_assert_uint_eq(host_watchdog(), 0);
}
END_TEST

Suite *
windows_service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tcase = tcase_create("service");

	tcase_add_test(tcase, test_log);
	suite_add_tcase(suite, tcase);
	return suite;
}
