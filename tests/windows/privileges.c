/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/privileges.c and random.c: what this system has, and what
 * it has not.
 */
#include "windows/windows.h"

#include "platform/privileges.h"
#include "platform/random.h"

START_TEST(test_random)
{
	uint8_t one[16] = { 0 }, other[16] = { 0 };

	ck_assert(host_random(one, sizeof(one)));
	ck_assert(host_random(other, sizeof(other)));
	ck_assert_mem_ne(one, other, sizeof(one));
}
END_TEST

START_TEST(test_switch_user)
{
	ck_assert_int_eq(host_switch_user("nobody"), MH_EUNSUPPORTED);
}
END_TEST

Suite *
windows_privileges_suite(void)
{
	Suite *suite = suite_create("privileges");
	TCase *tcase = tcase_create("privileges");

	tcase_add_test(tcase, test_random);
	tcase_add_test(tcase, test_switch_user);
	suite_add_tcase(suite, tcase);
	return suite;
}
