/* SPDX-License-Identifier: ISC */
/*
 * src/services/discard.c: no reply, on purpose.  Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

static const char *const requests[] = { "", "x", "a longer one" };

START_TEST(test_is_quiet)
{
	struct service_context context = { .node = "" };
	const char *reply;

	ck_assert_int_eq(ask_bytes(&service_discard, &context, requests[_i],
			     strlen(requests[_i]), &reply),
	    -SERVICE_QUIET);
}
END_TEST

Suite *
discard_suite(void)
{
	Suite *suite = suite_create("discard");
	TCase *tcase = ask_tcase("discard");

	tcase_add_loop_test(tcase, test_is_quiet, 0, LENGTH(requests));
	suite_add_tcase(suite, tcase);
	return suite;
}
