/* SPDX-License-Identifier: ISC */
/*
 * src/probe/shortage.c: what is a reason to wait, and how long.
 */
#include "probe/shortage.h"

#include "unit/probe/suites.h"

#define MS INT64_C(1000000)

static const struct {
	int status;
	bool ipv4, ipv6;
} codes[] = {
	{ 0, false, false },
	{ MH_EAGAIN, true, true },
	{ MH_ENOBUFFERS, true, true },
	{ MH_ENOMEMORY, true, true },
	{ MH_EINVALID, false, true },
	{ MH_EPERMISSION, false, false },
	{ MH_EUNREACHABLE, false, false },
	{ MH_ETOOBIG, false, false },
	{ MH_EGONE, false, false },
};

START_TEST(test_is)
{
	ck_assert_int_eq(
	    shortage_is(codes[_i].status, MH_FAMILY_IPV4), codes[_i].ipv4);
	ck_assert_int_eq(
	    shortage_is(codes[_i].status, MH_FAMILY_IPV6), codes[_i].ipv6);
}
END_TEST

/* Longer each time, but no longer than the least that can come free takes. */
START_TEST(test_paced)
{
	static const int64_t waits[] = { 20, 40, 80, 160, 320, 640, 640, 640 };
	struct shortage shortage = { .since = 0 };
	int64_t now = 1000 * MS;
	size_t i;

	for (i = 0; i < LENGTH(waits); i++) {
		ck_assert(shortage_wait(&shortage, MH_ENOBUFFERS, 0, now));
		ck_assert_int_eq(shortage.retry_at - now, waits[i] * MS);
		now = shortage.retry_at;
	}
	ck_assert_int_eq(shortage.since, 1000 * MS);
	/* A socket that is merely full is soon empty. */
	ck_assert(shortage_wait(&shortage, MH_EAGAIN, 0, now));
	ck_assert_int_eq(shortage.retry_at - now, MS);
}
END_TEST

static const struct {
	int status;
	int64_t sent_at, now; /* ms; it lasts since 1000 */
	bool waits;
} ends[] = {
	{ MH_ENOBUFFERS, 0, 30999, true },
	{ MH_ENOBUFFERS, 0, 31000, false },
	{ MH_EAGAIN, 0, 30999, true },
	{ MH_EAGAIN, 0, 31000, false },
	{ MH_EINVALID, 0, 5999, true },
	{ MH_EINVALID, 0, 6000, false },
	/* As long as others are asked, it may be next. */
	{ MH_ENOBUFFERS, 20000, 49999, true },
	{ MH_ENOBUFFERS, 20000, 50000, false },
	{ MH_EINVALID, 20000, 24999, true },
	{ MH_EINVALID, 20000, 25000, false },
	/* But not for ever. */
	{ MH_ENOBUFFERS, 300999, 300999, true },
	{ MH_ENOBUFFERS, 301000, 301000, false },
};

START_TEST(test_ends)
{
	struct shortage shortage = { .since = 1000 * MS };

	ck_assert_int_eq(shortage_wait(&shortage, ends[_i].status,
			     ends[_i].sent_at * MS, ends[_i].now * MS),
	    ends[_i].waits);
}
END_TEST

Suite *
probe_shortage_suite(void)
{
	Suite *suite = suite_create("probe shortage");
	TCase *tcase = tcase_create("shortage");

	tcase_add_loop_test(tcase, test_is, 0, LENGTH(codes));
	tcase_add_test(tcase, test_paced);
	tcase_add_loop_test(tcase, test_ends, 0, LENGTH(ends));
	suite_add_tcase(suite, tcase);
	return suite;
}
