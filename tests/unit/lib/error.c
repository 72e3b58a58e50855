/* SPDX-License-Identifier: ISC */
/*
 * src/lib/error.c: every code has its own words.
 */
#include "lib/multihome_report.h"

#include "unit/unit.h"

#include "build.h"

#include <limits.h>
#include <string.h>

START_TEST(test_text)
{
	const char *text = mh_strerror(-_i);
	size_t length = strlen(text);
	int other;

	ck_assert_msg(length > 0, "code %d: no words", -_i);
	ck_assert_msg(text[length - 1] != '.', "code %d: %s", -_i, text);
	for (other = MH_ESYSTEM - 1; other <= 0; other++)
		ck_assert_msg(
		    other == -_i || strcmp(text, mh_strerror(other)) != 0,
		    "codes %d and %d are both: %s", -_i, other, text);
}
END_TEST

START_TEST(test_unknown)
{
	static const int codes[] = { 0, 1, INT_MAX, MH_ESYSTEM - 1, -1000,
		INT_MIN };
	const char *text = mh_strerror(codes[_i]);

	ck_assert_msg(text != NULL && *text != '\0', "code %d", codes[_i]);
}
END_TEST

START_TEST(test_icmp)
{
	const char *text = mh_icmp_text((enum mh_icmp_kind)_i);
	int other;

	ck_assert_msg(*text != '\0', "kind %d: no words", _i);
	for (other = MH_ICMP_PORT; other <= MH_ICMP_OTHER; other++)
		ck_assert_msg(other == _i ||
			strcmp(text, mh_icmp_text((enum mh_icmp_kind)other)) !=
			    0,
		    "kinds %d and %d are both: %s", _i, other, text);
}
END_TEST

START_TEST(test_icmp_unknown)
{
	const enum mh_icmp_kind beyond = (enum mh_icmp_kind)(MH_ICMP_OTHER + 1);

	ck_assert_str_eq(mh_icmp_text(beyond), mh_icmp_text(MH_ICMP_OTHER));
}
END_TEST

START_TEST(test_family)
{
	/* The example in the header. */
	ck_assert_str_eq(
	    mh_strerror(MH_EFAMILY), "no such address family here");
}
END_TEST

START_TEST(test_version)
{
	ck_assert_str_eq(mh_version(), PACKAGE_VERSION);
}
END_TEST

Suite *
error_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *tcase = tcase_create("error");

	tcase_add_loop_test(tcase, test_text, -MH_EAGAIN, 1 - MH_ESYSTEM);
	tcase_add_loop_test(tcase, test_unknown, 0, 6);
	tcase_add_loop_test(tcase, test_icmp, MH_ICMP_PORT, MH_ICMP_OTHER + 1);
	tcase_add_test(tcase, test_icmp_unknown);
	tcase_add_test(tcase, test_family);
	tcase_add_test(tcase, test_version);
	suite_add_tcase(suite, tcase);
	return suite;
}
