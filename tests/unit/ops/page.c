/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/page.c: what a person reads, and that names are not markup.
 */
#include "daemon/ops/page.h"

#include "unit/ops/sample.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct strbuf text;

static void
setup(void)
{
	sample_make();
}

static void
print(void)
{
	struct snapshot_cursor cursor = { .part = 0 };

	while (page_step(&sample, &cursor, &text))
		continue;
	ck_assert(!text.lost);
}

static void
teardown(void)
{
	free(text.text);
	text = (struct strbuf){ .text = NULL };
}

static const char *const parts[] = {
	"<h1>multihomed on gate &lt;1&gt; &amp; co</h1>",
	"<p>NOT HEALTHY, ready; up 90 s; 3 workers; version ",
	"<tr><td>echo</td><td>[::]:7</td><td>96</td><td>76</td><td>5</td>"
	"<td>6</td><td>9</td><td>4</td></tr>\n",
	"<tr><td>echo:lab</td><td>192.0.2.1:7007</td><td>0</td><td>0</td>"
	"<td>0</td><td>0</td><td>0</td><td>0</td></tr>\n",
	"<h2>echo [::]:7</h2>",
	/* The interface, if it is known; self-probes apart. */
	"<tr><td>192.0.2.1</td><td>e&lt;0&gt;</td><td>12</td><td>0</td></tr>\n",
	"<tr><td>2001:db8::1</td><td></td><td>66</td><td>4</td></tr>\n",
	"<tr><td>source-gone</td><td>6</td></tr>\n",
	"<p>This service makes faults on purpose in its replies to peers in "
	"trust: drop every 5, source 10%; seed 42</p>\n",
	"<tr><td>source</td><td>0</td><td>7</td></tr>\n",
	"<a href=\"/metrics\">",
	/* By itself, without a script; and in the dark. */
	"<meta http-equiv=\"refresh\" content=\"10\">",
	"<meta name=\"color-scheme\" content=\"light dark\">",
};

START_TEST(test_has_each_part)
{
	print();
	ck_assert_msg(strstr(text.text, parts[_i]) != NULL, "no %s in\n%s",
	    parts[_i], text.text);
}
END_TEST

START_TEST(test_says_how_it_is)
{
	sample.healthy = true;
	sample.ready = false;
	sample.workers = 1;
	print();
	ck_assert_ptr_nonnull(
	    strstr(text.text, "<p>healthy, draining; up 90 s; 1 worker; "));
	/* Reasons that did not occur are not listed. */
	ck_assert_ptr_null(strstr(text.text, verdict_name(DROP_TOO_BIG)));
	ck_assert_ptr_null(strstr(text.text, "<script"));
}
END_TEST

/* There is no table of nothing. */
START_TEST(test_no_drops)
{
	const char *title = "<th>dropped</th><th>datagrams</th>";

	print();
	ck_assert_ptr_nonnull(strstr(text.text, title));
	text.length = 0;
	sample.bindings[0].counters[STATS_DROPPED + DROP_SOURCE_GONE] = 0;
	print();
	ck_assert_ptr_null(strstr(text.text, title));
}
END_TEST

/* All rows come before the first of the other tables. */
START_TEST(test_rows_then_details)
{
	const char *last, *first;

	print();
	last = strstr(text.text, "<tr><td>echo:lab</td>");
	first = strstr(text.text, "<h2>echo [::]:7</h2>");
	ck_assert_ptr_nonnull(last);
	ck_assert(first > last);
	ck_assert_ptr_nonnull(strstr(first, "<h2>echo:lab 192.0.2.1:7007"));
	ck_assert_ptr_null(strstr(first + 1, "<h2>echo [::]:7</h2>"));
}
END_TEST

/* Where there are none, there is no word of them. */
START_TEST(test_no_faults)
{
	sample.bindings[0].faults = (struct fault_rules){ .seed = 1 };
	print();
	ck_assert_ptr_null(strstr(text.text, "on purpose"));
	ck_assert_ptr_null(strstr(text.text, "fault"));
}
END_TEST

/* They are counted one after the other, while datagrams come. */
START_TEST(test_only_self_probes)
{
	sample.bindings[0].counters[STATS_OWN] = 1000;
	print();
	ck_assert_ptr_nonnull(strstr(text.text,
	    "<td>[::]:7</td><td>0</td><td>0</td><td>5</td><td>6</td>"
	    "<td>9</td><td>1000</td>"));
}
END_TEST

START_TEST(test_no_socket)
{
	sample.binding_count = 0;
	print();
	ck_assert_ptr_null(strstr(text.text, "<h2>"));
	ck_assert_ptr_nonnull(strstr(text.text, "</table></div>\n<p><a href="));
}
END_TEST

Suite *
page_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *tcase = tcase_create("page");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_has_each_part, 0, LENGTH(parts));
	tcase_add_test(tcase, test_says_how_it_is);
	tcase_add_test(tcase, test_no_drops);
	tcase_add_test(tcase, test_rows_then_details);
	tcase_add_test(tcase, test_no_faults);
	tcase_add_test(tcase, test_only_self_probes);
	tcase_add_test(tcase, test_no_socket);
	suite_add_tcase(suite, tcase);
	return suite;
}
