/* SPDX-License-Identifier: ISC */
/*
 * src/probe/threshold.c: what people write, when it is exceeded, and how it is
 * written again.
 */
#include "probe/threshold.h"

#include "unit/probe/suites.h"

#include <string.h>

static const struct {
	const char *text;
	const char *rta, *loss; /* as performance data; "": none */
} good[] = {
	{ "100,20%", "100", "20" },
	{ "100.0,20%", "100", "20" },
	{ "20%,100", "100", "20" },
	{ "0.5", "0.5", "" },
	{ "0", "0", "" },
	{ "33.333333%", "", "33.333333" },
	{ "100%", "", "100" },
	{ "0%", "", "0" },
	{ "86400000", "86400000", "" },
	{ "86399999.999999", "86399999.999999", "" },
};

START_TEST(test_good)
{
	struct threshold threshold;
	char why[THRESHOLD_WHY] = "", text[THRESHOLD_TEXT];

	ck_assert_msg(threshold_parse(&threshold, good[_i].text, why), "%s: %s",
	    good[_i].text, why);
	ck_assert_str_eq(threshold_format_rta(&threshold, text), good[_i].rta);
	ck_assert_str_eq(
	    threshold_format_loss(&threshold, text), good[_i].loss);
}
END_TEST

static const char *const bad[] = { "", ",", "100,", ",20%", "100,20", "20%,30%",
	"100,20%,5", "101%", "100.1%", "-1", "1e3", "100ms", ".5", "5.", "5.%",
	"0.1234567", "100 ,20%", "%", "86400001", "86400000.000001",
	"99999999999999999999" };

START_TEST(test_bad)
{
	struct threshold threshold;
	char why[THRESHOLD_WHY] = "", end[64];

	ck_assert_msg(
	    !threshold_parse(&threshold, bad[_i], why), "\"%s\"", bad[_i]);
	snprintf(
	    end, sizeof(end), "100,20%%, 100 or 20%%, not \"%s\"", bad[_i]);
	ck_assert_msg(strstr(why, end) != NULL, "%s", why);
}
END_TEST

/* Above it, not at it: so 100% of loss is never too much. */
START_TEST(test_exceeded)
{
	const struct threshold none = { .has_rta = false };
	struct threshold threshold;
	char why[THRESHOLD_WHY];

	ck_assert(threshold_parse(&threshold, "100,33.3%", why));
	ck_assert(!threshold_rta_exceeded(&threshold, 100e6));
	ck_assert(threshold_rta_exceeded(&threshold, 100e6 + 1));
	ck_assert(!threshold_loss_exceeded(&threshold, 100.0 * 333 / 1000));
	ck_assert(threshold_loss_exceeded(&threshold, 100.0 / 3));
	ck_assert(!threshold_rta_exceeded(&none, 1e18));
	ck_assert(!threshold_loss_exceeded(&none, 100));
	/* Of nothing at all there may be none. */
	ck_assert(threshold_parse(&threshold, "0%", why));
	ck_assert(!threshold_loss_exceeded(&threshold, 0));
	ck_assert(threshold_loss_exceeded(&threshold, 0.01));
	ck_assert(!threshold_rta_exceeded(&threshold, 1e18));
}
END_TEST

Suite *
probe_threshold_suite(void)
{
	Suite *suite = suite_create("probe threshold");
	TCase *tcase = tcase_create("threshold");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_test(tcase, test_exceeded);
	suite_add_tcase(suite, tcase);
	return suite;
}
