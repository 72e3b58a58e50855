/* SPDX-License-Identifier: ISC */
/*
 * src/services/beacon.c: both protocols to the octet, and nobody else's.  Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

enum { ANY, ONLY_PLAYFAB, ONLY_UNITY };

/* What a game called "g" asks, and what it gets. */
#define UNITY "59 00 02 67 07 3412 0102030405060708"
#define UNITY_REPLY "95 00 07 3412 0102030405060708"

static const struct {
	struct ask_message message;
	unsigned int protocol;
} cases[] = {
	{ { "PlayFab", "ffff", "0000", SERVICE_REPLY }, ANY },
	{ { "with data", "ffff 0102ffff 03", "0000 0102ffff 03",
	      SERVICE_REPLY },
	    ANY },
	{ { "the most", "ffff 01*30", "0000 01*30", SERVICE_REPLY }, ANY },
	{ { "too long", "ffff 01*31", NULL, SERVICE_MALFORMED }, ANY },
	{ { "only that", "ffff 01", "0000 01", SERVICE_REPLY }, ONLY_PLAYFAB },
	{ { "not that", "ffff 01", NULL, SERVICE_NOT_REQUEST }, ONLY_UNITY },
	{ { "its reply", "0000 01", NULL, SERVICE_NOT_REQUEST }, ANY },
	{ { "half of it", "ff", NULL, SERVICE_NOT_REQUEST }, ANY },
	{ { "nearly", "fffe 01", NULL, SERVICE_NOT_REQUEST }, ANY },
	{ { "nearly, too", "feff 01", NULL, SERVICE_NOT_REQUEST }, ANY },
	{ { "nothing", "", NULL, SERVICE_NOT_REQUEST }, ANY },
	{ { "Multiplay", UNITY, UNITY_REPLY, SERVICE_REPLY }, ANY },
	{ { "only that", UNITY, UNITY_REPLY, SERVICE_REPLY }, ONLY_UNITY },
	{ { "not that", UNITY, NULL, SERVICE_NOT_REQUEST }, ONLY_PLAYFAB },
	{ { "flow control is ours to say", "59 0f 02 67 07 3412 01*8",
	      "95 00 07 3412 01*8", SERVICE_REPLY },
	    ANY },
	{ { "the longest title", "59 00 ff 67*254 ff fffe 02*8",
	      "95 00 ff fffe 02*8", SERVICE_REPLY },
	    ANY },
	{ { "another version", "59 10 02 67 07 3412 01*8", NULL,
	      SERVICE_MALFORMED },
	    ANY },
	{ { "no title", "59 00 01 07 3412 01*8", NULL, SERVICE_MALFORMED },
	    ANY },
	{ { "no title, padded", "59 00 01 07 3412 01*9", NULL,
	      SERVICE_MALFORMED },
	    ANY },
	{ { "no length", "59 00 00 07 3412 01*10", NULL, SERVICE_MALFORMED },
	    ANY },
	{ { "a title beyond the end", "59 00 03 67 07 3412 01*8", NULL,
	      SERVICE_MALFORMED },
	    ANY },
	{ { "more after it", UNITY " 00", NULL, SERVICE_MALFORMED }, ANY },
	{ { "cut", "59 00 02 67 07 3412 01*7", NULL, SERVICE_MALFORMED }, ANY },
	{ { "one octet", "59", NULL, SERVICE_MALFORMED }, ANY },
	{ { "its reply", UNITY_REPLY, NULL, SERVICE_NOT_REQUEST }, ANY },
};

START_TEST(test_messages)
{
	const unsigned int settings = cases[_i].protocol;
	const struct service_context context = { .settings = &settings };

	ask_message(&service_beacon, &context, &cases[_i].message);
}
END_TEST

START_TEST(test_descriptor)
{
	ck_assert(service_beacon.distinct_replies);
	ck_assert_str_eq(
	    service_key_find(&service_beacon, "protocol")->argument,
	    "any|playfab|unity");
}
END_TEST

Suite *
beacon_suite(void)
{
	Suite *suite = suite_create("beacon");
	TCase *tcase = ask_tcase("beacon");

	tcase_add_loop_test(tcase, test_messages, 0, LENGTH(cases));
	tcase_add_test(tcase, test_descriptor);
	suite_add_tcase(suite, tcase);
	return suite;
}
